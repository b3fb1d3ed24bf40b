#include "classifier/lexicon.h"

#include <algorithm>

namespace hw::classifier {
namespace {

bool is_ascii_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

enum class Writing { none, ascii, short_codes, long_codes };

// By the first byte of a character: two-byte ones are Greek to Arabic, longer ones ideographs, Kana, Hangul and emoji.
Writing writing(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x80) return is_ascii_word(c) ? Writing::ascii : Writing::none;
  if (byte >= 0xC3 && byte < 0xE0) return Writing::short_codes;
  return byte >= 0xE0 ? Writing::long_codes : Writing::none;
}

std::size_t step(char c) {
  switch (writing(c)) {
    case Writing::short_codes:
      return 2;
    case Writing::long_codes:
      return static_cast<unsigned char>(c) >= 0xF0 ? 4 : 3;
    default:
      return 1;
  }
}

// Words are runs of one writing: "我的telegram是" has three.
std::size_t word_end(std::string_view text, std::size_t from) {
  std::size_t end = from;
  while (end < text.size() && writing(text[end]) == writing(text[from])) end += step(text[end]);
  return std::min(end, text.size());
}

bool begins_word(char c) { return writing(c) != Writing::none; }

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < text.size();) {
    if (!begins_word(text[i])) {
      ++i;
      continue;
    }
    const std::size_t end = word_end(text, i);
    words.emplace_back(text.substr(i, end - i));
    i = end;
  }
  return words;
}

// Between the words of one name: nothing but one of these.
bool joins_words(char c) { return c == ' ' || c == '-' || c == '_' || c == '\'' || c == '.'; }

// Behind the words of `rest`, or 0 when they do not follow.
std::size_t follow(std::string_view text, std::size_t at, const std::vector<std::string>& rest) {
  for (const std::string& word : rest) {
    if (at < text.size() && joins_words(text[at])) ++at;
    if (at >= text.size() || text.substr(at, word.size()) != word) return 0;
    if (word_end(text, at) != at + word.size()) return 0;
    at += word.size();
  }
  return at;
}

bool is_glued(std::string_view text, std::size_t from, std::size_t to) {
  const char before = from > 0 ? text[from - 1] : ' ';
  const char after = to < text.size() ? text[to] : ' ';
  const char beyond = to + 1 < text.size() ? text[to + 1] : ' ';
  if (before == '@' && from > 1 && text[from - 2] == ' ') return false;                       // "x @telegram"
  if (before == '@' && from > 1 && (is_ascii_word(text[from - 2]) || text[from - 2] == '_'))  // "x@wickr"
    return after == '.' || after == '-' || after == '_' || after == ':';
  if (before == '_' || before == '@' || before == '.' || before == '$') return true;
  if (before == '-' && from > 1 && is_ascii_word(text[from - 2])) return true;
  if (after == '_' && is_ascii_word(beyond)) return true;
  if (text.substr(to, 3) == "://") return true;
  return after == '.' && is_ascii_word(beyond);
}

// Of a word's first four bytes and its length up to eight: tells most words of a text from those that matter without a
// look-up.
std::size_t fingerprint(std::string_view word) {
  std::uint32_t bytes = 0;
  for (std::size_t i = 0; i < 4; ++i)
    bytes = bytes << 8U | (i < word.size() ? static_cast<unsigned char>(word[i]) : 0U);
  bytes = (bytes ^ static_cast<std::uint32_t>(std::min<std::size_t>(word.size(), 8))) * 2654435761U;
  return bytes >> 16U;
}

// "kik_name=x", "telegram-user: x".
constexpr std::string_view kIdWords[] = {"name", "user", "username", "handle", "nick", "id", "number"};

constexpr std::size_t kFewestMistyped = 7;  // shorter ones lie too near to other words

// One letter inside left out, or two changed over: "telgram", "snapcaht", "whatsap".
std::vector<std::string> mistyped(const std::string& name) {
  std::vector<std::string> out;
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (name.size() < kFewestMistyped || !std::all_of(name.begin(), name.end(), is_letter)) return out;
  for (std::size_t i = 1; i + 1 < name.size(); ++i) {
    out.push_back(name.substr(0, i) + name.substr(i + 1));
    std::string swapped = name;
    std::swap(swapped[i], swapped[i + 1]);
    if (i + 2 < name.size()) out.push_back(std::move(swapped));
  }
  return out;
}

}  // namespace

void Lexicon::add_name(const std::string& folded, std::uint16_t messenger, config::NameKind kind) {
  std::vector<std::string> words = words_of(folded);
  if (words.empty()) return;
  const std::string first = words.front();
  words.erase(words.begin());
  beginnings_.set(fingerprint(first));
  by_first_word_[first].push_back({std::move(words), messenger, kind, false});
}

void Lexicon::add_variants(const config::Messengers& messengers, const Folder& folder) {
  for (std::size_t i = 0; i < messengers.all.size(); ++i) {
    const config::Messenger& messenger = messengers.all[i];
    for (const config::MessengerName& name : messenger.names) {
      if (name.kind != config::NameKind::plain || name.text.find(' ') != std::string::npos) continue;
      const std::string folded = folder.fold(name.text).text();
      if (folded.empty() || !is_ascii_word(folded[0])) continue;
      for (const std::string_view word : kIdWords)
        add_name(folded + " " + std::string(word), static_cast<std::uint16_t>(i), config::NameKind::plain);
      if (name.text != messenger.id) continue;  // its own name alone: the others are variants already
      for (const std::string& variant : mistyped(folded))
        if (!by_first_word_.contains(variant))
          add_name(variant, static_cast<std::uint16_t>(i), config::NameKind::abbreviation);
    }
  }
}

Lexicon::Lexicon(const config::Messengers& messengers, const Folder& folder) {
  for (std::size_t i = 0; i < messengers.all.size(); ++i) {
    const auto messenger = static_cast<std::uint16_t>(i);
    for (const config::MessengerName& name : messengers.all[i].names) {
      const std::string folded = folder.fold(name.text).text();
      if (!folded.empty() && writing(folded[0]) == Writing::long_codes)
        unspaced_.push_back({folded, {{}, messenger, name.kind, false}});
      else
        add_name(folded, messenger, name.kind);
    }
    for (const config::LinkForm& link : messengers.all[i].links) {
      const std::vector<std::string> words = words_of(link.form);
      if (words.empty()) continue;
      link_words_.insert(words.front());
      const std::size_t end = link.form.find_first_of("/:");
      link_heads_.insert(link.form.substr(0, end + (link.form[end] == ':' ? 1 : 0)));
      beginnings_.set(fingerprint(words.front()));
    }
  }
  add_variants(messengers, folder);
  // A name that begins with an everyday word of its messenger: "session id" of "session".
  for (auto& [word, entries] : by_first_word_)
    for (Entry& entry : entries)
      entry.everyday = std::any_of(entries.begin(), entries.end(), [&](const Entry& other) {
        return other.messenger == entry.messenger && other.kind == config::NameKind::everyday;
      });
  const auto longer_first = [](const Entry& a, const Entry& b) { return a.rest.size() > b.rest.size(); };
  for (auto& [word, entries] : by_first_word_) std::stable_sort(entries.begin(), entries.end(), longer_first);
}

bool Lexicon::may_begin(std::string_view word) const { return beginnings_.test(fingerprint(word)); }

void Lexicon::match_word(std::string_view text, std::size_t from, std::size_t to, Mentions& out) const {
  const std::string_view word = text.substr(from, to - from);
  if (!may_begin(word)) return;
  if (to < text.size() && link_words_.contains(word) &&
      std::string_view(".[({: ").find(text[to]) != std::string_view::npos)
    out.link_hint = true;
  const auto found = by_first_word_.find(word);
  if (found == by_first_word_.end()) return;
  for (const Entry& entry : found->second) {
    const std::size_t end = entry.rest.empty() ? to : follow(text, to, entry.rest);
    if (end == 0) continue;
    if (!out.names.empty() && from < out.names.back().to) return;  // inside a longer name
    const bool identifier =
        entry.everyday && text.substr(from, end - from).find('_') != std::string_view::npos;  // session_id
    out.names.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(end), entry.messenger, entry.kind,
                         identifier || is_glued(text, from, end)});
    return;
  }
}

void Lexicon::match_unspaced(std::string_view text, std::size_t from, std::size_t to, Mentions& out) const {
  for (const auto& [name, entry] : unspaced_) {
    const std::string_view run = text.substr(from, to - from);
    for (std::size_t at = run.find(name); at != std::string_view::npos; at = run.find(name, at + name.size())) {
      const auto begin = static_cast<std::uint32_t>(from + at);
      out.names.push_back({begin, begin + static_cast<std::uint32_t>(name.size()), entry.messenger, entry.kind, false});
    }
  }
}

std::vector<std::string> Lexicon::telling_words() const {
  std::vector<std::string> out(link_heads_.begin(), link_heads_.end());
  // However the dot in a host is written so that it is no live link.
  out.insert(out.end(), {"dot", "[.", "(.", "{.", "[ .", "( .", "{ ."});
  for (const auto& [word, entries] : by_first_word_)
    for (const Entry& entry : entries)  // "t gram" by its second word: a letter stands everywhere
      out.push_back(word.size() < 3 && !entry.rest.empty() ? entry.rest.front() : word);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  for (const auto& [name, entry] : unspaced_) out.push_back(name);
  return out;
}

Mentions Lexicon::find(std::string_view folded) const {
  Mentions out;
  for (std::size_t at = 0; at < folded.size();) {
    if (!begins_word(folded[at])) {
      ++at;
      continue;
    }
    const std::size_t end = word_end(folded, at);
    match_word(folded, at, end, out);
    if (writing(folded[at]) == Writing::long_codes) match_unspaced(folded, at, end, out);
    at = end;
  }
  const auto earlier = [](const Mention& a, const Mention& b) {
    return a.from < b.from || (a.from == b.from && a.to > b.to);
  };
  std::sort(out.names.begin(), out.names.end(), earlier);
  const auto inside = [](const Mention& a, const Mention& b) { return b.from < a.to; };
  out.names.erase(std::unique(out.names.begin(), out.names.end(), inside), out.names.end());
  return out;
}

}  // namespace hw::classifier
