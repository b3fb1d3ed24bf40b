#include "classifier/handles.h"

#include <algorithm>
#include <map>

#include "classifier/gap.h"
#include "classifier/judge.h"
#include "classifier/links.h"
#include "classifier/pattern.h"
#include "common/text.h"

namespace hw::classifier {
namespace {

constexpr std::size_t kLongestHandle = 256;
constexpr std::size_t kLookBehind = 80;
constexpr double kClearlySurer = 0.15;
constexpr double kUnsure = 0.8;              // a handle to the right that one to the left can outdo
constexpr std::size_t kMostMentions = 2000;  // of one post; a text of labels alone is no advert

// One pattern for all of them: asking once is cheaper than asking eight times.
Patterns folded(const std::vector<std::string>& given, const Folder& folder) {
  std::string all;
  for (const std::string& pattern : given) all += (all.empty() ? "(?:" : "|(?:") + folder.fold_pattern(pattern) + ")";
  Patterns out;
  if (!all.empty()) out.push_back(std::make_unique<Pattern>(std::move(all)));
  return out;
}

// "line id", "telegram username": the name itself says that a handle follows.
bool asks_for_id(std::string_view name) {
  constexpr std::string_view kEnds[] = {" id",     " username", " name", " handle", " tag",
                                        " number", " uin",      "mxid",  "jid"};
  return std::any_of(std::begin(kEnds), std::end(kEnds), [&](std::string_view end) { return name.ends_with(end); });
}

// What stands before `position` in its line, without the signs that may stand around a name.
std::string_view said_before(std::string_view folded, std::size_t least, std::size_t position) {
  const std::size_t from = std::max(least, position > kLookBehind ? position - kLookBehind : 0);
  std::string_view before = folded.substr(from, position - from);
  if (const std::size_t line = before.rfind('\n'); line != std::string_view::npos) before.remove_prefix(line + 1);
  const auto is_sign = [](char c) { return std::string_view("#[(\"'*@<:").find(c) != std::string_view::npos; };
  while (!before.empty() && is_sign(before.back())) before.remove_suffix(1);
  return before;
}

bool begins_line(std::string_view original, std::size_t at) {
  while (at > 0) {
    const char c = original[at - 1];
    if (c == '\n') return true;
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return false;
    --at;
  }
  return true;
}

// Nothing stands before it in its clause: a line begins, or a sign other than those that belong to words and addresses.
bool begins_clause(std::string_view original, std::size_t at) {
  while (at > 0 && (original[at - 1] == ' ' || original[at - 1] == '#')) --at;
  if (at == 0) return true;
  const char c = original[at - 1];
  return std::string_view("\n\t,;.|/()[]{}!?&+*:-~>").find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) >= 0xE2;
}

}  // namespace

struct HandleFinder::Impl {
  const Folder* folder;
  Lexicon lexicon;
  std::vector<Grammar> grammars;
  std::unique_ptr<LinkReader> links;
  WordLists words;
  WordSet between;
  Patterns invitations;
  Patterns third_person;

  Impl(const config::Messengers& messengers, const Folder& given, std::string_view ordinary)
      : folder(&given),
        lexicon(messengers, given),
        words(messengers, ordinary),
        between(messengers.between.begin(), messengers.between.end()),
        invitations(folded(messengers.invitations, given)),
        third_person(folded(messengers.third_person, given)) {}

  struct Label {
    const Mention* mention;
    bool hinted;
    const Field* field;
    Span span;  // of the name, in the field's original
  };

  bool says(const Patterns& patterns, const FoldedPost& post, const Field& field, std::size_t position) const {
    return any_found(patterns, said_before(post.text(), field.begin, position));
  }

  bool read_at(std::size_t messenger, std::string_view original, std::size_t at, Candidate& out) const {
    return grammars[messenger].read(open_window(folder->code_points(), original, at, kLongestHandle), words, out);
  }

  Evidence evidence(const FoldedPost& post, const Label& label, const Gap& gap, const Candidate& candidate,
                    std::size_t said_at) const {
    const std::string_view original = label.field->original;
    Evidence e;
    e.kind = label.mention->kind;
    e.gap = gap;
    e.look = candidate.look;
    e.type = candidate.type;
    e.distinct = candidate.distinct;
    e.common_word = words.ordinary(candidate.handle);
    e.country_code = candidate.handle.starts_with('+');
    e.hinted = label.hinted;
    e.invited = says(invitations, post, *label.field, said_at);
    e.clause_ends = clause_ends(original, candidate.to);
    e.capital = original[label.span.from] >= 'A' && original[label.span.from] <= 'Z';
    return e;
  }

  Handle handle(const FoldedPost& post, const Label& label, Candidate candidate, const Evidence& e,
                double confidence) const {
    Handle out;
    out.messenger = label.mention->messenger;
    out.field = label.field->name();
    out.position = post.folded.position(candidate.from, label.field->begin, label.field->end);
    out.candidate = std::move(candidate);
    out.confidence = confidence;
    out.invited = e.invited;
    const Field& named_in = post.field_at(label.mention->from);
    out.elsewhere = !label.field->by_author() || says(third_person, post, named_in, label.mention->from);
    return out;
  }

  bool right(const FoldedPost& post, const Label& label, std::vector<Handle>& out) const;
  bool right_in_text(const FoldedPost& post, const Label& label, Gap gap, std::vector<Handle>& out) const;
  bool left(const FoldedPost& post, const Label& label, std::vector<Handle>& out) const;
  std::size_t read_before(std::size_t messenger, std::string_view original, Gap& gap, Candidate& out) const;
  void links_in(std::string_view original, const std::string& field, bool elsewhere, std::vector<Handle>& out) const;
  void evident(const FoldedPost& post, const Mentions& mentions, std::vector<Handle>& out) const;
  void share(const std::vector<Label>& labels, std::vector<std::size_t>& read, std::vector<Handle>& out) const;
};

HandleFinder::HandleFinder(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
HandleFinder::HandleFinder(HandleFinder&&) noexcept = default;
HandleFinder::~HandleFinder() = default;

Result<HandleFinder> HandleFinder::create(const config::Messengers& messengers, const Folder& folder,
                                          std::string_view ordinary) {
  auto impl = std::make_unique<Impl>(messengers, folder, ordinary);
  for (const config::Messenger& messenger : messengers.all) {
    auto grammar = Grammar::create(messenger);
    if (!grammar) return tl::unexpected(grammar.error());
    impl->grammars.push_back(std::move(*grammar));
  }
  auto links = LinkReader::create(messengers, impl->grammars);
  if (!links) return tl::unexpected(links.error());
  impl->links = std::make_unique<LinkReader>(std::move(*links));
  return HandleFinder(std::move(impl));
}

bool HandleFinder::invites(const FoldedPost& post, const Mentions& mentions) const {
  return std::any_of(
      mentions.names.begin(),
      mentions.names.begin() + static_cast<std::ptrdiff_t>(std::min(mentions.names.size(), kMostMentions)),
      [&](const Mention& mention) {
        const Field& field = post.field_at(mention.from);
        return !mention.glued && field.by_author() && impl_->says(impl_->invitations, post, field, mention.from);
      });
}

Mentions HandleFinder::mentions(const FoldedPost& post) const { return impl_->lexicon.find(post.text()); }

bool HandleFinder::Impl::right(const FoldedPost& post, const Label& label, std::vector<Handle>& out) const {
  const std::string_view original = label.field->original;
  Gap gap = gap_after(folder->code_points(), original, label.span.to, between);
  if (gap.at_end && label.field->kind == FieldKind::title) return right_in_text(post, label, gap, out);
  if (!gap.found) return false;
  gap.said = gap.said || asks_for_id(post.text().substr(label.mention->from, label.mention->to - label.mention->from));
  Candidate candidate;
  // A Matrix id begins with its own "@".
  const bool with_sign = gap.at_sign && read_at(label.mention->messenger, original, gap.edge - 1, candidate);
  if (!with_sign && !read_at(label.mention->messenger, original, gap.edge, candidate)) return false;
  Evidence e = evidence(post, label, gap, candidate, label.mention->from);
  e.begins_line = begins_line(original, label.span.from);
  e.begins_clause = begins_clause(original, label.span.from);
  const double confidence = judge_right(e);
  if (confidence == 0) return false;
  out.push_back(handle(post, label, std::move(candidate), e, confidence));
  return true;
}

// A title that ends in a label: the handle is all that the text's first line holds.
bool HandleFinder::Impl::right_in_text(const FoldedPost& post, const Label& label, Gap gap,
                                       std::vector<Handle>& out) const {
  const auto is_text = [](const Field& field) { return field.kind == FieldKind::text; };
  const auto text = std::find_if(post.fields.begin(), post.fields.end(), is_text);
  Candidate candidate;
  if (text == post.fields.end() ||
      !read_at(label.mention->messenger, text->original, text->original.starts_with('@') ? 1 : 0, candidate))
    return false;
  const std::string_view rest = text->original.substr(candidate.to);
  if (!rest.empty() && !trim(rest.substr(0, rest.find('\n'))).empty()) return false;
  gap.new_line = true;
  Evidence e = evidence(post, label, gap, candidate, label.mention->from);
  e.begins_line = e.clause_ends = true;
  const double confidence = judge_right(e);
  if (confidence == 0) return false;
  const Label in_text{label.mention, label.hinted, &*text, label.span};
  out.push_back(handle(post, in_text, std::move(candidate), e, confidence));
  return true;
}

// What ends at the gap's edge: a handle without or with "@", or a phone number. Returns where it begins, or npos.
std::size_t HandleFinder::Impl::read_before(std::size_t messenger, std::string_view original, Gap& gap,
                                            Candidate& out) const {
  const auto fits = [&](std::size_t from) {
    return from < gap.edge && read_at(messenger, original, from, out) && out.to == gap.edge;
  };
  const std::size_t begin = token_begin(original, gap.edge);
  const bool in_address = begin > 0 && (original[begin - 1] == '/' || original[begin - 1] == '\\');
  if (begin < gap.edge && !in_address) {
    if (fits(begin)) return begin;
    if (original[begin] == '@' && fits(begin + 1)) {
      gap.at_sign = true;
      return begin + 1;
    }
  }
  std::size_t number = gap.edge;
  const std::size_t least = number > 30 ? number - 30 : 0;
  while (number > least && std::string_view("0123456789 ()+-.").find(original[number - 1]) != std::string_view::npos)
    --number;
  for (; number < gap.edge; ++number)
    if ((original[number] == '+' || (original[number] >= '0' && original[number] <= '9')) && fits(number))
      return number;
  return std::string_view::npos;
}

bool HandleFinder::Impl::left(const FoldedPost& post, const Label& label, std::vector<Handle>& out) const {
  const std::string_view original = label.field->original;
  Gap gap = gap_before(original, label.span.from);
  if (!gap.found) return false;
  Candidate candidate;
  const std::size_t begin = read_before(label.mention->messenger, original, gap, candidate);
  if (begin == std::string_view::npos) return false;
  Evidence e = evidence(post, label, gap, candidate, post.folded.position(begin, label.field->begin, label.field->end));
  e.begins_line = begins_line(original, begin);
  e.begins_clause = e.begins_line || begins_clause(original, begin);
  e.clause_ends = clause_ends(original, label.span.to);
  const double confidence = judge_left(e);
  if (confidence == 0) return false;
  out.push_back(handle(post, label, std::move(candidate), e, confidence));
  return true;
}

// "snap+kik: same x", "wickr / tele: x": a label without a handle of its own has that of the next one.
void HandleFinder::Impl::share(const std::vector<Label>& labels, std::vector<std::size_t>& read,
                               std::vector<Handle>& out) const {
  for (std::size_t i = labels.size(); i-- > 1;) {
    const Label& label = labels[i - 1];
    const Label& next = labels[i];
    if (read[i - 1] != 0 || read[i] == 0 || label.field != next.field) continue;
    const std::string_view gap =
        label.field->original.substr(label.span.to, next.span.from - std::min(next.span.from, label.span.to));
    const std::string joined = to_lower(trim(gap));
    constexpr std::string_view kJoins[] = {"",  "/",  "+",  "&", ",", "|", "and", "or", "und", "oder", "y",
                                           "o", "et", "ou", "e", "i", "и", "ve",  "en", "of",  "&amp;"};
    if (gap.size() > 8 || std::find(std::begin(kJoins), std::end(kJoins), joined) == std::end(kJoins)) continue;
    const Handle& shared = out[read[i] - 1];
    Candidate candidate;
    if (!read_at(label.mention->messenger, label.field->original, shared.candidate.from, candidate)) continue;
    Handle copy = shared;
    copy.messenger = label.mention->messenger;
    copy.candidate = std::move(candidate);
    copy.confidence = std::max(0.5, shared.confidence - 0.05);
    copy.shared = true;
    out.push_back(std::move(copy));
    read[i - 1] = out.size();
  }
}

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
        found.elsewhere = !field.by_author();
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

std::vector<Handle> HandleFinder::find(const FoldedPost& post, const Mentions& mentions, const Post& given,
                                       bool hinted) const {
  std::vector<Handle> out;
  std::vector<Impl::Label> labels;
  for (const Mention& mention : mentions.names) {
    if (mention.glued || labels.size() >= kMostMentions) continue;
    labels.push_back({&mention, hinted, &post.field_at(mention.from), post.original(mention.from, mention.to)});
  }
  std::vector<std::size_t> read(labels.size());  // 1 + the index in out of each label's handle to the right
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (impl_->right(post, labels[i], out)) read[i] = out.size();
  impl_->share(labels, read, out);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool unsure = read[i] != 0 && out[read[i] - 1].confidence <= kUnsure;
    if (read[i] != 0 && !unsure) continue;
    // "x on kik, y on snap": what stands before the name is surer than what follows the comma.
    if (impl_->left(post, labels[i], out) && unsure) out[read[i] - 1].confidence = 0;
  }
  std::erase_if(out, [](const Handle& handle) { return handle.confidence == 0; });
  impl_->evident(post, mentions, out);
  if (mentions.link_hint)
    for (const Field& field : post.fields) {
      const std::size_t before = out.size();
      impl_->links_in(field.original, field.name(), !field.by_author(), out);
      for (std::size_t i = before; i < out.size(); ++i)
        out[i].position = post.folded.position(out[i].candidate.from, field.begin, field.end);
    }
  for (std::size_t i = 0; i < given.links.size(); ++i) {
    const std::size_t before = out.size();
    impl_->links_in(given.links[i].url, "links/" + std::to_string(i), false, out);
    for (std::size_t k = before; k < out.size(); ++k) out[k].position = post.text().size();
  }
  return once(std::move(out));
}

}  // namespace hw::classifier
