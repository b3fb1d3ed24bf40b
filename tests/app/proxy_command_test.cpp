// A source with a proxy, as its operator sees it: what the guard no longer sees is said where they look.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/crawler/raw_server.h"
#include "tests/support/process.h"

using namespace hw;
using hw::test::handlewatch;

namespace {

constexpr std::string_view kSeen = "the address guard sees addresses that are written as such, not where a name leads";

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// It answers for the sites behind it, which do not exist.
struct Proxied {
  test::RawServer proxy{[](test::Connection& connection, const std::string& first) {
    for (std::string head = first; !head.empty(); head = connection.read_head())
      connection.send(holds(head, "/robots.txt") ? test::answer("404 Not Found", "", "")
                                                 : test::page("<p>nothing but a page</p>"));
  }};
  test::TemporaryFolder folder;
  std::string url = "http://127.0.0.1:" + std::to_string(proxy.port());

  explicit Proxied(const std::string& more = "", const std::string& site = "http://forum.invalid/") {
    REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
    test::write_file(folder / "d/handlewatch.yaml",
                     "operator: {organisation: Test Hotline, contact: crawler@hotline.test, legal_basis: a mandate, "
                     "controller: Test Hotline, assessment: T-1}\n"
                     "sources:\n  - {name: garden, kind: generic, url: '" +
                         site + "', delay: 1s, proxy: '" + url + "'" + more + "}\n");
  }
  test::Outcome run(std::vector<std::string> arguments) const {
    return handlewatch(folder / "d", std::move(arguments));
  }
};

}  // namespace

TEST_CASE("a proxy is shown by sources list, sources check, crawl and fetch, with what it hides") {
  const Proxied world;
  const auto listed = world.run({"sources", "list", "--format", "jsonl"});
  CHECK(nlohmann::json::parse(listed.out)["proxy"] == world.url);
  const auto checked = world.run({"sources", "check", "garden"});
  CHECK(holds(checked.out, "by the proxy " + world.url + ": "));
  CHECK(holds(checked.out, kSeen));
  const auto crawled = world.run({"crawl", "garden"});
  CHECK(holds(crawled.err, "source garden is read by the proxy " + world.url));
  CHECK(holds(crawled.out, "1 pages"));
  const auto fetched = world.run({"fetch", "http://forum.invalid/x"});
  CHECK(fetched.status == 0);
  CHECK(holds(fetched.out, kSeen));
  for (const std::string& head : world.proxy.heads()) CHECK(holds(head, "http://forum.invalid/"));
}

TEST_CASE("an address inside is refused behind a proxy, and fetch says so") {
  const Proxied world("", "http://10.0.0.1/");
  const auto fetched = world.run({"fetch", "http://10.0.0.1/"});
  CHECK(fetched.status == 1);
  CHECK(holds(fetched.out, "it is a private address, and no proxy is asked for that"));
  CHECK(world.proxy.connections() == 0);
}

TEST_CASE("a proxy's password comes from the environment, and its absence is told") {
  const Proxied world(", proxy_credentials: {user: HW_TEST_PROXY_USER, password: HW_TEST_PROXY_PASSWORD}");
  const auto without = world.run({"fetch", "http://forum.invalid/"});
  CHECK(without.status == 2);
  CHECK(holds(without.err, "HW_TEST_PROXY_"));
  test::Invocation invocation;
  invocation.arguments = {"--data", (world.folder / "d").string(), "fetch", "--headers", "http://forum.invalid/"};
  invocation.environment = {{"HW_TEST_PROXY_USER", "gate"}, {"HW_TEST_PROXY_PASSWORD", "sesame"}};
  const auto with = test::run(invocation);
  CHECK(with.status == 0);
  REQUIRE_FALSE(world.proxy.heads().empty());
  CHECK(holds(world.proxy.heads().front(), "Proxy-Authorization: Basic Z2F0ZTpzZXNhbWU="));
  CHECK_FALSE(holds(with.out + with.err, "sesame"));
}
