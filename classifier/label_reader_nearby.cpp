// The part of LabelReader that looks for a handle in a name's sentence where none stands beside the name.
#include <algorithm>
#include <cctype>

#include "classifier/label_reader.h"
#include "common/text.h"

namespace hw::classifier {
namespace {

constexpr std::size_t kAhead = 90;   // bytes behind the name
constexpr std::size_t kBehind = 60;  // bytes before it
constexpr double kNearbyPhone = 0.8;
constexpr double kNearby = 0.65;
constexpr std::size_t kTellingLength = 6;

bool begins_handle(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '+'; }

bool ends_sentence(std::string_view text, std::size_t at) {
  if (text[at] == '\n') return true;
  return std::string_view(".!?").find(text[at]) != std::string_view::npos &&
         (at + 1 >= text.size() || text[at + 1] == ' ' || text[at + 1] == '\n');
}

// Where the next token begins, from `at` on: behind a blank, a bracket, a quotation mark or "@". `end` where there is
// none.
std::size_t next_token(std::string_view text, std::size_t at, std::size_t end) {
  for (++at; at < end; ++at)
    if (begins_handle(text[at]) && std::string_view(" (\"'@:,").find(text[at - 1]) != std::string_view::npos) return at;
  return end;
}

// It looks like nothing else: "fern_22", not "b2b".
bool is_telling(std::string_view written) {
  if (written.find('_', 1) < written.size() - 1) return true;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return written.size() >= kTellingLength && std::any_of(written.begin(), written.end(), is_digit) &&
         written.find('-') == std::string_view::npos;
}

// "username is x", "the name's x", "glad you asked: x"; not "a name like x", "one used x".
bool is_introduced(std::string_view text, std::size_t at) {
  while (at > 0 && std::string_view(" @\"'`,").find(text[at - 1]) != std::string_view::npos) --at;
  if (at == 0) return true;
  if (std::string_view(":=(>").find(text[at - 1]) != std::string_view::npos) return true;
  std::size_t begin = at;
  while (begin > 0 && text[begin - 1] != ' ' && text[begin - 1] != '\n') --begin;
  const std::string last = to_lower(text.substr(begin, at - begin));
  constexpr std::string_view kWords[] = {
      "is",    "it's",  "its",  "name",  "name's", "username", "nick", "handle", "under", "as",     "mine",
      "there", "dort",  "soy",  "sou",   "sono",   "ben",      "bin",  "heiße",  "suis",  "jestem", "adım",
      "там",   "id",    "me",   "i'm",   "im",     "ist",      "es",   "est",    "è",     "é",      "to",
      "als",   "unter", "como", "comme", "come",   "jako",     "–",    "-",      "->",    "come:"};
  return std::find(std::begin(kWords), std::end(kWords), last) != std::end(kWords);
}

// "no whatsapp please", "sin telegram".
bool is_denied(std::string_view text, std::size_t name) {
  constexpr std::string_view kNo[] = {"no",  "not", "without", "kein", "keine", "sin", "sans",
                                      "pas", "sem", "senza",   "geen", "bez",   "non", "never"};
  const std::string_view before = trim(text.substr(name > 12 ? name - 12 : 0, std::min<std::size_t>(name, 12)));
  const std::string last = to_lower(before.substr(before.find_last_of(' ') + 1));
  return std::find(std::begin(kNo), std::end(kNo), last) != std::end(kNo);
}

}  // namespace

std::optional<Handle> LabelReader::nearby(const FoldedPost& post, const Label& label, std::size_t until,
                                          bool nothing_else) const {
  const std::string_view text = label.field->original;
  if (label.mention->kind != config::NameKind::plain || is_denied(text, label.span.from)) return std::nullopt;
  const auto tried = [&](std::size_t at) -> std::optional<Handle> {
    auto candidate = read_at(label, at);
    if (!candidate || candidate->look != Look::handle) return std::nullopt;
    const bool number = candidate->type == HandleType::phone && candidate->handle.starts_with('+');
    const bool telling = label.hinted && candidate->type == HandleType::user &&
                         is_telling(text.substr(candidate->from, candidate->to - candidate->from)) &&
                         is_introduced(text, candidate->from);
    const bool distinct = candidate->distinct && text.substr(0, at).ends_with(": ");
    if (!number && !telling && !distinct) return std::nullopt;
    return handle(post, label, std::move(*candidate), Evidence{}, number ? kNearbyPhone : kNearby);
  };
  std::size_t end = label.span.to;
  const std::size_t most = std::min({text.size(), label.span.to + kAhead, until});
  while (end < most && !ends_sentence(text, end)) ++end;
  for (std::size_t at = next_token(text, label.span.to, end); at < end; at = next_token(text, at, end))
    if (auto found = tried(at)) return found;
  if (!nothing_else) return std::nullopt;
  std::size_t begin = label.span.from;
  const std::size_t least = begin > kBehind ? begin - kBehind : 0;
  while (begin > least && !ends_sentence(text, begin - 1)) --begin;
  for (std::size_t at = begins_handle(text[begin]) && begin == 0 ? begin : next_token(text, begin, label.span.from);
       at < label.span.from; at = next_token(text, at, label.span.from))
    if (auto found = tried(at)) return found;
  return std::nullopt;
}

}  // namespace hw::classifier
