// The part of CrawlRun that deals with pages once they are here: handed to the readers, stored, and only then done.
#include <functional>

#include <fmt/format.h>

#include "crawler/crawl_run.h"
#include "crawler/redirect.h"
#include "crawler/traps.h"

namespace hw::crawler {
namespace {

constexpr std::size_t kMostFollowed = 10000;  // links of one page; more is a trap

// Tells a changed page from an unchanged one; it seals nothing, so it may be the fastest hash at hand. Should another
// standard library hash otherwise, every page counts as changed once.
std::string digest_of(std::string_view body) {
  return fmt::format("{:x}-{:x}", body.size(), std::hash<std::string_view>()(body));
}

int year_of(Time time) {
  return static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year());
}

std::string header_of(const Document& document, std::string_view name) {
  return std::string(document.header(name).value_or(""));
}

}  // namespace

// What robots.txt said of the address that was read, for evidence.
std::string CrawlRun::robots_words(const Lane& lane, const Url& target) {
  const auto policy = lane.policies.find(target.origin());
  return policy == lane.policies.end() ? std::string() : "allowed: " + policy->second.judge(target).reason;
}

// Hands the document on, unless it is the one that was handed on last time.
Status CrawlRun::page_came(std::size_t index, Document& document) {
  Lane& lane = *lanes_[index];
  Validators validators{header_of(document, "etag"), header_of(document, "last-modified"), digest_of(document.body)};
  if (validators.digest == lane.page->page.known.digest) return page_unchanged(lane, validators);
  PageInHand page{std::move(*lane.page), index, std::move(validators), document.body.size(), {}, {}, {}};
  lane.page.reset();
  document.request = page.job.page.request;
  document.url = page.job.journey.visited.back();
  document.cursor = page.job.source->cursor;
  const std::vector<std::string>& visited = page.job.journey.visited;
  document.exchange.redirects.assign(visited.begin(), visited.end() - 1);
  document.exchange.robots = robots_words(lane, page.job.journey.target);
  page.document = std::move(document);
  ++page.job.source->in_hand;
  readers_.submit(std::move(page));
  if (options_.readers > 0) return {};
  std::vector<PageInHand> read = readers_.take_read();
  const auto stored = store(read);
  return stored ? record(read) : stored;
}

// What the pages held is committed before the frontier knows of it.
Status CrawlRun::store(std::vector<PageInHand>& pages) {
  if (pages.empty()) return {};
  std::vector<std::unique_ptr<Reading>> readings;
  for (PageInHand& page : pages) readings.push_back(std::move(page.reading));
  auto outcomes = stages_.store(readings);
  if (!outcomes) return tl::unexpected(outcomes.error());
  for (std::size_t i = 0; i < pages.size(); ++i) pages[i].outcome = std::move((*outcomes)[i]);
  return {};
}

Status CrawlRun::record(std::vector<PageInHand>& pages) {
  for (PageInHand& page : pages) {
    --page.job.source->in_hand;
    if (std::exchange(lanes_[page.lane]->parked, false)) schedule(page.lane, clock_.now());
    if (auto done = page_done(page); !done) return done;
  }
  return {};
}

// The page is done, together with all that it led to.
Status CrawlRun::page_done(PageInHand& page) {
  Source& source = *page.job.source;
  PageOutcome& outcome = page.outcome;
  PageDone done;
  if (outcome.trouble.empty())
    done.validators = std::move(page.validators);  // else it is handed on again next time, and the trouble told again
  else if (source.trouble.empty())
    source.trouble = outcome.trouble;
  // Most links of a page are known; to look at their addresses would cost more than everything else.
  report_.skipped += frontier_.drop_settled(source.spec->name, outcome.follow);
  done.follow = admissible(source, std::move(outcome.follow));
  done.cursor = std::move(outcome.cursor);
  if (done.cursor) source.cursor = *done.cursor;
  done.also.assign(page.job.journey.visited.begin() + 1, page.job.journey.visited.end());
  done.posts = outcome.posts;
  done.new_posts = outcome.new_posts;
  done.newest_post = outcome.newest_post;
  const auto added = frontier_.done(source.spec->name, page.job.page, done);
  if (!added) return tl::unexpected(added.error());
  ++report_.pages;
  report_.skipped += added->skipped;
  report_.posts += outcome.posts;
  report_.new_posts += outcome.new_posts;
  report_.hits += outcome.hits;
  if (!observer_) return {};
  tell(EventKind::fetched, *lanes_[page.lane], &source,
       fmt::format("{}, {} bytes, {} posts, {} links queued", words_for(page.job.page.request.role), page.bytes,
                   outcome.posts, added->queued));
  return {};
}

// The requests that stay on the source's site, their addresses in one form. Where the site is https, its plain http
// links are asked for by https.
std::vector<Request> CrawlRun::admissible(const Source& source, std::vector<Request> follow) {
  std::vector<Request> out;
  const int year = year_of(clock_.now());
  for (Request& request : follow) {
    auto url = parse_url(request.url);
    if (url && url->scheme == "http" && url->port == 80 && source.site.scheme == "https") {
      url->scheme = "https";
      url->port = 443;
    }
    if (!url || !same_site(source.site, *url)) {
      ++report_.refused;
    } else if (out.size() == kMostFollowed || !trap_in(*url, year, source.own_query).empty()) {
      ++report_.skipped;
    } else {
      request.url = without_visitor(*std::move(url)).text();
      out.push_back(std::move(request));
    }
  }
  return out;
}

}  // namespace hw::crawler
