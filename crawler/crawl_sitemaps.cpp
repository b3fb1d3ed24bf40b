// The part of CrawlRun that reads sitemaps, as hints of low priority: when a source has nothing else to ask, its links
// do not say how fresh they are, and its robots.txt names sitemaps of its own site. A few files a run, each once a day.
#include <algorithm>

#include <fmt/format.h>

#include "crawler/crawl_run.h"
#include "crawler/redirect.h"
#include "crawler/sitemap.h"

namespace hw::crawler {
namespace {

constexpr int kMostFiles = 4;                 // in a run
constexpr std::size_t kMostWaiting = 1000;    // of an index
constexpr std::size_t kMostText = 32U << 20;  // unpacked
constexpr std::size_t kMostHints = 1000;      // that queue something, of one file
constexpr Duration kReadEvery{std::chrono::hours(24)};
constexpr const char* kAcceptSitemap = "application/xml,text/xml;q=0.9,text/plain;q=0.5,application/gzip;q=0.5";

// New addresses are welcome only where the source is the whole site: of one that is a forum of many, a sitemap names
// the others too.
bool is_whole_site(const Url& url) { return url.path == "/" && url.query.empty(); }

}  // namespace

// True where there is one to ask for; then the lane does so before the source ends.
Result<bool> CrawlRun::begin_sitemaps(Lane& lane, Source& source) {
  if (lane.sitemaps) return true;
  const bool wanted = !source.asked_for_sitemaps && !source.access.by_own_terms() && source.trouble.empty() &&
                      source.pages_left > 0 && !stop_.stop_requested();
  if (!wanted || frontier_.stamped(source.spec->name)) return false;
  source.asked_for_sitemaps = true;
  const auto policy = policy_for(lane, source.site);
  if (!policy) return tl::unexpected(policy.error());
  if (*policy == nullptr) return false;
  SitemapJob job{&source, {}, kMostFiles};
  for (const std::string& written : (*policy)->sitemaps()) {
    const auto url = parse_url(written);
    if (url && same_site(source.site, *url) && (*policy)->judge(*url).allowed && job.waiting.size() < kMostWaiting)
      job.waiting.push_back(url->text());
  }
  std::reverse(job.waiting.begin(), job.waiting.end());
  lane.sitemaps = std::move(job);
  return choose_sitemap(lane);
}

// Leaves one that is due at the end of the list, or no list.
Result<bool> CrawlRun::choose_sitemap(Lane& lane) {
  SitemapJob& job = *lane.sitemaps;
  for (; job.left > 0 && !job.waiting.empty(); job.waiting.pop_back()) {
    const auto read = frontier_.sitemap_read(job.waiting.back());
    if (!read) return tl::unexpected(read.error());
    if (!*read || clock_.now() - **read >= kReadEvery || **read > clock_.now()) return true;
  }
  lane.sitemaps.reset();
  return false;
}

FetchRequest CrawlRun::sitemap_request(const Lane& lane) const {
  FetchRequest request;
  request.request = {lane.sitemaps->waiting.back(), PageRole::listing, ""};
  request.accept = kAcceptSitemap;
  request.proxy = lane.sitemaps->source->proxy;
  request.expects = Expects::sitemap;
  return request;
}

// Whatever came of it, it is not asked for again today; the source goes on with what it brought.
Status CrawlRun::finish_sitemap(Lane& lane, const Fetched& fetched) {
  SitemapJob& job = *lane.sitemaps;
  --job.left;
  --job.source->pages_left;
  const std::string url = std::move(job.waiting.back());
  job.waiting.pop_back();
  const bool there = fetched.document && fetched.document->status == 200;
  const auto text = there ? sitemap_text(fetched.document->body, kMostText) : std::nullopt;
  const Sitemap sitemap = text ? parse_sitemap(*text) : Sitemap{};
  if (!sitemap.index) {
    if (auto taken = take_hints(lane, sitemap.entries); !taken) return taken;
  } else {
    const auto policy = policy_for(lane, job.source->site);
    if (!policy) return tl::unexpected(policy.error());
    for (const SitemapEntry& entry : sitemap.entries) {
      const auto child = parse_url(entry.url);
      const bool usable = child && same_site(job.source->site, *child) && job.waiting.size() < kMostWaiting &&
                          *policy != nullptr && (*policy)->judge(*child).allowed;
      if (!usable) continue;
      const auto news = is_news({child->text(), entry.changed});
      if (!news) return tl::unexpected(news.error());
      if (*news) job.waiting.push_back(child->text());
    }
  }
  if (auto noted = frontier_.note_sitemap(url); !noted) return noted;
  const auto more = choose_sitemap(lane);
  return more ? Status() : tl::unexpected(more.error());
}

// A sitemap of an index that did not change since it was read is not read.
Result<bool> CrawlRun::is_news(const SitemapEntry& entry) const {
  const auto read = frontier_.sitemap_read(entry.url);
  if (!read) return tl::unexpected(read.error());
  return !*read || !entry.changed || *entry.changed > **read;
}

Status CrawlRun::take_hints(Lane& lane, const std::vector<SitemapEntry>& entries) {
  Source& source = *lane.sitemaps->source;
  const bool fresh = is_whole_site(source.site);
  const RunReport before = report_;  // what a sitemap names is neither refused nor skipped: nobody asked for it
  std::size_t queued = 0;
  for (const SitemapEntry& entry : entries) {
    if (queued == kMostHints) break;
    for (const Request& request : admissible(source, {{entry.url, PageRole::thread, ""}})) {
      const auto taken = frontier_.hint(source.spec->name, request.url, entry.changed, fresh);
      if (!taken) return tl::unexpected(taken.error());
      queued += *taken ? 1U : 0U;
    }
  }
  report_ = before;
  tell(EventKind::skipped, lane, &source, fmt::format("a sitemap of {} addresses, {} queued", entries.size(), queued));
  return {};
}

}  // namespace hw::crawler
