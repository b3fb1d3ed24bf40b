#include "app/pipeline.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "common/text.h"
#include "common/url.h"
#include "db/sightings.h"
#include "parsers/instead.h"

namespace hw::app {
namespace {

std::string_view words_for(parsers::ReadState state) {
  switch (state) {
    case parsers::ReadState::ok:
      return {};
    case parsers::ReadState::changed:
      return "posts or threads expected, none found: the site's markup has changed";
    case parsers::ReadState::login_wall:
      return "the site asks for an account";
    case parsers::ReadState::error_page:
      return "the site answered with an error page";
    case parsers::ReadState::not_ours:
      return "not a page of the configured kind";
  }
  return {};
}

// With what the adapter says of it, where it says something.
std::string trouble_of(const parsers::ParsedPage& page) {
  std::string trouble(words_for(page.state));
  if (!trouble.empty() && !page.warnings.empty()) trouble += ": " + page.warnings.back();
  return trouble;
}

// Whose API answers for this address on another host, if any.
const parsers::Parser* read_elsewhere(const config::SourceSpec& source) {
  const auto url = parse_url(source.url);
  const auto is_elsewhere = [&](const parsers::Parser& parser) {
    const auto access = parser.access == nullptr ? Result<Access>(Access{}) : parser.access(source);
    return access && url && !access->site.empty() && access->site != url->origin();
  };
  const auto all = parsers::all();
  const auto found = std::find_if(all.begin(), all.end(), is_elsewhere);
  return found == all.end() ? nullptr : &*found;
}

// For `auto`: nobody goes to another host or shows credentials unasked, so what to write for it is said. Nothing where
// the page is read as it stands.
std::optional<std::string> kind_to_write(const config::SourceSpec& source, const parsers::Parser* recognised) {
  const parsers::Parser* elsewhere = read_elsewhere(source);
  const parsers::Parser* parser = elsewhere != nullptr ? elsewhere : recognised;
  if (parser == nullptr || parser->access == nullptr) return std::nullopt;
  const auto access = parser->access(source);
  if (!access) return fmt::format("kind: {} would read it, but {}", parser->name, access.error().message);
  if (elsewhere == nullptr && access->needs.empty()) return std::nullopt;
  std::string warning = fmt::format("it is read through an API: write kind: {}", parser->name);
  if (!access->needs.empty())
    warning += fmt::format(" and credentials: {{{}: VARIABLE}}", fmt::join(access->needs, ": VARIABLE, "));
  return warning;
}

parsers::ParsedPage unrecognised(const Document& document) {
  parsers::ParsedPage page;
  page.state = parsers::ReadState::not_ours;
  parsers::say_what_came_instead(*parsers::find("generic"), document, page);
  if (page.state == parsers::ReadState::not_ours)
    page.warnings.emplace_back("no adapter recognises the page: name its kind");
  return page;
}

std::vector<Post> named(std::vector<Post> posts, const config::SourceSpec& source) {
  for (Post& post : posts) {
    post.platform = source.platform;
    post.source = source.name;
  }
  return posts;
}

// Leaves the others.
std::vector<Post> take_deleted(std::vector<Post>& posts) {
  const auto live = [](const Post& post) { return post.state != PostState::deleted; };
  const auto from = std::stable_partition(posts.begin(), posts.end(), live);
  std::vector<Post> deleted(std::make_move_iterator(from), std::make_move_iterator(posts.end()));
  posts.erase(from, posts.end());
  return deleted;
}

// A post as it goes into the store. A hit's text is compared with those of others and its page is evidence; what is no
// hit leaves nothing.
db::Judged judged_of(const classifier::Classifier& classifier, Post post, Verdict verdict, const Document* document,
                     const CaptureContext& context) {
  db::Judged judged{std::move(post), std::move(verdict)};
  if (!judged.verdict.hit()) return judged;
  judged.likeness = classifier.likeness(judged.post, judged.verdict);
  add_capture(judged, document, context);
  return judged;
}

}  // namespace

Result<Judgement> Pipeline::judge(std::vector<Post> posts, const Document* document) {
  const std::vector<Post> deleted = take_deleted(posts);
  const auto known = store_.judged_before(posts, classifier_.rules_hash());
  if (!known) return tl::unexpected(known.error());
  std::vector<db::Judged> judged;
  for (std::size_t i = 0; i < posts.size(); ++i) {
    if ((*known)[i]) continue;
    Verdict verdict = classifier_.classify(posts[i]);
    judged.push_back(judged_of(classifier_, std::move(posts[i]), std::move(verdict), document, capture_));
    judged.back().seen_at = clock_.now();
  }
  const auto recorded = store_.record(judged);
  if (!recorded) return tl::unexpected(recorded.error());
  const auto noted = db::note_deleted(store_, deleted, clock_.now());
  if (!noted) return tl::unexpected(noted.error());
  return Judgement{posts.size(), judged.size(), recorded->fresh};
}

Status Pipeline::note_gone(std::string_view platform, std::span<const std::string> author_ids) {
  const auto noted = db::note_accounts_gone(store_, platform, author_ids, clock_.now());
  return noted ? Status{} : Status(tl::unexpected(noted.error()));
}

// A page that has been read and not stored.
struct Pipeline::ReadPosts final : crawler::Reading {
  crawler::PageOutcome outcome;
  std::vector<Post> posts;
  std::vector<Verdict> verdicts;     // one a post
  std::vector<db::Judged> captures;  // one a post; of hits alone more than empty
  std::vector<Post> deleted;
  bool may_hit() const {
    return std::any_of(verdicts.begin(), verdicts.end(), [](const auto& v) { return v.hit(); });
  }
};

// What was judged before is classified once more: to find that out (a keyed hash of the post, a look-up in the store's
// own thread) costs about as much as to classify it.
std::unique_ptr<crawler::Reading> Pipeline::read(const config::SourceSpec& source, Document document) const {
  parsers::ParsedPage page = read_page(source, document);
  auto read = std::make_unique<ReadPosts>();
  read->outcome.trouble = trouble_of(page);
  read->outcome.follow = std::move(page.links);
  if (page.next) read->outcome.follow.push_back(std::move(*page.next));
  read->outcome.cursor = std::move(page.cursor);
  std::vector<Post> posts = named(std::move(page.posts), source);
  read->deleted = take_deleted(posts);
  read->posts = std::move(posts);
  for (const Post& post : read->posts)
    if (post.created_at) read->outcome.newest_post = std::max(read->outcome.newest_post, post.created_at);
  for (const Post& post : read->posts) {
    read->verdicts.push_back(classifier_.classify(post));
    if (read->verdicts.back().hit())
      read->captures.push_back(judged_of(classifier_, post, read->verdicts.back(), &document, capture_));
    else
      read->captures.emplace_back();
  }
  return read;
}

// The hits of a page are known where it is recorded alone.
Result<std::vector<crawler::PageOutcome>> Pipeline::store(std::span<const std::unique_ptr<crawler::Reading>> readings) {
  std::vector<ReadPosts*> plain;
  for (const auto& reading : readings) {
    const auto& deleted = static_cast<ReadPosts&>(*reading).deleted;
    if (const auto noted = db::note_deleted(store_, deleted, clock_.now()); !noted)
      return tl::unexpected(noted.error());
  }
  for (const auto& reading : readings) {
    auto* page = static_cast<ReadPosts*>(reading.get());
    if (!page->may_hit()) {
      plain.push_back(page);
      continue;
    }
    const auto fresh = record({&page, 1});
    if (!fresh) return tl::unexpected(fresh.error());
    page->outcome.hits = *fresh;
  }
  if (auto recorded = record(plain); !recorded) return tl::unexpected(recorded.error());
  std::vector<crawler::PageOutcome> outcomes;
  for (const auto& reading : readings) outcomes.push_back(std::move(static_cast<ReadPosts&>(*reading).outcome));
  return outcomes;
}

// Those of their posts that were not judged before; gives how many hits are new.
Result<std::size_t> Pipeline::record(std::span<ReadPosts* const> pages) {
  std::vector<Post> posts;
  for (ReadPosts* page : pages) std::move(page->posts.begin(), page->posts.end(), std::back_inserter(posts));
  const auto known = store_.judged_before(posts, classifier_.rules_hash());
  if (!known) return tl::unexpected(known.error());
  std::vector<db::Judged> fresh;
  std::size_t at = 0;
  for (ReadPosts* page : pages) {
    page->outcome.posts = page->verdicts.size();
    for (std::size_t i = 0; i < page->verdicts.size(); ++i) {
      const bool judged_before = (*known)[at];
      Post& post = posts[at++];
      if (judged_before) continue;
      ++page->outcome.new_posts;
      fresh.push_back({std::move(post), std::move(page->verdicts[i]), clock_.now(),
                       std::move(page->captures[i].capture), std::move(page->captures[i].page),
                       page->captures[i].likeness});
    }
  }
  if (fresh.empty()) return std::size_t{0};
  const auto recorded = store_.record(fresh);
  if (!recorded) return tl::unexpected(recorded.error());
  return recorded->fresh;
}

std::vector<Request> plan_entry(const config::SourceSpec& source, const parsers::Cursor& cursor) {
  const parsers::Parser* parser = parsers::find(source.kind);
  if (parser == nullptr) return {{source.url, PageRole::entry, ""}};
  return parser->plan(source, cursor);
}

parsers::ParsedPage read_page(const config::SourceSpec& source, const Document& document) {
  const bool by_page = source.kind == "auto";
  const parsers::Parser* parser = by_page ? parsers::recognise(document) : parsers::find(source.kind);
  parsers::ParsedPage page;
  const bool entry = document.request.role == PageRole::entry;
  if (auto instead = by_page && entry ? kind_to_write(source, parser) : std::nullopt) {
    page.state = parsers::ReadState::not_ours;
    page.warnings.push_back(std::move(*instead));
    return page;
  }
  if (parser == nullptr) return unrecognised(document);
  if (by_page && entry && document.request.url == source.url) {
    std::vector<Request> planned = parser->plan(source, {});
    const bool begins_here = std::any_of(planned.begin(), planned.end(), [&](const Request& request) {
      return request.url == document.request.url || request.url == document.url;
    });
    if (!begins_here) {
      page.links = std::move(planned);
      return page;
    }
  }
  return parsers::read(*parser, document);
}

}  // namespace hw::app
