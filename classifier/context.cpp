#include "classifier/context.h"

#include <algorithm>

#include "classifier/names.h"

namespace hw::classifier {
namespace {

constexpr std::size_t kBeside = 600;  // bytes of folded text between a sign and a handle that belong together
constexpr std::size_t kLongestSentence = 1200;
constexpr std::size_t kCited = 60;  // bytes from a word to the quotation mark

using config::RuleEffect;
using config::RuleReach;

bool ends_sentence(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == '\n') return true;
  return (c == '.' || c == '!' || c == '?') && (at + 1 >= text.size() || text[at + 1] == ' ' || text[at + 1] == '\n');
}

Span sentence_around(std::string_view text, const Field& field, std::size_t position) {
  std::size_t begin = position, end = position;
  while (begin > field.begin && position - begin < kLongestSentence && !ends_sentence(text, begin - 1)) --begin;
  while (end < field.end && end - position < kLongestSentence && !ends_sentence(text, end)) ++end;
  return {begin, end};
}

Span paragraph_around(std::string_view text, const Field& field, std::size_t position) {
  const std::size_t before = position == 0 ? std::string_view::npos : text.rfind("\n\n", position - 1);
  const std::size_t after = text.find("\n\n", position);
  return {std::max(field.begin, before == std::string_view::npos ? std::size_t{0} : before),
          std::min(field.end, after)};
}

bool holds(const Span& span, std::size_t position) {
  return position >= span.from && position < std::max(span.to, span.from + 1);
}

bool explains(const config::Rule& rule, const config::Rule& sign) {
  if (rule.effect != RuleEffect::explains)
    return rule.effect == RuleEffect::counter_speech || rule.effect == RuleEffect::news;
  return rule.explains.empty() ||
         std::find(rule.explains.begin(), rule.explains.end(), sign.group) != rule.explains.end();
}

bool demotes(const config::Rule& rule) {
  return rule.effect == RuleEffect::counter_speech || rule.effect == RuleEffect::news;
}

bool inside_handle(const FoldedPost& post, const Firing& firing, const std::vector<Handle>& handles) {
  const Field& field = post.field_at(firing.from);
  const Span span = post.original(firing.from, firing.to);
  const std::string name = field.name();
  return std::any_of(handles.begin(), handles.end(), [&](const Handle& handle) {
    return handle.field == name && span.from >= handle.candidate.from && span.to <= handle.candidate.to;
  });
}

std::size_t quotation_mark(std::string_view text, std::size_t at) {
  for (const std::string_view mark :
       {"\"", "'", "\u201c", "\u201d", "\u201e", "\u00ab", "\u00bb", "\u2018", "\u2019", "\u201a"})
    if (text.substr(at, mark.size()) == mark) return mark.size();
  return 0;
}

bool in_word(std::string_view text, std::size_t at) {
  const char c = at < text.size() ? text[at] : ' ';
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         (static_cast<unsigned char>(c) >= 0xC3 && static_cast<unsigned char>(c) < 0xE0);
}

// Titles, profiles and tags stand beside everything; text only beside what is near.
bool is_beside(const FoldedPost& post, const Firing& sign, const Handle& handle) {
  if (post.field_at(sign.from).kind != FieldKind::text || !handle.field.starts_with("text")) return true;
  const std::size_t gap = handle.position > sign.to     ? handle.position - sign.to
                          : sign.from > handle.position ? sign.from - handle.position
                                                        : 0;
  return gap <= kBeside;
}

void note(std::vector<std::string>& ids, const std::string& id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
}

}  // namespace

// A mark opens before it and closes after it, in the same line and not far away.
bool is_cited(std::string_view text, const Firing& sign) {
  const std::size_t least = sign.from > kCited ? sign.from - kCited : 0;
  bool opened = false;
  for (std::size_t at = sign.from; at-- > least && !opened && text[at] != '\n';) {
    const std::size_t length = quotation_mark(text, at);
    if (length == 0) continue;
    if (at > 0 && in_word(text, at - 1)) {
      if (text[at] == '\'') continue;  // an apostrophe
      return false;                    // it closes what stood before
    }
    opened = true;
  }
  const std::size_t most = std::min(text.size(), sign.to + kCited);
  for (std::size_t at = sign.to; opened && at < most && text[at] != '\n'; ++at) {
    const std::size_t length = quotation_mark(text, at);
    if (length > 0 && !in_word(text, at + length)) return true;
  }
  return false;
}

Span reach_around(const FoldedPost& post, std::size_t position, RuleReach reach) {
  if (reach == RuleReach::post || post.fields.empty()) return {0, post.text().size() + 1};
  const Field& field = post.field_at(position);
  return reach == RuleReach::sentence ? sentence_around(post.text(), field, position)
                                      : paragraph_around(post.text(), field, position);
}

Context judge_context(const FoldedPost& post, const std::vector<Handle>& handles, const std::vector<Firing>& signs,
                      const std::vector<Firing>& contexts) {
  Context out;
  for (const Firing& sign : signs) {
    if (!post.by_author(sign.from)) out.quoted = true;
    out.signs.push_back({sign, "", inside_handle(post, sign, handles), false, is_cited(post.text(), sign)});
    if (reads_as_name(post, sign)) out.signs.back().explained_by = "the name that it is part of";
  }
  const bool cites = std::any_of(out.signs.begin(), out.signs.end(), [](const Sign& sign) { return sign.cited; });
  for (const Handle& handle : handles) {
    const std::size_t end = handle.position + handle.candidate.to - handle.candidate.from;
    // The whole advert in quotation marks, beside other words: somebody speaks of it.
    const bool cited = cites && end < post.text().size() && is_cited(post.text(), {nullptr, 0, handle.position, end});
    out.quoted = out.quoted || cited;
    out.intents.push_back(handle.elsewhere || cited ? Intent::mentioned : Intent::advertised);
    out.quoted = out.quoted || handle.field.starts_with("quotes") || post.is_cited(handle.position);
  }
  for (const Firing& context : contexts) {
    const config::Rule& rule = *context.rule;
    if (rule.status != config::RuleStatus::live) continue;
    const Span reach = reach_around(post, context.from, rule.reach);
    bool used = false;
    for (Sign& sign : out.signs) {
      if (!sign.explained_by.empty() || !explains(rule, *sign.firing.rule) || !holds(reach, sign.firing.from)) continue;
      sign.explained_by = rule.id;
      used = true;
    }
    for (std::size_t i = 0; demotes(rule) && i < handles.size(); ++i) {
      if (!holds(reach, handles[i].position) || (handles[i].invited && rule.reach != RuleReach::post)) continue;
      out.intents[i] = Intent::mentioned;
      used = true;
    }
    if (rule.effect == RuleEffect::counter_speech) out.counter_speech = true;
    if (rule.effect == RuleEffect::news) out.news = true;
    if (used) note(out.lowered_by, rule.id);
  }
  for (Sign& sign : out.signs) {
    sign.far = true;
    for (std::size_t i = 0; i < handles.size(); ++i)
      if (out.intents[i] == Intent::advertised && is_beside(post, sign.firing, handles[i])) sign.far = false;
  }
  return out;
}

}  // namespace hw::classifier
