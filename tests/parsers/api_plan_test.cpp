// What people paste as the address of an API's source, what is asked for it, and what is refused.
#include <doctest/doctest.h>

#include "common/url.h"
#include "parsers/parser.h"
#include "tests/support/support.h"

using namespace hw;
using parsers::find;

namespace {

config::SourceSpec source_of(const std::string& kind, const std::string& url) {
  config::SourceSpec source;
  source.name = "it";
  source.kind = kind;
  const auto parsed = parse_url(url);
  REQUIRE_OK(parsed);
  source.url = parsed->text();
  return source;
}

std::vector<std::string> planned(const std::string& kind, const std::string& url, const std::string& cursor = "") {
  const config::SourceSpec source = source_of(kind, url);
  const auto access = find(kind)->access(source);
  REQUIRE_OK(access);
  std::vector<std::string> out;
  for (const Request& request : find(kind)->plan(source, cursor)) {
    const auto address = parse_url(request.url);
    REQUIRE_OK(address);
    CHECK(address->text() == request.url);
    CHECK(request.role == PageRole::entry);
    if (!access->site.empty()) CHECK(address->origin() == access->site);
    out.push_back(address->path + (address->query.empty() ? "" : "?" + address->query));
  }
  return out;
}

std::string refusal(const std::string& kind, const std::string& url) {
  const config::SourceSpec source = source_of(kind, url);
  const auto access = find(kind)->access(source);
  REQUIRE_FALSE(access.has_value());
  CHECK(access.error().code == ErrorCode::configuration);
  CHECK(find(kind)->plan(source, "").empty());
  return access.error().message;
}

bool is_a_person(const std::string& kind, const std::string& url) {
  return refusal(kind, url).find("no source follows a named person") != std::string::npos;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("Reddit: a subreddit's posts, comments or both, and searches") {
  const std::string posts = "/r/garden/new?limit=100&raw_json=1";
  const std::string comments = "/r/garden/comments?limit=100&raw_json=1";
  CHECK(planned("reddit", "https://www.reddit.com/r/garden") == Strings{posts, comments});
  CHECK(planned("reddit", "https://old.reddit.com/r/garden/") == Strings{posts, comments});
  CHECK(planned("reddit", "https://www.reddit.com/r/garden/new/") == Strings{posts});
  CHECK(planned("reddit", "https://reddit.com/r/garden/comments/") == Strings{comments});
  CHECK(planned("reddit", "https://www.reddit.com/r/garden/search/?q=seed+swap") ==
        Strings{"/r/garden/search?q=seed%20swap&restrict_sr=1&sort=new&type=link&limit=100&raw_json=1"});
  CHECK(planned("reddit", "https://www.reddit.com/search?q=seeds%20swap") ==
        Strings{"/search?q=seeds%20swap&sort=new&type=link&limit=100&raw_json=1"});
  for (const char* url : {"https://www.reddit.com/user/somebody", "https://www.reddit.com/u/somebody/comments",
                          "https://www.reddit.com/r/u_somebody", "https://www.reddit.com/search?q=author%3Asomebody"})
    CHECK(is_a_person("reddit", url));
  for (const char* url : {"https://www.reddit.com/", "https://www.reddit.com/r/garden/comments/abc/a_thread/",
                          "https://reddit.com.evil.invalid/r/garden", "https://www.reddit.com/search"})
    CHECK(refusal("reddit", url).find("its url is none that this kind reads") == 0);
}

TEST_CASE("Reddit: the token is had from its own endpoint with the application's credentials") {
  const auto access = find("reddit")->access(source_of("reddit", "https://www.reddit.com/r/garden"));
  REQUIRE_OK(access);
  CHECK(access->site == "https://oauth.reddit.com");
  CHECK(access->exchange.endpoint == "https://www.reddit.com/api/v1/access_token");
  CHECK(access->show == Access::Show::bearer);
  CHECK(access->needs == Strings{"client_id", "client_secret"});
  CHECK(access->by_own_terms());
}

TEST_CASE("X: searches and hashtags, from where the last run ended; never an account") {
  const auto search = planned("x", "https://x.com/search?q=seed%20swap&src=typed_query&f=live");
  REQUIRE(search.size() == 1);
  CHECK(search[0].starts_with("/2/tweets/search/recent?query=seed%20swap&max_results=100&"));
  CHECK(search[0].find("since_id") == std::string::npos);
  CHECK(planned("x", "https://twitter.com/hashtag/seeds")[0].find("query=%23seeds&") != std::string::npos);
  CHECK(planned("x", "https://x.com/hashtag/seeds", "posts=1992/")[0].ends_with("&since_id=1992"));
  for (const char* url : {"https://x.com/somebody", "https://twitter.com/somebody/with_replies",
                          "https://x.com/search?q=from%3Asomebody", "https://x.com/search?q=to:somebody+seeds"})
    CHECK(is_a_person("x", url));
  for (const char* url : {"https://x.com/", "https://x.com/search", "https://notx.com/search?q=seeds"})
    CHECK(refusal("x", url).find("its url is none that this kind reads") == 0);
  CHECK(find("x")->access(source_of("x", "https://x.com/search?q=seeds"))->site == "https://api.x.com");
}

TEST_CASE("Tumblr: tags, with the key as a parameter; never a blog") {
  CHECK(planned("tumblr", "https://www.tumblr.com/tagged/seed%20swap") ==
        Strings{"/v2/tagged?tag=seed%20swap&limit=20"});
  for (const char* url : {"https://leaf.tumblr.com/", "https://www.tumblr.com/leaf",
                          "https://leaf.tumblr.com/tagged/seeds", "https://www.tumblr.com/blog/leaf"})
    CHECK(is_a_person("tumblr", url));
  CHECK(refusal("tumblr", "https://www.tumblr.com/search/seeds").find("name a tag") != std::string::npos);
  const auto access = find("tumblr")->access(source_of("tumblr", "https://www.tumblr.com/tagged/seeds"));
  CHECK(access->show == Access::Show::parameter);
  CHECK(access->parameter == "api_key");
}

TEST_CASE("Mastodon: tags and public timelines of any server, open or with a token; never an account") {
  CHECK(planned("mastodon", "https://mastodon.invalid/tags/seeds") == Strings{"/api/v1/timelines/tag/seeds?limit=40"});
  CHECK(planned("mastodon", "https://mastodon.invalid/tags/caf%C3%A9") ==
        Strings{"/api/v1/timelines/tag/caf%C3%A9?limit=40"});
  CHECK(planned("mastodon", "https://mastodon.invalid/") == Strings{"/api/v1/timelines/public?limit=40"});
  CHECK(planned("mastodon", "https://mastodon.invalid/public/local") ==
        Strings{"/api/v1/timelines/public?local=true&limit=40"});
  CHECK(planned("mastodon", "https://mastodon.invalid/public/remote") ==
        Strings{"/api/v1/timelines/public?remote=true&limit=40"});
  CHECK(planned("mastodon", "https://mastodon.invalid/api/v1/timelines/tag/seeds", "statuses=17/") ==
        Strings{"/api/v1/timelines/tag/seeds?limit=40&since_id=17"});
  for (const char* url : {"https://mastodon.invalid/@leaf", "https://mastodon.invalid/users/leaf",
                          "https://mastodon.invalid/api/v1/accounts/17/statuses"})
    CHECK_FALSE(refusal("mastodon", url).empty());
  CHECK(is_a_person("mastodon", "https://mastodon.invalid/@leaf"));
  config::SourceSpec source = source_of("mastodon", "https://mastodon.invalid/tags/seeds");
  CHECK_FALSE(find("mastodon")->access(source)->by_own_terms());
  source.credentials = {{"token", "NAME"}};
  CHECK(find("mastodon")->access(source)->by_own_terms());
}

TEST_CASE("Lemmy: a community or a server, its posts and comments, in both versions; never an account") {
  CHECK(planned("lemmy", "https://lemmy.invalid/c/garden@far.invalid") ==
        Strings{"/api/v3/post/list?community_name=garden%40far.invalid&type_=All&sort=New&limit=50",
                "/api/v3/comment/list?community_name=garden%40far.invalid&type_=All&sort=New&limit=50"});
  CHECK(planned("lemmy", "https://lemmy.invalid/?listingType=Local").front() ==
        "/api/v3/post/list?type_=Local&sort=New&limit=50");
  CHECK(planned("lemmy", "https://lemmy.invalid/api/v4/post/list?community_name=garden") ==
        Strings{"/api/v4/post/list?community_name=garden&type_=all&sort=new&limit=50"});
  CHECK(is_a_person("lemmy", "https://lemmy.invalid/u/leaf"));
  CHECK(is_a_person("lemmy", "https://lemmy.invalid/api/v3/post/list?creator_id=7"));
  for (const char* url : {"https://lemmy.invalid/post/17", "https://lemmy.invalid/c/",
                          "https://lemmy.invalid/api/v5/post/list", "https://lemmy.invalid/modlog"})
    CHECK(refusal("lemmy", url).find("its url is none that this kind reads") == 0);
}

TEST_CASE("4chan: a board, or one thread") {
  CHECK(planned("4chan", "https://boards.4chan.org/g/") == Strings{"/g/threads.json"});
  CHECK(planned("4chan", "https://boards.4chan.org/g/catalog") == Strings{"/g/threads.json"});
  CHECK(planned("4chan", "https://boards.4channel.org/diy/thread/123/seeds") == Strings{"/diy/thread/123.json"});
  CHECK(planned("4chan", "https://a.4cdn.org/g/threads.json") == Strings{"/g/threads.json"});
  for (const char* url :
       {"https://boards.4chan.org/", "https://boards.4chan.org/g/thread/x", "https://forum.invalid/g/"})
    CHECK(refusal("4chan", url).find("name a board") != std::string::npos);
}

TEST_CASE("Telegram: public channels; an invitation or a private chat is never opened") {
  CHECK(planned("telegram", "https://t.me/s/hwdemo_channel") == Strings{"/s/hwdemo_channel"});
  CHECK(planned("telegram", "https://t.me/hwdemo_channel") == Strings{"/s/hwdemo_channel"});
  CHECK(planned("telegram", "https://telegram.me/hwdemo_channel/17?single") == Strings{"/s/hwdemo_channel"});
  for (const char* url : {"https://t.me/+AbCdEf123", "https://t.me/joinchat/AbCdEf123", "https://t.me/c/1234/5",
                          "https://t.me/addlist/xyz"})
    CHECK(refusal("telegram", url).find("never opened") != std::string::npos);
  for (const char* url : {"https://t.me/", "https://t.me/ab", "https://forum.invalid/s/hwdemo_channel"})
    CHECK(refusal("telegram", url).find("name a public channel") != std::string::npos);
}

TEST_CASE("a stand-in on this machine is asked in the place of the real API, and shown the credentials in its place") {
  const auto access = find("reddit")->access(source_of("reddit", "http://127.0.0.1:8080/r/garden"));
  REQUIRE_OK(access);
  CHECK(access->site == "http://127.0.0.1:8080");
  CHECK(access->exchange.endpoint == "http://127.0.0.1:8080/api/v1/access_token");
  CHECK(find("tumblr")->access(source_of("tumblr", "http://localhost/tagged/seeds"))->site == "http://localhost");
  CHECK_FALSE(find("reddit")->access(source_of("reddit", "http://127.0.0.1.evil.invalid/r/garden")).has_value());
}
