#include "app/pipeline.h"

#include <algorithm>

#include "common/text.h"

namespace hw::app {
namespace {

std::string trouble_of(const parsers::ParsedPage& page) {
  switch (page.state) {
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

std::vector<Post> live_posts(std::vector<Post> posts, const config::SourceSpec& source) {
  std::erase_if(posts, [](const Post& post) { return post.state == PostState::deleted; });
  for (Post& post : posts) {
    post.platform = source.platform;
    post.source = source.name;
  }
  return posts;
}

}  // namespace

Result<Judgement> Pipeline::judge(std::vector<Post> posts) {
  const auto known = store_.judged_before(posts, classifier_.rules_hash());
  if (!known) return tl::unexpected(known.error());
  std::vector<db::Judged> judged;
  for (std::size_t i = 0; i < posts.size(); ++i) {
    if ((*known)[i]) continue;
    Verdict verdict = classifier_.classify(posts[i]);
    judged.push_back({std::move(posts[i]), std::move(verdict), clock_.now()});
  }
  const auto recorded = store_.record(judged);
  if (!recorded) return tl::unexpected(recorded.error());
  return Judgement{posts.size(), judged.size(), recorded->fresh};
}

Result<crawler::PageOutcome> Pipeline::take(const config::SourceSpec& source, const Document& document) {
  parsers::ParsedPage page = read_page(source, document);
  crawler::PageOutcome outcome;
  outcome.trouble = trouble_of(page);
  outcome.follow = std::move(page.links);
  if (page.next) outcome.follow.push_back(std::move(*page.next));
  outcome.cursor = std::move(page.cursor);
  const auto judgement = judge(live_posts(std::move(page.posts), source));
  if (!judgement) return tl::unexpected(judgement.error());
  outcome.posts = judgement->posts;
  outcome.new_posts = judgement->new_posts;
  outcome.hits = judgement->hits;
  return outcome;
}

std::vector<Request> plan_entry(const config::SourceSpec& source, const parsers::Cursor& cursor) {
  const parsers::Parser* parser = parsers::find(source.kind);
  if (parser == nullptr) return {{source.url, PageRole::entry, ""}};
  return parser->plan(source, cursor);
}

parsers::ParsedPage read_page(const config::SourceSpec& source, const Document& document) {
  const parsers::Parser* parser = source.kind == "auto" ? parsers::recognise(document) : parsers::find(source.kind);
  parsers::ParsedPage page;
  if (parser == nullptr) {
    page.state = parsers::ReadState::not_ours;
    return page;
  }
  if (source.kind == "auto" && document.request.role == PageRole::entry) {
    std::vector<Request> entry = parser->plan(source, {});
    const bool begins_here = std::any_of(entry.begin(), entry.end(), [&](const Request& request) {
      return request.url == document.request.url || request.url == document.url;
    });
    if (!begins_here && document.request.url == source.url) {
      page.links = std::move(entry);
      return page;
    }
  }
  return parser->parse(document);
}

}  // namespace hw::app
