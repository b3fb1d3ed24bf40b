// What an API's paging looks like to the crawler's eye for traps and barren pages: an address that grows, that repeats
// itself but for a cursor, and page after page with nothing new is how APIs are read to their end.
#include <filesystem>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/url.h"
#include "crawler/traps.h"
#include "parsers/parser.h"
#include "tests/support/process.h"
#include "web/server.h"

using namespace hw;
using hw::test::handlewatch;
using hw::test::TemporaryFolder;
using nlohmann::json;

namespace {

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// The addresses that a fixture's first line says its page leads to.
std::vector<std::string> addresses_in(const std::filesystem::path& expected) {
  const std::string text = test::read_file(expected);
  const json head = json::parse(text.substr(0, text.find('\n')));
  std::vector<std::string> out;
  std::vector<std::string> requests = head.at("links");
  if (head.contains("next")) requests.push_back(head.at("next"));
  for (const std::string& request : requests) {
    const std::size_t from = request.find(' ') + 1;
    out.push_back(request.substr(from, request.find(' ', from) - from));
  }
  return out;
}

constexpr int kPages = 70;
constexpr int kPageSize = 40;

// A server of kPages full pages of statuses, newest first, read by max_id as Mastodon's are.
web::HttpResponse timeline(const web::HttpRequest& request) {
  if (!request.path.starts_with("/api/v1/timelines/")) return {404, "text/plain", "", {}};
  const auto url = parse_url("http://a.invalid" + request.path + "?" + request.query);
  const std::string max_id = query_parameter(*url, "max_id");
  const std::string since_id = query_parameter(*url, "since_id");
  const int below = max_id.empty() ? 1000 + kPages * kPageSize : std::stoi(max_id);
  const int above = since_id.empty() ? 999 : std::stoi(since_id);
  json statuses = json::array();
  for (int id = below - 1; id > above && static_cast<int>(statuses.size()) < kPageSize; --id)
    statuses.push_back({{"id", std::to_string(id)},
                        {"content", "<p>beans, number " + std::to_string(id) + "</p>"},
                        {"visibility", "public"},
                        {"account", {{"id", "1"}, {"acct", "leaf"}}}});
  const bool more = below - kPageSize > above + 1;
  web::HttpResponse response{200, "application/json", statuses.dump(), {}};
  if (more) response.headers.push_back({"Link", "<http://a.invalid/>; rel=\"next\""});
  return response;
}

}  // namespace

TEST_CASE("no address that an adapter leads to is taken for a trap, or for a visitor's") {
  std::size_t asked = 0;
  for (const parsers::Parser& parser : parsers::all())
    for (const auto& entry : std::filesystem::directory_iterator(test::fixture(parser.name))) {
      if (!entry.path().string().ends_with(".expected.jsonl")) continue;
      for (const std::string& address : addresses_in(entry.path())) {
        const auto url = parse_url(address);
        REQUIRE_OK(url);
        CHECK_MESSAGE(crawler::trap_in(*url, 2026) == "", address);
        CHECK(crawler::without_visitor(*url).text() == url->text());
        ++asked;
      }
    }
  CHECK(asked > 100);
}

TEST_CASE("a search as long as X takes them is read beyond its first page; an address that grows by itself is not") {
  std::string words = "https://x.com/search?q=seeds";
  for (int i = 0; i < 100; ++i) words += fmt::format("%20OR%20%22seed%20{}%22", i);
  config::SourceSpec source;
  source.url = words;
  const auto planned = parsers::find("x")->plan(source, {});
  REQUIRE(planned.size() == 1);
  Document document;
  document.request = planned.front();
  document.url = planned.front().url;
  document.body = R"({"data":[{"id":"17","text":"words"}],"meta":{"result_count":1,"next_token":"b26v89c19zqg8o3f"}})";
  const auto page = parsers::find("x")->parse(document);
  REQUIRE(page.next.has_value());
  const auto next = parse_url(page.next->url);
  REQUIRE(next->query.size() > 1500);
  CHECK(crawler::trap_in(*next, 2026) == "an address without end");
  CHECK(crawler::trap_in(*next, 2026, parse_url(words)->query.size()) == "");
  CHECK_FALSE(crawler::trap_in(*next, 2026, 100).empty());
}

TEST_CASE("a long timeline is read to its end, also where another source has read every post of it before") {
  const auto server = web::Server::start(timeline);
  REQUIRE_OK(server);
  const TemporaryFolder folder;
  REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
  test::write_file(folder / "d/handlewatch.yaml",
                   fmt::format("network: {{allow: [127.0.0.0/8]}}\nsources:\n"
                               "  - {{name: all, kind: mastodon, url: '{0}public', delay: 0s, platform: it}}\n"
                               "  - {{name: tag, kind: mastodon, url: '{0}tags/beans', delay: 0s, platform: it}}\n",
                               server->url()));
  const std::string posts = std::to_string(kPages * kPageSize);
  const auto first = handlewatch(folder / "d", {"crawl", "all"});
  CHECK_MESSAGE(says(first.out, posts + " posts, " + posts + " new"), first.out << first.err);
  const auto known = handlewatch(folder / "d", {"crawl", "tag"});
  CHECK_MESSAGE(says(known.out, posts + " posts, 0 new"), known.out << known.err);
  const auto before = server->requests();
  handlewatch(folder / "d", {"crawl", "all", "tag"});
  CHECK(server->requests() - before == 2);
}
