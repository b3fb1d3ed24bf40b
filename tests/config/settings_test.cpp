#include "config/settings.h"

#include <doctest/doctest.h>

#include "config/embedded.h"
#include "tests/support/support.h"

using namespace hw;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string_view> kKinds = {"phpbb", "nodebb", "feed"};

config::Settings settings(std::string_view text) {
  auto read = config::parse_settings(text, "/etc/handlewatch/h.yaml", kKinds);
  REQUIRE_OK(read);
  return std::move(*read);
}

std::string mistakes(std::string_view text) {
  const auto read = config::parse_settings(text, "h.yaml", kKinds);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == ErrorCode::configuration);
  return read.error().message;
}

constexpr std::string_view kFull = R"(
operator: {organisation: Org, contact: a@org.test, legal_basis: law, controller: Org, assessment: DPIA-1}
network: {allow: [127.0.0.0/8, 'fd00::/8', 10.1.2.3]}
sources:
  - {name: garden, kind: phpbb, url: 'HTTP://Forum.Test/viewforum.php?f=3', every: 1h, delay: 2s, limit: {pages: 7}}
  - {name: other.feed_1-x, url: 'https://forum.test:8443/feed', platform: theirs}
rules: [rules/a.yaml, /abs/b.yaml]
messengers: messengers.yaml
retention: {unreviewed: 1d, rejected: 2d, confirmed: 3d, bans: 4d}
review: {confirmations: 1}
)";

}  // namespace

TEST_CASE("everything that may stand in the file is read") {
  const config::Settings read = settings(kFull);
  CHECK(read.folder == "/etc/handlewatch");
  CHECK(read.operated_by.organisation == "Org");
  CHECK(read.operated_by.shortcomings().empty());
  CHECK(read.network_allow == std::vector<std::string>{"127.0.0.0/8", "fd00::/8", "10.1.2.3"});
  REQUIRE(read.sources.size() == 2);
  CHECK(read.sources[0].name == "garden");
  CHECK(read.sources[0].kind == "phpbb");
  CHECK(read.sources[0].url == "http://forum.test/viewforum.php?f=3");
  CHECK(read.sources[0].platform == "forum.test");
  CHECK(read.sources[0].every == 1h);
  CHECK(read.sources[0].delay == 2s);
  CHECK(read.sources[0].max_pages == 7);
  CHECK(read.sources[1].kind == "auto");
  CHECK(read.sources[1].platform == "theirs");
  CHECK(read.sources[1].every == 30min);
  CHECK(read.sources[1].delay == 5s);
  CHECK(read.rule_files == std::vector<std::string>{"/etc/handlewatch/rules/a.yaml", "/abs/b.yaml"});
  CHECK(read.messenger_files == std::vector<std::string>{"/etc/handlewatch/messengers.yaml"});
  CHECK(read.retention.unreviewed == std::chrono::days(1));
  CHECK(read.retention.bans == std::chrono::days(4));
  CHECK(read.review.confirmations == 1);
}

TEST_CASE("an empty file gives the defaults: nothing to crawl, two reviewers") {
  const config::Settings read = settings("");
  CHECK(read.sources.empty());
  CHECK(read.network_allow.empty());
  CHECK(read.rule_files.empty());
  CHECK(read.review.confirmations == 2);
  CHECK(read.retention.unreviewed == std::chrono::days(30));
  CHECK(read.operated_by.shortcomings().size() == 5);
}

// DESIGN §2.2: shipped configurations hold no ready-made queries; a real source needs a named operator.
TEST_CASE("the example that init writes is valid, names no source and no operator") {
  const config::Settings read = settings(config::example_settings());
  CHECK(read.sources.empty());
  CHECK(read.network_allow.empty());
  CHECK(read.operated_by.shortcomings().size() == 5);
  CHECK(read.review.confirmations == 2);
}

TEST_CASE("an operator who is not named is told what is missing, placeholders do not count") {
  const auto with_contact = [](const char* contact) {
    return config::Operator{"Org", contact, "law", "Org", "DPIA-1"}.shortcomings();
  };
  CHECK(with_contact("a@org.test").empty());
  CHECK(with_contact("https://org.test/crawler").empty());
  CHECK(with_contact("") == std::vector<std::string>{"operator.contact is missing"});
  CHECK(with_contact(" \t") == std::vector<std::string>{"operator.contact is missing"});
  CHECK(with_contact("the office") ==
        std::vector<std::string>{"operator.contact is neither a mail address nor a web page"});
  for (const char* placeholder : {"you@example.org", "a@EXAMPLE.com", "TODO", "changeme", "your mail", "…", "..."})
    CHECK_MESSAGE(with_contact(placeholder) == std::vector<std::string>{"operator.contact is a placeholder"},
                  std::string(placeholder));
  CHECK(config::Operator{"Example Organisation", "a@org.test", "law", "Org", "DPIA-1"}.shortcomings() ==
        std::vector<std::string>{"operator.organisation is a placeholder"});
}

TEST_CASE("each mistake has its place and its mend") {
  CHECK(mistakes("sources: [{name: a, url: 'https://f.test/', kind: phpbbb}]") ==
        "h.yaml:1:51: sources[0].kind: no adapter \"phpbbb\", did you mean \"phpbb\"?");
  CHECK(mistakes("sources: [{name: a, url: 'https://f.test/', kind: vbulletin}]") ==
        "h.yaml:1:51: sources[0].kind: no adapter \"vbulletin\"; there are auto, phpbb, nodebb, feed");
  CHECK(mistakes("sources: [{name: a, url: 'ftp://f.test/'}]") ==
        "h.yaml:1:26: sources[0].url: not a usable address: only http and https are read");
  CHECK(mistakes("sources: [{name: 'a b', url: 'https://f.test/'}]") ==
        "h.yaml:1:18: sources[0].name: a name has 1 to 64 letters, digits, '-', '_' or '.'");
  CHECK(mistakes("sources: [{url: 'https://f.test/'}]") == "h.yaml:1:11: sources[0]: \"name\" is required");
  CHECK(mistakes("sources:\n- name: a") == "h.yaml:2:3: sources[0]: \"url\" is required");
  CHECK(mistakes("sources: [{name: a, url: 'https://f.test/', every: 59s}]") ==
        "h.yaml:1:52: sources[0].every: must be at least 60s");
  CHECK(mistakes("sources: [{name: a, url: 'https://f.test/', limit: {pages: 0}}]") ==
        "h.yaml:1:60: sources[0].limit.pages: must be a whole number from 1 to 1000000");
  CHECK(mistakes("sources: [{name: a, url: 'https://f.test/'}, {name: a, url: 'https://g.test/'}]") ==
        "h.yaml:1:53: sources[1].name: two sources are named \"a\"");
  CHECK(mistakes("sources: {name: a}") ==
        "h.yaml:1:10: sources: must be a list, this is a mapping; begin each entry with \"- \"");
  CHECK(mistakes("retention: {rejected: 1h}") == "h.yaml:1:23: retention.rejected: must be at least 1d");
  CHECK(mistakes("review: {confirmations: 0}") ==
        "h.yaml:1:25: review.confirmations: must be a whole number from 1 to 5");
  CHECK(mistakes("source: []") == "h.yaml:1:1: unknown key \"source\", did you mean \"sources\"?");
  CHECK(mistakes("sources: [{name: a, url: 'https://f.test/', dealy: 5s}]") ==
        "h.yaml:1:45: unknown key \"dealy\", did you mean \"delay\"?");
}

TEST_CASE("an address range that is none is refused where it stands") {
  for (const char* range : {"localhost", "127.0.0.0/33", "127.0.0/8", "fd00::/129", "10.0.0.0/", "10.0.0.0/x",
                            "10.0.0.0/-1", "''", "10.0.0.0/8/8"})
    CHECK_MESSAGE(mistakes("network:\n  allow:\n    - " + std::string(range)) ==
                      "h.yaml:3:7: network.allow[0]: must be an address range such as 10.0.0.0/8 or fd00::/8",
                  std::string(range));
}

TEST_CASE("many mistakes come back at once, in the order of the file's sections") {
  const std::string told =
      mistakes("operator: {contct: x}\nsources: [{name: '', url: x}]\nreview: {confirmations: many}");
  CHECK(told.find("h.yaml:1:12: unknown key \"contct\", did you mean \"contact\"?\n") == 0);
  CHECK(told.find("\nh.yaml:2:") != std::string::npos);
  CHECK(told.find("\nh.yaml:3:25: review.confirmations") != std::string::npos);
}

TEST_CASE("a file is loaded by name, and one that cannot be read says why") {
  const test::TemporaryFolder folder;
  test::write_file(folder / "h.yaml", "rules: [a.yaml]");
  const auto read = config::load_settings((folder / "h.yaml").string(), kKinds);
  REQUIRE_OK(read);
  CHECK(read->rule_files == std::vector<std::string>{(folder / "a.yaml").string()});
  const auto absent = config::load_settings((folder / "none.yaml").string(), kKinds);
  REQUIRE_FALSE(absent.has_value());
  CHECK(absent.error().message.find("No such file") != std::string::npos);
}

TEST_CASE("credentials name environment variables; a secret written in their place is refused and not repeated") {
  const auto read =
      settings("sources: [{name: a, kind: feed, url: 'https://a.test/', credentials: {client_id: MY_ID, token: _T2}}]");
  CHECK(read.sources[0].credentials.at("client_id") == "MY_ID");
  CHECK(read.sources[0].credentials.at("token") == "_T2");
  for (const char* secret : {"hush-hush", "abc123", "1ABC", "''", "A B", "[A]"}) {
    const std::string told = mistakes(
        "sources: [{name: a, kind: feed, url: 'https://a.test/', credentials: {token: " + std::string(secret) + "}}]");
    CHECK(told.find("sources[0].credentials.token") != std::string::npos);
    CHECK(told.find("never the secret itself") != std::string::npos);
    CHECK(told.find("hush") == std::string::npos);
    CHECK(told.find("abc123") == std::string::npos);
  }
}
