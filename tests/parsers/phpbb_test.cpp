#include <doctest/doctest.h>

#include "parsers/forum_times.h"
#include "parsers/parser.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::parsers;

namespace {

const Time kNow = *parse_rfc3339("2026-11-22T10:00:00Z");

std::string time_written(std::string_view text, Duration zone = Duration{0}) {
  const auto time = written_time(text, {zone, DayOrder::month_first, kNow});
  return time ? to_rfc3339(*time) : "none";
}

int minutes_of_zone(std::string_view footer) {
  return static_cast<int>(
      std::chrono::duration_cast<std::chrono::minutes>(stated_zone(footer).value_or(Duration{0})).count());
}

// The further pages that a page with this pagination names.
std::vector<Request> pages(const std::string& pagination, const std::string& own, const std::string& stamp) {
  Document document;
  document.url = own;
  document.request = {own, PageRole::thread, stamp};
  document.body = "<html><body id=\"phpbb\" class=\"section-viewtopic\"><div class=\"pagination\">" + pagination +
                  "</div><div id=\"p1\" class=\"post\"><div class=\"content\">words</div></div>";
  const ParsedPage page = find("phpbb")->parse(document);
  std::vector<Request> all = page.links;
  if (page.next) all.insert(all.begin(), *page.next);
  return all;
}

using Requests = std::vector<Request>;

std::string planned(std::string url) {
  config::SourceSpec source;
  source.url = std::move(url);
  const auto requests = find("phpbb")->plan(source, {});
  REQUIRE(requests.size() == 1);
  CHECK(requests.front().role == PageRole::entry);
  return requests.front().url;
}

ReadState state_of(std::string body, std::string url = "https://b.example/viewtopic.php?t=1") {
  Document document;
  document.url = document.request.url = std::move(url);
  document.body = std::move(body);
  return find("phpbb")->parse(document).state;
}

}  // namespace

TEST_CASE("phpBB: the one address of a page") {
  // As a page of a board leads on to them: from a topic to its further pages.
  const auto topic = [](const std::string& reference) {
    const auto found = pages("<a href=\"" + reference + "\">2</a>", "https://b.example/x/viewtopic.php?t=2", "");
    return found.empty() ? "none" : found.front().url;
  };
  const std::string second = "https://b.example/x/viewtopic.php?t=2&start=10";
  CHECK(topic("./viewtopic.php?f=1&t=2&sid=0&start=10") == second);
  CHECK(topic("viewtopic.php?start=10&t=2#p9") == second);
  for (const char* other : {"viewtopic.php?t=2&start=0", "viewtopic.php?t=2&start=-5", "viewtopic.php?p=9#p9",
                            "viewtopic.php?t=two&start=10", "viewforum.php?f=2&start=10",
                            "https://other.example/x/viewtopic.php?t=2&start=10"})
    CHECK(topic(other) == "none");
}

TEST_CASE("phpBB: a source begins at its own address in that form") {
  CHECK(planned("https://b.example/x/viewforum.php?f=3&sid=1#top") == "https://b.example/x/viewforum.php?f=3");
  CHECK(planned("https://b.example/viewtopic.php?f=3&t=4") == "https://b.example/viewtopic.php?t=4");
  CHECK(planned("https://b.example") == "https://b.example/");
  config::SourceSpec broken;
  broken.url = "no address";
  CHECK(find("phpbb")->plan(broken, {}).empty());
}

TEST_CASE("phpBB: times as boards older than <time> write them") {
  CHECK(time_written(" Sun May 26, 2019 4:34 pm ") == "2019-05-26T16:34:00Z");
  CHECK(time_written("Sun May 26, 2019 12:04 am") == "2019-05-26T00:04:00Z");
  CHECK(time_written("Sun May 26, 2019 12:04 pm") == "2019-05-26T12:04:00Z");
  CHECK(time_written("26 May 2019, 16:34") == "2019-05-26T16:34:00Z");
  CHECK(time_written("Thu Sept 5, 2013 1:02 am") == "2013-09-05T01:02:00Z");
  CHECK(time_written("26 May 2019, 16:34", std::chrono::hours(2)) == "2019-05-26T14:34:00Z");
  CHECK(time_written("Today, 9:15 am") == "2026-11-22T09:15:00Z");
  CHECK(time_written("Yesterday, 23:15") == "2026-11-21T23:15:00Z");
  CHECK(time_written("Today, 12:30 am", std::chrono::hours(14)) == "2026-11-22T10:30:00Z");
  CHECK(time_written("5 minutes ago") == "2026-11-22T09:55:00Z");
  CHECK(time_written("less than a minute ago") == "2026-11-22T10:00:00Z");
  for (const char* bad : {"", "yesterday", "Sun May 32, 2019 4:34 pm", "Sun May 26, 2019", "26 Foo 2019, 16:34",
                          "26 May 2019, 25:34", "ago", "99999999999999 minutes ago", "2000000000 minutes ago", ": : :"})
    CHECK_MESSAGE(time_written(bad) == "none", bad);
}

TEST_CASE("phpBB: the zone that the footer names") {
  CHECK(minutes_of_zone("All times are UTC") == 0);
  CHECK(minutes_of_zone("All times are UTC+02:00") == 120);
  CHECK(minutes_of_zone("All times are UTC-03:30") == -210);
  CHECK(minutes_of_zone("All times are UTC - 5 hours [ DST ]") == -240);
  CHECK(minutes_of_zone("All times are UTC [ DST ]") == 60);
  CHECK(minutes_of_zone("All times are UTC + 99 hours") == 0);
  CHECK(minutes_of_zone("no zone at all") == 0);
}

TEST_CASE("phpBB: a topic's later pages, the full ones once, the last with the topic's stamp") {
  const std::string three =
      "<a href=\"viewtopic.php?t=1\">1</a><a href=\"viewtopic.php?t=1&start=10\">2</a><a "
      "href=\"viewtopic.php?t=1&start=20\">3</a>";
  const std::string first_page = "https://b.example/viewtopic.php?t=1";
  const Request second{"https://b.example/viewtopic.php?t=1&start=10", PageRole::thread, "full"};
  const Request third{"https://b.example/viewtopic.php?t=1&start=20", PageRole::thread, "p9/20/"};
  CHECK(pages(three, first_page, "p9/20/") == Requests{second, third});
  CHECK(pages(three, "https://b.example/viewtopic.php?t=1&start=10", "full").empty());
  CHECK(pages(three, "https://b.example/viewtopic.php?t=1&start=20", "p9/20/").empty());
  CHECK(pages("", first_page, "s").empty());
}

TEST_CASE("phpBB: pages left out of a long pagination are known from its step") {
  const auto all =
      pages("<a href=\"viewtopic.php?t=1&start=25\">2</a> … <a href=\"viewtopic.php?t=1&start=225\">10</a>",
            "https://b.example/viewtopic.php?t=1", "s");
  REQUIRE(all.size() == 9);
  CHECK(all[3].url == "https://b.example/viewtopic.php?t=1&start=100");
  CHECK(all[7].stamp == "full");
  CHECK(all[8] == Request{"https://b.example/viewtopic.php?t=1&start=225", PageRole::thread, "s"});
}

TEST_CASE("phpBB: a pagination that claims millions of pages is followed a thousand at a time") {
  const auto all =
      pages("<a href=\"viewtopic.php?t=1&start=1\">2</a><a href=\"viewtopic.php?t=1&start=999999999\">x</a>",
            "https://b.example/viewtopic.php?t=1", "s");
  REQUIRE(all.size() == 1000);
  CHECK(all.back().stamp == "s");  // and so that page names the next thousand
}

TEST_CASE("phpBB: what a page is when it has no posts") {
  const std::string head = "<html><body id=\"phpbb\" class=\"section-viewtopic\"><div id=\"page-body\">";
  CHECK(state_of(head + "<div id=\"message\"><p>The requested topic does not exist.</p></div>") ==
        ReadState::error_page);
  CHECK(state_of(head + "<form id=\"login\"></form>") == ReadState::login_wall);
  CHECK(state_of(head + "<p>new markup</p>") == ReadState::changed);
  CHECK(state_of("<html><body><h1>It works!</h1>", "https://b.example/") == ReadState::not_ours);
  CHECK(state_of("", "https://b.example/") == ReadState::not_ours);
  CHECK(state_of("{\"error\":1}", "https://b.example/") == ReadState::not_ours);
}

TEST_CASE("phpBB: one post nested too deep costs only its own tree") {
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += "<blockquote>";
  const auto post = [](const std::string& id, const std::string& content) {
    return "<div id=\"p" + id +
           "\" class=\"post bg1\"><div class=\"postbody\"><h3><a href=\"#\">Re: Beds</a></h3><p class=\"author\">by "
           "<strong>"
           "<a class=\"username\" href=\"memberlist.php?mode=viewprofile&amp;u=5\">Ben</a></strong> &raquo; "
           "<time datetime=\"2026-05-02T08:00:00+00:00\">x</time></p><div class=\"content\">" +
           content + "</div></div></div>\n";
  };
  Document document;
  document.url = "https://b.example/viewtopic.php?t=1";
  document.body =
      "<html><body id=\"phpbb\" class=\"section-viewtopic\"><h2 class=\"topic-title\"><a "
      "href=\"viewtopic.php?t=1\">Beds</a></h2>"
      "<div class=\"pagination\"><a href=\"viewtopic.php?t=1&amp;start=3\">2</a></div>" +
      post("1", "before") + post("2", deep + "hwdemo words") + post("3", "after");
  const ParsedPage page = find("phpbb")->parse(document);
  CHECK(page.state == ReadState::ok);
  CHECK(page.warnings.size() == 1);
  REQUIRE(page.posts.size() == 3);
  CHECK(page.posts[0].text == "before");
  CHECK(page.posts[0].author == "Ben");
  CHECK(page.posts[1].id == "2");
  CHECK(page.posts[1].text.find("hwdemo words") != std::string::npos);
  CHECK(page.posts[2].text == "after");
  CHECK(page.posts[2].title == "Beds");
  REQUIRE(page.next.has_value());
  CHECK(page.next->url == "https://b.example/viewtopic.php?t=1&start=3");
}
