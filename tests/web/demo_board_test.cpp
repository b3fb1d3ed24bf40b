#include "web/demo_board.h"

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include <doctest/doctest.h>

#include "common/json.h"
#include "common/text.h"
#include "tests/support/support.h"

namespace {

using namespace hw;

const web::DemoBoard& board() {
  static const web::DemoBoard kBoard = [] {
    auto created = web::DemoBoard::create();
    REQUIRE_OK(created);
    return std::move(*created);
  }();
  return kBoard;
}

std::string page(std::string_view path, std::string_view query = "") {
  const web::HttpResponse response = board().answer(path, query);
  REQUIRE(response.status == 200);
  return response.body;
}

std::vector<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex expression(pattern);
  std::vector<std::string> out;
  for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at) out.push_back((*at)[1]);
  return out;
}

// Follows rel=next until there is none, as a visitor does, and hands each page on.
template <class Visit>
void walk(std::string path, std::string query, const Visit& visit) {
  for (int pages = 0; pages < 20; ++pages) {
    const std::string html = page(path, query);
    visit(html);
    const auto next = matches(html, "href=\"\\./([^\"]*)\" rel=\"next\"");
    if (next.empty()) return;
    const std::string address = std::regex_replace(next.front(), std::regex("&amp;"), "&");
    path = "/" + address.substr(0, address.find('?'));
    query = address.substr(address.find('?') + 1);
  }
  FAIL("pagination does not end");
}

}  // namespace

TEST_CASE("the index names every forum, each forum's pages name its topics once, each topic's pages its posts once") {
  CHECK(matches(page("/"), "class=\"forumtitle\">([^<]*)<").size() == board().forums().size());
  CHECK(page("/index.php", "sid=0123456789abcdef0123456789abcdef") ==
        page("/", "sid=0123456789abcdef0123456789abcdef"));
  std::multiset<std::string> topics;
  for (std::size_t forum = 1; forum <= board().forums().size(); ++forum)
    walk("/viewforum.php", "f=" + std::to_string(forum), [&](const std::string& html) {
      for (const std::string& number : matches(html, "viewtopic\\.php\\?t=(\\d+)[^\"]*\" class=\"topictitle\""))
        topics.insert(number);
    });
  CHECK(topics.size() == board().topics().size());
  std::multiset<std::string> posts;
  for (const std::string& topic : topics) {
    CHECK(topics.count(topic) == 1);
    walk("/viewtopic.php", "t=" + topic, [&](const std::string& html) {
      for (const std::string& id : matches(html, "<div id=\"p(\\d+)\" class=\"post ")) posts.insert(id);
    });
  }
  CHECK(posts.size() == board().posts().size());
  for (const Post& post : board().posts()) CHECK(posts.count(post.id) == 1);
}

TEST_CASE("forums and topics are paginated, so that a crawl has to follow it") {
  const auto next_on = [](const char* path, const std::string& query) {
    return page(path, query).find("rel=\"next\"") != std::string::npos;
  };
  bool forum = false;
  bool topic = false;
  for (std::size_t at = 1; at <= board().forums().size(); ++at)
    forum |= next_on("/viewforum.php", "f=" + std::to_string(at));
  for (std::size_t at = 1; at <= board().topics().size(); ++at)
    topic |= next_on("/viewtopic.php", "t=" + std::to_string(at));
  CHECK(forum);
  CHECK(topic);
}

TEST_CASE("the hooks of a phpBB page are there") {
  const std::string html = page("/viewtopic.php", "t=1");
  for (const char* hook :
       {"<body id=\"phpbb\"", "<div class=\"postbody\">", "<div class=\"content\">", "<p class=\"author\">",
        "class=\"username\">", "<time datetime=\"2026-", "<div class=\"pagination\">"})
    CHECK_MESSAGE(html.find(hook) != std::string::npos, hook);
  CHECK(matches(page("/"), "<dd class=\"lastpost\">[^\n]*(<time datetime)").size() == board().forums().size());
}

TEST_CASE("every address of the board on a page carries a session that is kept once it is sent") {
  const std::string first = page("/viewforum.php", "f=1");
  std::set<std::string> sessions;
  for (const std::string& address : matches(first, "href=\"\\./([^\"]*)\"")) {
    const auto sid = matches(address, "[?;]sid=([0-9a-f]{32})");
    REQUIRE_MESSAGE(sid.size() == 1, address);
    sessions.insert(sid.front());
  }
  REQUIRE(sessions.size() == 1);
  CHECK(page("/").find(*sessions.begin()) == std::string::npos);
  CHECK(page("/", "sid=" + *sessions.begin()).find(*sessions.begin()) != std::string::npos);
}

TEST_CASE("a session that is no session is not echoed") {
  const std::string html = page("/", "sid=\"><script>alert(1)</script>");
  CHECK(html.find("<script>") == std::string::npos);
}

TEST_CASE("a post's own address shows the page that holds it") {
  for (const Post& post : board().posts())
    CHECK(page("/viewtopic.php", "p=" + post.id).find("<div id=\"p" + post.id + "\"") != std::string::npos);
}

TEST_CASE("robots.txt keeps crawlers off the members' pages") {
  CHECK(page("/robots.txt").find("Disallow: /memberlist.php\n") != std::string::npos);
  CHECK(board().answer("/robots.txt", "").content_type.starts_with("text/plain"));
}

TEST_CASE("what does not exist is a 404 page of the board") {
  for (const auto& [path, query] :
       std::vector<std::pair<const char*, const char*>>{{"/viewtopic.php", "t=0"},
                                                        {"/viewtopic.php", "t=999"},
                                                        {"/viewtopic.php", "t=1&start=999"},
                                                        {"/viewtopic.php", "t=-1"},
                                                        {"/viewtopic.php", "p=1"},
                                                        {"/viewtopic.php", "p="},
                                                        {"/viewtopic.php", ""},
                                                        {"/viewforum.php", "f=99999999999999999999"},
                                                        {"/viewforum.php", "f=0"},
                                                        {"/memberlist.php", ""},
                                                        {"/download/file.php", "avatar=101.png"},
                                                        {"", ""},
                                                        {"/..", ""}}) {
    const web::HttpResponse response = board().answer(path, query);
    CHECK(response.status == 404);
    CHECK(response.body.find("<body id=\"phpbb\"") != std::string::npos);
  }
}

TEST_CASE("a post's text comes out as text, whatever it holds") {
  auto hostile = web::DemoBoard::create(
      R"({"id":"1","source":"<b>","author":"\"x\"","title":"&lt;","text":"<script>a</script>\nb & c","created_at":"2026-01-01T00:00:00Z"})");
  REQUIRE_OK(hostile);
  const std::string html = hostile->answer("/viewtopic.php", "t=1").body;
  CHECK(html.find("&lt;script&gt;a&lt;/script&gt;<br>\nb &amp; c") != std::string::npos);
  CHECK(html.find("<script>") == std::string::npos);
  CHECK(html.find("&amp;lt;") != std::string::npos);
}

TEST_CASE("posts that make no board are refused with their line") {
  const auto message = [](std::string_view jsonl) { return web::DemoBoard::create(jsonl).error().message; };
  CHECK(message("\n{}") == "demo board, line 2: \"id\" is required");
  CHECK(message(R"({"id":"1","text":"a"})") == "demo board, line 1: no created_at");
  CHECK(message(R"({"id":"2","text":"a","reply_to":"1","created_at":"2026-01-01T00:00:00Z"})") ==
        "demo board, post 1: answers a post that opens no thread before it");
}

// DESIGN §2.8: the demo is non-graphic and invented.
TEST_CASE("handles begin with hwdemo, phone numbers are fictional, and only the documented words stand there") {
  const std::string posts(web::demo_posts());
  std::map<std::string, std::set<std::string>> advertisers;
  for (const Post& post : board().posts()) {
    for (const std::string& handle :
         matches(post.text, "(?:wickr(?: me)?:?|w1ckr me:|kik:?|signal:|telegram:|Telegram as) @?(\\w\\S+)")) {
      CHECK_MESSAGE(handle.starts_with("hwdemo_"), post.id);
      advertisers[handle].insert(post.author);
    }
    for (const std::string& number : matches(post.text, "(\\+[0-9 ]+)"))
      CHECK_MESSAGE((number.starts_with("+1 202 555 01") || number.starts_with("+44 20 7946 0")), post.id);
    for (const std::string& tag : matches(post.text, "#(\\w+)"))
      CHECK_MESSAGE((tag == "taboo" || tag == "nolimits" || tag == "perv" || tag == "map" || tag == "aam"), post.id);
  }
  CHECK(advertisers.size() >= 7);
  CHECK(advertisers["hwdemo_fern71"].size() == 2);
  CHECK(posts.find("@") == posts.rfind("@"));  // one Telegram name and no mail address
}
