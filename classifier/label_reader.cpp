#include "classifier/label_reader.h"

#include <algorithm>

#include "common/text.h"

namespace hw::classifier {
namespace {

constexpr std::size_t kLongestHandle = 256;
constexpr std::size_t kLookBehind = 80;
constexpr std::size_t kLongestIntroduction = 40;  // "name there: ", bytes
constexpr std::size_t kLongestKnown = 24;         // bytes of a disguised word
constexpr double kAnnounced = 0.75;
constexpr double kAlternative = 0.7;

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
  std::size_t last = at - 1;
  while (last > 0 && (static_cast<unsigned char>(original[last]) & 0xC0) == 0x80) --last;
  const auto lead = static_cast<unsigned char>(original[last]);
  return std::string_view("\n\t,;.|/()[]{}!?&+*:-~>").find(original[last]) != std::string_view::npos || lead == 0xE2 ||
         lead >= 0xF0;  // punctuation and symbols, emoji
}

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// "the signal x": of something, not of somebody.
bool behind_article(std::string_view before) {
  const std::string_view words = trim(before);
  const std::string_view last = words.substr(words.find_last_of(' ') + 1);
  constexpr std::string_view kArticles[] = {"the", "a", "an", "this", "each", "every"};
  return std::find(std::begin(kArticles), std::end(kArticles), last) != std::end(kArticles);
}

// Where the next line with a letter or a digit begins; npos where none of the next three has one.
std::size_t line_below(std::string_view original, std::size_t at) {
  for (int lines = 0; lines < 3; ++lines) {
    const std::size_t feed = original.find('\n', at);
    if (feed == std::string_view::npos) return std::string_view::npos;
    at = feed + 1;
    const std::string_view line = original.substr(at, std::min(original.find('\n', at), original.size()) - at);
    if (std::any_of(line.begin(), line.end(), is_letter_or_digit)) return at;
  }
  return std::string_view::npos;
}

}  // namespace

LabelReader::LabelReader(const config::Messengers& messengers, const Folder& folder, std::string_view ordinary_words)
    : folder_(&folder),
      words_(messengers, ordinary_words),
      between_(messengers.between.begin(), messengers.between.end()),
      invitations_(folded(messengers.invitations, folder)),
      third_person_(folded(messengers.third_person, folder)) {}

Result<LabelReader> LabelReader::create(const config::Messengers& messengers, const Folder& folder,
                                        std::string_view ordinary_words) {
  LabelReader reader(messengers, folder, ordinary_words);
  for (const config::Messenger& messenger : messengers.all) {
    auto grammar = Grammar::create(messenger);
    if (!grammar) return tl::unexpected(grammar.error());
    reader.grammars_.push_back(std::move(*grammar));
  }
  return reader;
}

bool LabelReader::says(const Patterns& patterns, const FoldedPost& post, const Field& field,
                       std::size_t position) const {
  return any_found(patterns, said_before(post.text(), field.begin, position));
}

bool LabelReader::invited(const FoldedPost& post, const Mention& mention) const {
  return says(invitations_, post, post.field_at(mention.from), mention.from);
}

// The next word is a messenger's name or a word of the rules: "line: x wechat: y".
bool LabelReader::label_follows(std::string_view original, std::size_t at) const {
  while (at < original.size() && original[at] == ' ') ++at;
  std::size_t end = at;
  while (end < original.size() && end - at < kLongestKnown && is_letter_or_digit(original[end])) ++end;
  return end > at && folder_->knows(original.substr(at, end - at));
}

bool LabelReader::read(std::size_t messenger, std::string_view original, std::size_t at, Candidate& out) const {
  if (!grammars_[messenger].read(open_window(folder_->code_points(), original, at, kLongestHandle), words_, out))
    return false;
  // A word of the rules or a messenger's name, disguised or not ("p3rv"), is no handle.
  return out.to - out.from > kLongestKnown || !folder_->knows(original.substr(out.from, out.to - out.from));
}

std::optional<Candidate> LabelReader::read_at(const Label& label, std::size_t at) const {
  Candidate candidate;
  if (!read(label.mention->messenger, label.field->original, at, candidate)) return std::nullopt;
  return candidate;
}

Evidence LabelReader::evidence(const FoldedPost& post, const Label& label, const Gap& gap, const Candidate& candidate,
                               std::size_t said_at) const {
  const std::string_view original = label.field->original;
  Evidence e;
  e.kind = label.mention->kind;
  e.gap = gap;
  e.look = candidate.look;
  e.type = candidate.type;
  e.distinct = candidate.distinct;
  e.common_word = words_.ordinary(candidate.handle);
  e.country_code = candidate.handle.starts_with('+');
  e.hinted = label.hinted;
  e.invited = says(invitations_, post, *label.field, said_at);
  e.of_something = behind_article(said_before(post.text(), label.field->begin, said_at));
  e.long_name = label.span.to - label.span.from >= 4;
  e.clause_ends = clause_ends(original, candidate.to) || label_follows(original, candidate.to);
  e.capital = original[label.span.from] >= 'A' && original[label.span.from] <= 'Z';
  return e;
}

Handle LabelReader::handle(const FoldedPost& post, const Label& label, Candidate candidate, const Evidence& e,
                           double confidence) const {
  Handle out;
  out.messenger = label.mention->messenger;
  out.field = label.field->name();
  out.position = post.folded.position(candidate.from, label.field->begin, label.field->end);
  out.candidate = std::move(candidate);
  out.confidence = confidence;
  out.invited = e.invited;
  const Field& named_in = post.field_at(label.mention->from);
  out.elsewhere = !label.field->by_author() || post.is_cited(out.position) ||
                  says(third_person_, post, named_in, label.mention->from);
  return out;
}

std::optional<Handle> LabelReader::right(const FoldedPost& post, const Label& label) const {
  const std::string_view original = label.field->original;
  Gap gap = gap_after(folder_->code_points(), original, label.span.to, between_);
  if (gap.at_end && label.field->kind == FieldKind::title) return right_in_text(post, label, gap);
  if (!gap.found) return std::nullopt;
  gap.said = gap.said || asks_for_id(post.text().substr(label.mention->from, label.mention->to - label.mention->from));
  Candidate candidate;
  // A Matrix id begins with its own "@", a room with "#", a Threema gateway with "*".
  const char last = gap.edge > 0 ? original[gap.edge - 1] : ' ';
  const bool signed_before = gap.at_sign || last == '#' || last == '*';
  const bool with_sign = signed_before && read(label.mention->messenger, original, gap.edge - 1, candidate);
  if (!with_sign && !read(label.mention->messenger, original, gap.edge, candidate)) return std::nullopt;
  Evidence e = evidence(post, label, gap, candidate, label.mention->from);
  e.begins_line = begins_line(original, label.span.from);
  e.begins_clause = begins_clause(original, label.span.from);
  const double confidence = judge_right(e);
  if (confidence == 0) return std::nullopt;
  return handle(post, label, std::move(candidate), e, confidence);
}

// A title that ends in a label: the handle is all that the text's first line holds.
std::optional<Handle> LabelReader::right_in_text(const FoldedPost& post, const Label& label, Gap gap) const {
  const auto is_text = [](const Field& field) { return field.kind == FieldKind::text; };
  const auto text = std::find_if(post.fields.begin(), post.fields.end(), is_text);
  Candidate candidate;
  if (text == post.fields.end() ||
      !read(label.mention->messenger, text->original, text->original.starts_with('@') ? 1 : 0, candidate))
    return std::nullopt;
  const std::string_view rest = text->original.substr(candidate.to);
  if (!rest.empty() && !trim(rest.substr(0, rest.find('\n'))).empty()) return std::nullopt;
  gap.new_line = true;
  Evidence e = evidence(post, label, gap, candidate, label.mention->from);
  e.begins_line = e.clause_ends = true;
  const double confidence = judge_right(e);
  if (confidence == 0) return std::nullopt;
  const Label in_text{label.mention, label.hinted, &*text, label.span};
  return handle(post, in_text, std::move(candidate), e, confidence);
}

// A line that holds a handle and nothing else, but for words that lead to it and a colon.
std::optional<Candidate> LabelReader::announced(const Label& label, std::string_view original, std::size_t line) const {
  const std::size_t end = std::min(original.find('\n', line), original.size());
  std::size_t at = line;
  const std::string_view start = original.substr(line, std::min(end - line, kLongestIntroduction));
  if (const std::size_t colon = start.find_first_of(":="); colon != std::string_view::npos) at = line + colon + 1;
  while (at < end && !is_letter_or_digit(original[at]) && original[at] != '_' && original[at] != '+') ++at;
  Candidate candidate;
  if (at >= end || !read(label.mention->messenger, original, at, candidate)) return std::nullopt;
  if (candidate.look != Look::handle && candidate.look != Look::evident) return std::nullopt;
  const std::string_view rest = original.substr(candidate.to, end - std::min(end, candidate.to));
  if (std::any_of(rest.begin(), rest.end(), is_letter_or_digit)) return std::nullopt;
  return candidate;
}

std::optional<Handle> LabelReader::below(const FoldedPost& post, const Label& label, std::size_t before) const {
  Evidence e;
  e.invited = invited(post, *label.mention);
  if (label.mention->kind == config::NameKind::everyday) return std::nullopt;
  const Field* field = label.field;
  std::size_t line = line_below(field->original, label.span.to);
  if (line == std::string_view::npos && field->kind == FieldKind::title) {
    const auto is_text = [](const Field& each) { return each.kind == FieldKind::text; };
    const auto text = std::find_if(post.fields.begin(), post.fields.end(), is_text);
    if (text == post.fields.end()) return std::nullopt;
    field = &*text;
    line = 0;
  } else if (line == std::string_view::npos || line >= before) {
    return std::nullopt;
  }
  auto candidate = announced(label, field->original, line);
  if (!candidate) return std::nullopt;
  const bool number = candidate->type == HandleType::phone && candidate->handle.starts_with('+');
  if (!label.hinted && !e.invited && !number) return std::nullopt;
  return handle(post, {label.mention, label.hinted, field, label.span}, std::move(*candidate), e, kAnnounced);
}

std::optional<Handle> LabelReader::another(const Label& label, const Handle& first) const {
  if (!label.hinted || first.candidate.look != Look::handle || first.field != label.field->name()) return std::nullopt;
  const std::string_view original = label.field->original;
  std::size_t at = first.candidate.to;
  const auto skip = [&](std::string_view signs) {
    while (at < original.size() && signs.find(original[at]) != std::string_view::npos) ++at;
  };
  skip(" ,/&");
  for (const std::string_view word : {"or ", "and ", "oder ", "und ", "ou ", "o "})
    if (equals_ignoring_case(original.substr(at, word.size()), word)) {
      at += word.size();
      break;
    }
  skip(" @");
  auto candidate = at > first.candidate.to ? read_at(label, at) : std::nullopt;
  if (!candidate || candidate->look != Look::handle) return std::nullopt;
  // Another of the same person's: it begins as the first does.
  constexpr std::size_t kAlike = 4;
  const std::string_view head = std::string_view(first.candidate.handle).substr(0, kAlike);
  if (head.size() < kAlike || !candidate->handle.starts_with(head) || candidate->handle == first.candidate.handle)
    return std::nullopt;
  Handle out = first;
  out.position += candidate->from - first.candidate.from;
  out.candidate = std::move(*candidate);
  out.confidence = kAlternative;
  out.shared = true;
  return out;
}

// What ends at the gap's edge: a handle without or with "@", or a phone number. Returns where it begins, or npos.
std::size_t LabelReader::read_before(std::size_t messenger, std::string_view original, Gap& gap, Candidate& out) const {
  // "x@kik": the name is no part of it.
  const bool at_name = gap.edge < original.size() && original[gap.edge] == '@';
  const std::string_view until = at_name ? original.substr(0, gap.edge) : original;
  const auto fits = [&](std::size_t from) {
    return from < gap.edge && read(messenger, until, from, out) && out.to == gap.edge;
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

std::optional<Handle> LabelReader::left(const FoldedPost& post, const Label& label) const {
  const std::string_view original = label.field->original;
  Gap gap = gap_before(original, label.span.from);
  if (!gap.found) return std::nullopt;
  Candidate candidate;
  const std::size_t begin = read_before(label.mention->messenger, original, gap, candidate);
  if (begin == std::string_view::npos) return std::nullopt;
  Evidence e = evidence(post, label, gap, candidate, post.folded.position(begin, label.field->begin, label.field->end));
  e.begins_line = begins_line(original, begin);
  e.begins_clause = e.begins_line || begins_clause(original, begin);
  e.clause_ends = clause_ends(original, label.span.to);
  const double confidence = judge_left(e);
  if (confidence == 0) return std::nullopt;
  return handle(post, label, std::move(candidate), e, confidence);
}

}  // namespace hw::classifier
