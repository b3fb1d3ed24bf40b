// Sitemaps in a crawl: asked for last, once a day, and only where they say more than the links do.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/crawler/crawl_world.h"
#include "tests/crawler/raw_server.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;
using test::Answer;
using test::kHome;
using World = test::CrawlWorld;

namespace {

struct Named {
  std::string path;
  std::string changed = "";
};

std::string sitemap(const std::vector<Named>& pages, const std::string& element = "url") {
  std::string out = element == "url" ? "<urlset>" : "<sitemapindex>";
  for (const Named& page : pages) {
    out += "<" + element + "><loc>" + (page.path.find("://") == std::string::npos ? kHome : "") + page.path + "</loc>";
    if (!page.changed.empty()) out += "<lastmod>" + page.changed + "</lastmod>";
    out += "</" + element + ">";
  }
  return out;
}

// A site whose links say nothing of how fresh they are: an entry that leads to four threads, each with a post.
struct Site : World {
  Site() {
    std::string links;
    for (int i = 1; i <= 4; ++i) {
      links += test::link_line({kHome + "t/" + std::to_string(i), PageRole::thread, ""});
      page("t/" + std::to_string(i), "post " + std::to_string(i) + "\n");
    }
    page("", links);
    page("robots.txt", "User-agent: *\nDisallow: /private\nSitemap: " + kHome + "map.xml\n");
  }
  std::size_t asked(const std::string& path) const { return site.asked(kHome + path); }
};

}  // namespace

TEST_CASE("sitemaps: asked for last and once a day, under the host's delay") {
  Site world;
  world.page("map.xml", sitemap({}));
  CHECK(world.run().requests == 7);
  CHECK(world.site.log.back().url == kHome + "map.xml");
  CHECK(world.site.log.back().started >= world.site.log[5].started + 5s);
  CHECK(world.health().trouble == "");
  world.clock.advance(1h);
  world.run();
  CHECK(world.asked("map.xml") == 1);
  world.open();
  world.clock.advance(23h);
  world.run();
  CHECK(world.asked("map.xml") == 2);
}

TEST_CASE("sitemaps: a page that changed since it was read is read again; one that did not is left alone") {
  Site world;
  world.page("map.xml", sitemap({}));
  world.run();
  world.clock.advance(25h);
  world.page("", "post of the entry\n");  // the links are gone: only the sitemap speaks of the threads
  world.page("t/1", "post new\n");
  world.page("map.xml", sitemap({{"t/1", to_rfc3339(world.clock.now() - 1h)},
                                 {"t/2", to_rfc3339(world.clock.now() - 48h)},
                                 {"t/3"},
                                 {"t/4", to_rfc3339(world.clock.now() + 48h)}}));
  world.run();
  CHECK(world.asked("t/1") == 2);
  for (const std::string path : {"t/2", "t/3", "t/4"}) CHECK(world.asked(path) == 1);
}

TEST_CASE("sitemaps: a new address is asked for where its kind has brought posts, on the source's own site") {
  Site world;
  world.page("map.xml", sitemap({{"t/5"}, {"members/7"}, {"private/1"}, {"http://other.test/t/9"}}));
  world.page("t/5", "post five\n");
  const RunReport report = world.run();
  CHECK(world.asked("t/5") == 1);
  CHECK(world.asked("members/7") == 0);  // nothing of that kind was ever a page of posts
  CHECK(world.asked("private/1") == 0);
  CHECK(
      std::none_of(world.site.log.begin(), world.site.log.end(), [](const auto& a) { return a.host == "other.test"; }));
  CHECK(report.refused == 0);
}

TEST_CASE("sitemaps: of a source that is a part of its site, they name no new pages") {
  Site world;
  world.source.url = kHome + "board";
  world.page("board", world.site.pages[kHome].body);
  world.page("map.xml", sitemap({{"t/5"}}));
  world.run();
  CHECK(world.asked("map.xml") == 1);
  CHECK(world.asked("t/5") == 0);
}

TEST_CASE("sitemaps: links that say how fresh they are know better") {
  Site world;
  world.page("", test::link_line({kHome + "t/1", PageRole::thread, "s1"}));
  world.page("map.xml", sitemap({}));
  world.run();
  world.clock.advance(25h);
  world.open();
  world.run();
  CHECK(world.asked("map.xml") == 0);
}

TEST_CASE("sitemaps: an index leads to a few, of the same site, that changed") {
  Site world;
  std::vector<Named> children{{"http://other.test/s.xml"}, {"private/s.xml"}};
  for (int i = 1; i <= 9; ++i) children.push_back({"s" + std::to_string(i) + ".xml"});
  world.page("map.xml", sitemap(children, "sitemap"));
  for (int i = 1; i <= 9; ++i) world.page("s" + std::to_string(i) + ".xml", sitemap({}));
  world.run();
  std::size_t asked = 0;
  for (int i = 1; i <= 9; ++i) asked += world.asked("s" + std::to_string(i) + ".xml");
  CHECK(asked == 3);  // four files a run
  CHECK(world.asked("private/s.xml") == 0);
  CHECK(world.site.log.back().host == "forum.test");
}

TEST_CASE("sitemaps: one that is gone, hostile or no text is nobody's trouble") {
  for (const std::string body : {"<html>not here</html>", "<url><loc>", "\x1F\x8B damaged", "\x89PNG\r\n\x1A\n"}) {
    Site world;
    world.page("map.xml", body);
    CHECK(world.run().pages == 5);
    CHECK(world.health().trouble == "");
  }
  Site gone;
  CHECK(gone.run().pages == 5);
  CHECK(gone.asked("map.xml") == 1);
  CHECK(gone.health().trouble == "");
}

TEST_CASE("sitemaps: within gzip they are read by the real fetcher, and no page is") {
  const std::string body = test::gzip_of_zeros(5000);
  const test::RawServer server([&](test::Connection& connection, const std::string&) {
    connection.send(test::answer("200 OK", "Content-Type: application/x-gzip\r\n", body));
  });
  FetchRules rules;
  rules.network_allow = {"127.0.0.0/8"};
  auto fetcher = make_curl_fetcher(rules);
  REQUIRE_OK(fetcher);
  for (const Expects expects : {Expects::sitemap, Expects::page}) {
    FetchRequest request{{server.url(), PageRole::listing, ""}, "", {}, {}};
    request.expects = expects;
    (*fetcher)->start(1, request);
    std::vector<Fetched> done;
    while (done.empty()) done = (*fetcher)->wait(10s);
    CHECK(done.front().document.has_value() == (expects == Expects::sitemap));
    if (done.front().document) CHECK(done.front().document->body == body);
  }
}
