#include "classifier/handles.h"

#include <algorithm>
#include <map>

#include "classifier/label_reader.h"
#include "classifier/links.h"
#include "classifier/shared_labels.h"

namespace hw::classifier {
namespace {

constexpr double kClearlySurer = 0.15;
constexpr double kUnsure = 0.8;              // a handle to the right that one to the left can outdo
constexpr std::size_t kMostMentions = 2000;  // of one post; a text of labels alone is no advert

}  // namespace

struct HandleFinder::Impl {
  Lexicon lexicon;
  LabelReader reader;
  std::unique_ptr<LinkReader> links;

  std::vector<Label> labels_of(const FoldedPost& post, const Mentions& mentions, bool hinted) const;
  void beside_names(const FoldedPost& post, const Mentions& mentions, bool hinted, std::vector<Handle>& out) const;
  void links_in(std::string_view original, const std::string& field, bool elsewhere, std::vector<Handle>& out) const;
  void evident(const FoldedPost& post, const Mentions& mentions, std::vector<Handle>& out) const;
};

HandleFinder::HandleFinder(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
HandleFinder::HandleFinder(HandleFinder&&) noexcept = default;
HandleFinder::~HandleFinder() = default;

Result<HandleFinder> HandleFinder::create(const config::Messengers& messengers, const Folder& folder,
                                          std::string_view ordinary_words) {
  auto reader = LabelReader::create(messengers, folder, ordinary_words);
  if (!reader) return tl::unexpected(reader.error());
  auto impl = std::make_unique<Impl>(Impl{Lexicon(messengers, folder), std::move(*reader), nullptr});
  auto links = LinkReader::create(messengers, impl->reader.grammars());
  if (!links) return tl::unexpected(links.error());
  impl->links = std::make_unique<LinkReader>(std::move(*links));
  return HandleFinder(std::move(impl));
}

bool HandleFinder::invites(const FoldedPost& post, const Mentions& mentions) const {
  return std::any_of(
      mentions.names.begin(),
      mentions.names.begin() + static_cast<std::ptrdiff_t>(std::min(mentions.names.size(), kMostMentions)),
      [&](const Mention& mention) {
        return !mention.glued && post.by_author(mention.from) && impl_->reader.invited(post, mention);
      });
}

std::vector<std::string> HandleFinder::telling_words() const { return impl_->lexicon.telling_words(); }

Mentions HandleFinder::mentions(const FoldedPost& post) const { return impl_->lexicon.find(post.text()); }

void HandleFinder::Impl::links_in(std::string_view original, const std::string& field, bool elsewhere,
                                  std::vector<Handle>& out) const {
  for (LinkFound& link : links->find(original)) {
    Handle found;
    found.messenger = link.messenger;
    found.candidate = std::move(link.candidate);
    found.field = field;
    found.confidence = 0.95;
    found.elsewhere = elsewhere;
    out.push_back(std::move(found));
  }
}

// What only a messenger that the post names could be, wherever it stands.
void HandleFinder::Impl::evident(const FoldedPost& post, const Mentions& mentions, std::vector<Handle>& out) const {
  const std::vector<Grammar>& grammars = reader.grammars();
  std::vector<bool> named(grammars.size());
  for (const Mention& mention : mentions.names) named[mention.messenger] = true;
  for (std::size_t i = 0; i < grammars.size(); ++i) {
    if (!named[i] || !grammars[i].has_evident()) continue;
    for (const Field& field : post.fields) {
      for (Candidate& candidate : grammars[i].evident(field.original)) {
        Handle found;
        found.messenger = i;
        found.position = post.folded.position(candidate.from, field.begin, field.end);
        found.candidate = std::move(candidate);
        found.field = field.name();
        found.confidence = 0.85;
        found.elsewhere = !field.by_author() || post.is_cited(found.position);
        out.push_back(std::move(found));
      }
    }
  }
}

namespace {

// Each handle of a messenger once, where it is surest.
std::vector<Handle> once(std::vector<Handle> found) {
  std::map<std::pair<std::string, std::size_t>, double> surest;  // by place
  for (const Handle& handle : found) {
    double& best = surest[{handle.field, handle.candidate.from}];
    best = std::max(best, handle.confidence);
  }
  // Read for two messengers, and one reading is much surer: "x on kik, y on snap" has no y on kik.
  std::erase_if(found, [&](const Handle& handle) {
    return !handle.shared && handle.confidence + kClearlySurer < surest[{handle.field, handle.candidate.from}];
  });
  const auto surer = [](const Handle& a, const Handle& b) {
    return a.elsewhere != b.elsewhere ? !a.elsewhere : a.confidence > b.confidence;
  };
  std::stable_sort(found.begin(), found.end(), surer);
  std::map<std::pair<std::size_t, std::string>, std::size_t> seen;
  std::vector<Handle> out;
  for (Handle& handle : found)
    if (seen.emplace(std::pair(handle.messenger, handle.candidate.handle), out.size()).second)
      out.push_back(std::move(handle));
  const auto earlier = [](const Handle& a, const Handle& b) { return a.position < b.position; };
  std::stable_sort(out.begin(), out.end(), earlier);
  return out;
}

}  // namespace

std::vector<Label> HandleFinder::Impl::labels_of(const FoldedPost& post, const Mentions& mentions, bool hinted) const {
  std::vector<Label> labels;
  for (const Mention& mention : mentions.names) {
    if (mention.glued || labels.size() >= kMostMentions) continue;
    labels.push_back({&mention, hinted, &post.field_at(mention.from), post.original(mention.from, mention.to)});
  }
  return labels;
}

void HandleFinder::Impl::beside_names(const FoldedPost& post, const Mentions& mentions, bool hinted,
                                      std::vector<Handle>& out) const {
  const std::vector<Label> labels = labels_of(post, mentions, hinted);
  Readings read(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    read[i] = reader.right(post, labels[i]);
    if (read[i])
      if (auto second = reader.another(labels[i], *read[i])) out.push_back(std::move(*second));
  }
  share_forward(reader, post, labels, read);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    // "x on kik, y on snap": what stands before the name is surer than what follows the comma.
    if (read[i] && read[i]->confidence > kUnsure) continue;
    if (auto left = reader.left(post, labels[i])) read[i] = std::move(left);
  }
  share_back(reader, labels, read);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool last = i + 1 == labels.size() || labels[i + 1].field != labels[i].field;
    if (!read[i]) read[i] = reader.below(post, labels[i], last ? std::string_view::npos : labels[i + 1].span.from);
  }
  share_forward(reader, post, labels, read);  // "kik/snap" and, on the line below, x
  pair_up(reader, labels, read);
  const bool nothing_else = std::none_of(read.begin(), read.end(), [](const auto& found) { return found.has_value(); });
  std::size_t until = std::string_view::npos;  // where the next name begins that is no everyday word
  for (std::size_t i = labels.size(); i-- > 0;) {
    if (i + 1 < labels.size() && labels[i + 1].field != labels[i].field) until = std::string_view::npos;
    if (!read[i]) read[i] = reader.nearby(post, labels[i], until, nothing_else);
    if (labels[i].mention->kind != config::NameKind::everyday) until = labels[i].span.from;
  }
  for (std::optional<Handle>& found : read)
    if (found) out.push_back(std::move(*found));
}

std::vector<Handle> HandleFinder::find(const FoldedPost& post, const Mentions& mentions, const Post& given,
                                       bool hinted) const {
  std::vector<Handle> out;
  impl_->beside_names(post, mentions, hinted, out);
  impl_->evident(post, mentions, out);
  if (mentions.link_hint)
    for (const Field& field : post.fields) {
      const std::size_t before = out.size();
      impl_->links_in(field.original, field.name(), !field.by_author(), out);
      for (std::size_t i = before; i < out.size(); ++i)
        out[i].position = post.folded.position(out[i].candidate.from, field.begin, field.end);
      for (std::size_t i = before; i < out.size(); ++i)
        out[i].elsewhere = out[i].elsewhere || post.is_cited(out[i].position);
    }
  for (std::size_t i = 0; i < given.links.size(); ++i) {
    const std::size_t before = out.size();
    impl_->links_in(given.links[i].url, "links/" + std::to_string(i), false, out);
    for (std::size_t k = before; k < out.size(); ++k) out[k].position = post.text().size();
  }
  return once(std::move(out));
}

}  // namespace hw::classifier
