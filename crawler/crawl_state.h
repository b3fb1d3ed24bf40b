// What a crawl remembers of its sources and hosts while it runs. Plain data of one thread; crawl_run.h works on it.
//
// A host is a lane: at most one request of it is under way. What a lane sends is a robots.txt, a page, or the next hop
// of either; each is a request of its own that obeys the delay.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/access.h"
#include "common/url.h"
#include "config/settings.h"
#include "crawler/crawler.h"
#include "crawler/frontier.h"
#include "crawler/politeness.h"
#include "crawler/robots_policy.h"

namespace hw::crawler {

struct CrawledSource {
  const config::SourceSpec* spec;
  AtHours hours;
  Url site;
  Time started;
  int pages_left;
  std::string trouble;
  bool over = false;
  Access access{};
  Secrets secrets{};
  Proxy proxy{};
  std::size_t own_query = 0;  // how long the query of its own address is
  std::string cursor{};       // what its adapter last asked to remember
  bool asked_for_sitemaps = false;
  Time looked_up{};         // when it was last seen whether the source rests
  std::size_t in_hand = 0;  // pages that are being read: what they lead to is not known yet
  // What one page says is remembered is where the next one goes on.
  bool reads_in_order() const { return access.by_own_terms() || !cursor.empty(); }
};

// An address on its way, through redirects.
struct Journey {
  Url target;
  std::vector<std::string> visited;  // the last is being asked
};

struct PageJob {
  CrawledSource* source;
  QueuedPage page;
  Journey journey;
  bool refused_before = false;  // it was asked with a token that the API called no good
};

struct RobotsJob {
  std::string origin;
  Journey journey;
};

struct SitemapJob {
  CrawledSource* source;
  std::vector<std::string> waiting;  // the last is asked for next
  int left;                          // files that may still be asked for in this run
};

struct Lane {
  std::string host;
  HostState state;
  Reach reach = Reach::open_network;
  Duration delay{0};  // the longest that its sources ask for
  Time asked{};       // when its last request began
  std::vector<CrawledSource*> sources;
  std::size_t turn = 0;
  std::optional<PageJob> page;
  std::optional<RobotsJob> robots;
  std::optional<SitemapJob> sitemaps;            // once nothing else is to be asked
  bool asks_token = false;                       // for its page's source, before the page
  std::map<std::string, RobotsPolicy> policies;  // by origin
  bool answered = false;                         // in this run, and in good order
  bool answered_since_failure = false;
  bool parked = false;  // nothing to ask until one of its pages has been read
  std::string trouble;  // why it is blocked
  bool sitemap_is_next() const { return sitemaps && !page && !robots; }
  bool over() const {
    return std::all_of(sources.begin(), sources.end(), [](const CrawledSource* source) { return source->over; });
  }
};

inline std::string_view words_for(PageRole role) {
  switch (role) {
    case PageRole::entry:
      return "entry page";
    case PageRole::listing:
      return "listing";
    case PageRole::thread:
      return "thread";
  }
  return "page";
}

}  // namespace hw::crawler
