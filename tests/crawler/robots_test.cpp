#include "crawler/robots.h"

#include <chrono>
#include <filesystem>

#include <doctest/doctest.h>

#include "crawler/robots_policy.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;

namespace {

bool allows(std::string_view body, std::string_view target, std::string_view product = "handlewatch") {
  return judge(parse_robots(body, product), target).allowed;
}

}  // namespace

// RFC 9309 §2.2.1: "Crawlers MUST use case-insensitive matching to find the group that matches the product token".
TEST_CASE("robots: the product token is matched without case") {
  CHECK_FALSE(allows("User-Agent: HandleWatch\nDisallow: /\n", "/x"));
  CHECK_FALSE(allows("uSER-aGENT: HANDLEWATCH\ndisALLOW: /\n", "/x"));
  CHECK(allows("User-agent: handlewatchers\nDisallow: /\n", "/x"));
  CHECK(allows("User-agent: handle\nDisallow: /\n", "/x"));
}

// §2.2.1: "product token … MUST contain only uppercase and lowercase letters, underscores, and hyphens"; what follows
// it, such as a version, is not part of it.
TEST_CASE("robots: a version behind the token does not hide it") {
  CHECK_FALSE(allows("User-agent: handlewatch/1.0\nDisallow: /\n", "/x"));
  CHECK_FALSE(allows("User-agent: handlewatch (all versions)\nDisallow: /\n", "/x"));
  CHECK(allows("User-agent: handlewatch-news\nDisallow: /\n", "/x"));
}

// §2.2.1: "If there is more than one group matching the user-agent, the matching groups' rules MUST be combined into
// one".
TEST_CASE("robots: groups that name the same product are one") {
  const std::string_view body =
      "user-agent: handlewatch\ndisallow: /a\nuser-agent: other\ndisallow: /b\nuser-agent: HandleWatch\ndisallow: /c\n";
  CHECK_FALSE(allows(body, "/a"));
  CHECK(allows(body, "/b"));
  CHECK_FALSE(allows(body, "/c"));
}

// §2.2.1: "If no matching group exists, crawlers MUST obey the group with a user-agent line with the "*" value, if
// present. If no group satisfies either condition … then no rules apply."
TEST_CASE("robots: the group for everybody counts only where no group names the product") {
  CHECK_FALSE(allows("user-agent: *\ndisallow: /\n", "/x"));
  CHECK(allows("user-agent: *\ndisallow: /\nuser-agent: handlewatch\ndisallow: /private\n", "/x"));
  CHECK(allows("user-agent: handlewatch\nallow: /\nuser-agent: *\ndisallow: /\n", "/x"));
  CHECK(allows("user-agent: other\ndisallow: /\n", "/x"));
  CHECK(allows("", "/x"));
  CHECK_FALSE(
      allows("user-agent: *\ndisallow: /a\nuser-agent: other\ndisallow: /b\nuser-agent: *\ndisallow: /c\n", "/c"));
  CHECK(allows("user-agent: *\ndisallow: /\n\nuser-agent: handlewatch\n\n", "/x"));  // named, with no rules
}

// §2.1, §2.2: several user-agent lines begin one group; a user-agent line after rules begins the next.
TEST_CASE("robots: user-agent lines that follow each other share their rules") {
  const std::string_view body =
      "user-agent: other\nuser-agent: handlewatch\ndisallow: /a\nuser-agent: third\ndisallow: /b\n";
  CHECK_FALSE(allows(body, "/a"));
  CHECK(allows(body, "/b"));
  CHECK_FALSE(allows(body, "/a", "other"));
  CHECK(allows("disallow: /\nuser-agent: *\ndisallow: /a\n", "/x"));  // rules before any group are nobody's
}

// §2.2.4: "Crawlers MAY interpret other records … Parsing of other records MUST NOT interfere with the parsing of
// explicitly defined records".
TEST_CASE("robots: unknown lines and sitemaps do not divide a group") {
  const std::string_view body =
      "user-agent: handlewatch\nSitemap: https://a.test/s.xml\nhost: x\ncrawl-delay: 3\nuser-agent: other\n"
      "noindex: /n\ndisallow: /a\nsitemap:https://a.test/t.xml # two\n";
  CHECK_FALSE(allows(body, "/a"));
  CHECK_FALSE(allows(body, "/a", "other"));
  CHECK(parse_robots(body).sitemaps == std::vector<std::string>{"https://a.test/s.xml", "https://a.test/t.xml"});
  CHECK(parse_robots(body).crawl_delay == 3s);
  CHECK_FALSE(parse_robots(body, "other").crawl_delay.has_value());
}

// §2.2.2: "matching … MUST start with the first octet of the path … SHOULD be case sensitive".
TEST_CASE("robots: paths are prefixes and have case") {
  const std::string_view body = "user-agent: *\ndisallow: /fish\n";
  for (const char* target : {"/fish", "/fish.html", "/fish/salmon", "/fishheads", "/fish?id=1"})
    CHECK_FALSE(allows(body, target));
  for (const char* target : {"/Fish", "/catfish", "/?id=fish", "/"}) CHECK(allows(body, target));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /viewtopic.php?f=3\n", "/viewtopic.php?f=3&t=1"));
  CHECK(allows("user-agent: *\ndisallow: /viewtopic.php?f=3\n", "/viewtopic.php?t=1"));
}

// §2.2.2: "The most specific match found MUST be used. The most specific match is the match that has the most octets."
TEST_CASE("robots: the longest match wins, wherever it stands") {
  CHECK(allows("user-agent: *\ndisallow: /\nallow: /page\n", "/page"));
  CHECK(allows("user-agent: *\nallow: /page\ndisallow: /\n", "/page"));
  CHECK_FALSE(allows("user-agent: *\nallow: /p\ndisallow: /page\n", "/page"));
  CHECK_FALSE(allows("user-agent: *\nallow: /page\ndisallow: /*.htm\n", "/page.htm"));
  CHECK(allows("user-agent: *\nallow: /$\ndisallow: /\n", "/"));
  CHECK_FALSE(allows("user-agent: *\nallow: /$\ndisallow: /\n", "/page.htm"));
  // §5.2 of the RFC
  const std::string_view example =
      "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n";
  CHECK(allows(example, "/example/page/x", "foobot"));
  CHECK_FALSE(allows(example, "/example/page/disallowed.gif", "foobot"));
}

// §2.2.2: "If an "allow" rule and a "disallow" rule are equivalent, then the "allow" rule SHOULD be used."
TEST_CASE("robots: allow wins a tie") {
  CHECK(allows("user-agent: *\ndisallow: /page\nallow: /page\n", "/page"));
  CHECK(allows("user-agent: *\nallow: /page\ndisallow: /page\n", "/page"));
}

// §2.2.2: "If no match is found … the URI is allowed. The /robots.txt URI is implicitly allowed."
TEST_CASE("robots: what no rule speaks of is allowed, and /robots.txt always") {
  CHECK(allows("user-agent: *\ndisallow: /a\n", "/b"));
  CHECK(allows("user-agent: *\ndisallow: /\n", "/robots.txt"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /\n", "/robots.txt/x"));
  CHECK(allows("user-agent: *\ndisallow:\n", "/b"));
  CHECK(allows("user-agent: *\ndisallow:   # nothing\nallow:\n", "/b"));
}

// §2.2.2, Table 4: octets outside ASCII and reserved ones are compared percent-encoded, the rest decoded.
TEST_CASE("robots: percent-encoding does not matter") {
  CHECK_FALSE(allows("user-agent: *\ndisallow: /foo/bar?baz=quz\n", "/foo/bar?baz=quz"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /foo/bar?baz=http://foo.bar\n", "/foo/bar?baz=http://foo.bar"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /foo/bar/\xE3\x83\x84\n", "/foo/bar/%E3%83%84"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /foo/bar/%E3%83%84\n", "/foo/bar/%e3%83%84"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /foo/bar/%62%61%7A\n", "/foo/bar/baz"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /foo/bar/baz\n", "/foo/bar/%62%61%7A"));
  CHECK(allows("user-agent: *\ndisallow: /a%2Fb\n", "/a/b"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /a%2fb\n", "/a%2Fb"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /100%\n", "/100%"));  // no escape at all
  CHECK_FALSE(allows("user-agent: *\ndisallow: /x%zz\n", "/x%zz"));
}

// §2.2.3: "*" designates 0 or more instances of any character, "$" the end of the match pattern.
TEST_CASE("robots: star and dollar") {
  CHECK_FALSE(allows("user-agent: *\ndisallow: /*.php\n", "/folder/filename.php?parameters"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: *.php\n", "/index.php"));
  CHECK(allows("user-agent: *\ndisallow: /*.php$\n", "/filename.php?parameters"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /*.php$\n", "/filename.php"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /fish*.php\n", "/fishheads/catfish.php?x"));
  CHECK(allows("user-agent: *\ndisallow: /fish*.php\n", "/Fish.PHP"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /a*b*c$\n", "/a-b-c-b-c"));
  CHECK(allows("user-agent: *\ndisallow: /a*b*c$\n", "/a-c-b"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /***\n", "/"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /a*$\n", "/abc"));
  CHECK(allows("user-agent: *\ndisallow: /a$b\n", "/ab"));     // a dollar elsewhere is a plain character …
  CHECK(allows("user-agent: *\ndisallow: /ab*ab$\n", "/ab"));  // pieces do not overlap
}

// §2.2.3: "If crawlers match special characters verbatim against the URI, crawlers SHOULD use "%" encoding", Table 6.
TEST_CASE("robots: star and dollar themselves are written as escapes") {
  CHECK_FALSE(allows("user-agent: *\ndisallow: /path/file-with-a-%2A.html\n", "/path/file-with-a-*.html"));
  CHECK(allows("user-agent: *\ndisallow: /path/file-with-a-%2A.html\n", "/path/file-with-a-b.html"));
  CHECK_FALSE(allows("user-agent: *\ndisallow: /path/foo-%24\n", "/path/foo-$"));
  CHECK(allows("user-agent: *\ndisallow: /path/foo-%24\n", "/path/foo-"));
}

// §2.2: the grammar: EOL = CR / LF / CRLF, comments from "#", blanks around everything.
TEST_CASE("robots: line ends, comments, blanks and a byte-order mark") {
  for (const char* body :
       {"user-agent: *\rdisallow: /\r", "user-agent: *\r\ndisallow: /\r\n", "user-agent: *\n\n\ndisallow: /",
        "\xEF\xBB\xBFuser-agent: *\ndisallow: /", "  user-agent \t:  * # all\n\t disallow : / # no\n",
        "# hello\nuser-agent: *#x\n#disallow: /b\ndisallow: /#\n", "user-agent *\ndisallow /\n"})
    CHECK_FALSE_MESSAGE(allows(body, "/x"), body);
  CHECK(allows("user-agent: *\n# disallow: /\n", "/x"));
}

TEST_CASE("robots: the rule that decided is told with its line") {
  const auto decision = judge(parse_robots("user-agent: *\r\n\r\nallow: /a\r\ndisallow: /a/b # no\r\n"), "/a/b/c");
  CHECK_FALSE(decision.allowed);
  CHECK(decision.rule == "Disallow: /a/b");
  CHECK(decision.line == 4);
}

TEST_CASE("robots: Crawl-delay takes seconds, also fractions, and no nonsense") {
  CHECK(parse_robots("user-agent: *\ncrawl-delay: 2.5\n").crawl_delay == 2500ms);
  CHECK(parse_robots("user-agent: *\ncrawl-delay: 1e300\n").crawl_delay == 24h);
  for (const char* value : {"-1", "nan", "soon", ""})
    CHECK_FALSE(parse_robots(std::string("user-agent: *\ncrawl-delay: ") + value).crawl_delay.has_value());
}

// §2.5: "The parsing limit MUST be at least 500 kibibytes".
TEST_CASE("robots: 500 KiB are parsed, and what comes after 512 KiB is not") {
  std::string body = "user-agent: *\n";
  while (body.size() < (500U << 10)) body += "disallow: /some/long/path/that/fills/the/file\n";
  CHECK_FALSE(allows(body + "disallow: /last\n", "/last"));
  body.resize(512U << 10, '#');
  CHECK(allows(body + "\ndisallow: /last\n", "/last"));
}

// §2.3.1: access results.
TEST_CASE("robots: what an answer to robots.txt means") {
  const Url url = *parse_url("http://a.test/x");
  const auto verdict = [&](int status) {
    return RobotsPolicy({status, "user-agent: *\ndisallow: /y\n", {}}).judge(url).allowed;
  };
  CHECK(verdict(200));
  for (const int status : {400, 404, 410, 418, 499}) CHECK(verdict(status));      // §2.3.1.3: unavailable
  for (const int status : {401, 403, 429, 451}) CHECK_FALSE(verdict(status));     // stricter than the RFC
  for (const int status : {500, 502, 503, 599, 0}) CHECK_FALSE(verdict(status));  // §2.3.1.4: unreachable
  for (const int status : {200, 204, 401, 403, 404, 451}) CHECK(settles_robots(status));
  for (const int status : {0, 301, 304, 429, 500, 503}) CHECK_FALSE(settles_robots(status));
  CHECK_FALSE(RobotsPolicy({200, "user-agent: *\ndisallow: /x\n", {}}).judge(url).allowed);
  CHECK(RobotsPolicy({404, "user-agent: *\ndisallow: /x\n", {}}).judge(url).allowed);  // an error page holds no rules
}

// §2.4: "Crawlers SHOULD NOT use the cached version for more than 24 hours".
TEST_CASE("robots: an answer counts for a day, and not on a clock that was set back") {
  const Time now = *parse_rfc3339("2026-11-22T10:00:00Z");
  const RobotsPolicy policy({200, "", now});
  CHECK(policy.fresh(now));
  CHECK(policy.fresh(now + 24h - 1ms));
  CHECK_FALSE(policy.fresh(now + 24h));
  CHECK_FALSE(policy.fresh(now - 1ms));
}

TEST_CASE("robots: hostile files cost no more than their size") {
  std::string stars = "user-agent: *\n";
  while (stars.size() < (500U << 10)) stars += "disallow: /" + std::string(40, '*') + "a*a*a*a*a*a*a*a*b$\n";
  std::string one_line = "user-agent: *\ndisallow: /";
  for (int i = 0; i < 120000; ++i) one_line += "a*";
  const std::string target = "/" + std::string(8000, 'a');
  const auto begun = std::chrono::steady_clock::now();
  CHECK(allows(stars, target));
  CHECK(allows(one_line + "b\n", target));
  CHECK(std::chrono::steady_clock::now() - begun < 20s);
}

TEST_CASE("robots: every recorded file is read, and quickly") {
  const auto folder = test::recorded("fixtures/protego_robots/tests/test_data");
  if (!folder) return;
  std::size_t files = 0;
  std::size_t with_rules = 0;
  const auto begun = std::chrono::steady_clock::now();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(*folder)) {
    if (!entry.is_regular_file()) continue;
    const Robots robots = parse_robots(test::read_file(entry.path()));
    ++files;
    with_rules += robots.rules.empty() ? 0 : 1;
    for (const RobotsRule& rule : robots.rules) CHECK((rule.pattern.front() == '/' || rule.pattern.front() == '*'));
    judge(robots, "/viewtopic.php?f=3&t=1");
    CHECK(judge(robots, "/robots.txt").allowed);
  }
  CHECK(files > 1000);
  CHECK(with_rules > files / 2);
  CHECK(std::chrono::steady_clock::now() - begun < 20s);
}
