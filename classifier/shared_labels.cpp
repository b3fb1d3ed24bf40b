#include "classifier/shared_labels.h"

#include <algorithm>

#include "common/text.h"

namespace hw::classifier {
namespace {

constexpr std::size_t kLongestJoin = 8;
constexpr std::size_t kLongestSame = 40;

bool joins(std::string_view between) {
  constexpr std::string_view kJoins[] = {"",  "/",  "+",  "&", ",", "|", "and", "or", "und", "oder", "y",
                                         "o", "et", "ou", "e", "i", "и", "ve",  "en", "of",  "&amp;"};
  const std::string joined = to_lower(trim(between));
  return between.size() <= kLongestJoin && std::find(std::begin(kJoins), std::end(kJoins), joined) != std::end(kJoins);
}

// "same on", "same name for", "also the same there on".
bool says_same(std::string_view between) {
  if (between.size() > kLongestSame) return false;
  constexpr std::string_view kWords[] = {"and",  "also",   "the",      "same",  "name", "user",   "username",
                                         "id",   "handle", "nick",     "on",    "for",  "at",     "in",
                                         "with", "there",  "my",       "is",    "as",   "und",    "auch",
                                         "auf",  "gleich", "gleicher", "mismo", "en",   "pareil", "sur"};
  bool same = false;
  std::string word;
  for (const char c : to_lower(between) + " ") {
    if ((c >= 'a' && c <= 'z')) {
      word += c;
      continue;
    }
    if (!word.empty() && std::find(std::begin(kWords), std::end(kWords), word) == std::end(kWords)) return false;
    same = same || word == "same" || word == "gleich" || word == "gleicher" || word == "mismo" || word == "pareil";
    word.clear();
  }
  return same;
}

std::string_view text_between(const Label& label, std::size_t from, std::size_t to) {
  return label.field->original.substr(from, to - std::min(from, to));
}

// The handle of another label, read by this one's grammar.
std::optional<Handle> copied(const LabelReader& reader, const Label& label, const Handle& from) {
  if (from.field != label.field->name()) return std::nullopt;
  auto candidate = reader.read_at(label, from.candidate.from);
  if (!candidate) return std::nullopt;
  Handle out = from;
  out.messenger = label.mention->messenger;
  out.candidate = std::move(*candidate);
  out.confidence = std::max(0.5, from.confidence - 0.05);
  out.shared = true;
  return out;
}

}  // namespace

void share_forward(const LabelReader& reader, const FoldedPost& post, std::span<const Label> labels, Readings& read) {
  for (std::size_t i = labels.size(); i-- > 1;) {
    const Label& label = labels[i - 1];
    const Label& next = labels[i];
    const std::string_view between = text_between(label, label.span.to, next.span.from);
    if (read[i - 1] || label.field != next.field || !(joins(between) || says_same(between))) continue;
    if (read[i])
      read[i - 1] = copied(reader, label, *read[i]);
    else  // "wickr or session, both x", where x is no handle of the second
      read[i - 1] = reader.right(post, {label.mention, label.hinted, label.field, next.span});
  }
}

void share_back(const LabelReader& reader, std::span<const Label> labels, Readings& read) {
  for (std::size_t i = 1; i < labels.size(); ++i) {
    const Label& label = labels[i];
    if (read[i] || !read[i - 1] || label.field != labels[i - 1].field) continue;
    const std::size_t handle_end = read[i - 1]->candidate.to;
    const bool listed = joins(text_between(label, labels[i - 1].span.to, label.span.from));
    const std::size_t from = std::max(handle_end, labels[i - 1].span.to);
    if (listed || (from <= label.span.from && says_same(text_between(label, from, label.span.from))))
      read[i] = copied(reader, label, *read[i - 1]);
  }
}

void pair_up(const LabelReader& reader, std::span<const Label> labels, Readings& read) {
  for (std::size_t i = 1; i < labels.size(); ++i) {
    const Label& label = labels[i];
    const std::optional<Handle>& first = read[i - 1];
    if (!first || label.field != labels[i - 1].field || first->field != label.field->name()) continue;
    if (read[i] && read[i]->candidate.from != first->candidate.from) continue;
    const bool listed = joins(text_between(label, labels[i - 1].span.to, label.span.from));
    std::size_t at = first->candidate.to;
    if (!listed || at < label.span.to) continue;
    const std::string_view original = label.field->original;
    while (at < original.size() && original[at] == ' ') ++at;
    if (at >= original.size() || std::string_view("/,&+|").find(original[at]) == std::string_view::npos) continue;
    ++at;
    while (at < original.size() && (original[at] == ' ' || original[at] == '@')) ++at;
    auto candidate = reader.read_at(label, at);
    if (!candidate || candidate->look != Look::handle) continue;
    Handle second = *first;
    second.messenger = label.mention->messenger;
    second.position += candidate->from - first->candidate.from;
    second.candidate = std::move(*candidate);
    second.shared = false;
    read[i - 1]->shared = false;
    read[i] = std::move(second);
  }
}

}  // namespace hw::classifier
