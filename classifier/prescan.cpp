#include "classifier/prescan.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include <hs/hs.h>
#include <re2/filtered_re2.h>
#include <re2/re2.h>

namespace hw::classifier {
namespace {

constexpr int kShortestGuard = 3;  // bytes
constexpr std::size_t kMostGuards = 3;
constexpr std::size_t kCommon = 5;  // bytes; a shorter literal stands in most texts

bool in_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// What one literal says when it is found.
struct Meaning {
  struct Guard {
    int pattern;
    std::uint8_t set;  // a bit
  };
  std::vector<Guard> guards;
  bool word = false;   // one of the words
  bool alone = false;  // which counts only where it stands alone
  std::size_t length = 0;
};

// One scan under way.
struct Run {
  const std::vector<Meaning>* meanings;
  std::string_view text;
  std::vector<std::uint8_t> missing;  // of each pattern, the sets of which nothing was found yet
  Prescan::Found found;
};

bool stands_alone(std::string_view text, std::size_t from, std::size_t to) {
  return (from == 0 || !in_word(text[from - 1])) && (to >= text.size() || !in_word(text[to]));
}

int on_literal(unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
  Run& run = *static_cast<Run*>(context);
  const Meaning& meaning = (*run.meanings)[id];
  const auto end = static_cast<std::size_t>(to);
  if (meaning.word && !run.found.word)
    run.found.word = !meaning.alone || stands_alone(run.text, end - meaning.length, end);
  for (const auto& [pattern, set] : meaning.guards) {
    std::uint8_t& missing = run.missing[static_cast<std::size_t>(pattern)];
    if (missing == 0) continue;
    missing = static_cast<std::uint8_t>(missing & ~set);
    if (missing == 0) run.found.patterns.push_back(pattern);
  }
  return 0;
}

}  // namespace

namespace {

// What RE2 knows of the literals in one pattern, asked as an oracle.
class Literals {
 public:
  explicit Literals(const std::string& pattern) : filter_(kShortestGuard) {
    RE2::Options options;
    options.set_log_errors(false);
    int id = 0;
    if (filter_.Add(pattern, options, &id) == RE2::NoError) filter_.Compile(&atoms_);
  }

  const std::vector<std::string>& atoms() const { return atoms_; }

  // Whether the pattern may match a text that holds these atoms and no other.
  bool allows(const std::vector<bool>& held) const {
    std::vector<int> given;
    std::vector<int> possible;
    for (std::size_t i = 0; i < held.size(); ++i)
      if (held[i]) given.push_back(static_cast<int>(i));
    filter_.AllPotentials(given, &possible);
    return !possible.empty();
  }

 private:
  re2::FilteredRE2 filter_;
  std::vector<std::string> atoms_;
};

}  // namespace

// A set is a cut: without all of it, and with everything else, RE2 says no. It is found by giving back one atom after
// the other, short ones first, for as long as the answer stays no. The next set is looked for in what the first left.
std::vector<std::vector<std::string>> guards_of(const std::string& pattern) {
  const Literals literals(pattern);
  const std::vector<std::string>& atoms = literals.atoms();
  std::vector<std::size_t> order(atoms.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return atoms[a].size() < atoms[b].size(); });
  std::vector<std::vector<std::string>> out;
  std::vector<bool> held(atoms.size());  // what is in a set already
  bool rare = false;                     // one of the sets holds long literals only
  while (!atoms.empty() && out.size() < kMostGuards && !literals.allows(held)) {
    std::vector<bool> given = held;
    for (const std::size_t i : order) {
      if (given[i]) continue;
      given[i] = true;
      if (literals.allows(given)) given[i] = false;
    }
    const auto joins = [&](std::size_t i) { return !given[i] && atoms[i].size() < kCommon; };
    const bool common = std::any_of(order.begin(), order.end(), joins);
    if (rare && common) break;  // its hits would cost more than they save
    rare = rare || !common;
    out.emplace_back();
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      if (given[i]) continue;
      out.back().push_back(atoms[i]);
      held[i] = true;
    }
  }
  return out;
}

// Patterns that Vectorscan reads as RE2 does

namespace {

constexpr std::size_t kLongestScanned = 120;  // bytes of a pattern; what takes long to compile stays with its literals

bool is_plain_sign(char c) {
  constexpr std::string_view kPlain = " ,:;'\"/&@!=<>%_#~-";
  return in_word(c) || kPlain.find(c) != std::string_view::npos;
}

// "\\b", "\\s", "\\.": of one byte each, and over ASCII the same to both (Vectorscan's \\s takes one sign more).
bool is_plain_escape(char c) {
  constexpr std::string_view kEscapes = "bswd.+*?()[]{}|/-^$#'&@";
  return kEscapes.find(c) != std::string_view::npos;
}

// Behind a class such as "[ _-]" or "[a-z]" that begins at `at`; 0 for any other.
std::size_t class_end(std::string_view pattern, std::size_t at) {
  for (std::size_t i = at + 1; i < pattern.size(); ++i) {
    if (pattern[i] == ']') return i > at + 1 ? i + 1 : 0;
    if (pattern[i] == '\\' && i + 1 < pattern.size() && is_plain_escape(pattern[i + 1]) && pattern[i + 1] != 'b')
      ++i;
    else if (!is_plain_sign(pattern[i]) && pattern[i] != '.')
      return 0;
  }
  return 0;
}

// Behind "?", "+", "*" or "{2,5}" at `at`; `at` itself where none stands; 0 for what may repeat too much.
std::size_t repeat_end(std::string_view pattern, std::size_t at, bool group) {
  if (at >= pattern.size()) return at;
  if (pattern[at] == '?') return at + 1;
  if (pattern[at] == '+' || pattern[at] == '*') return group ? 0 : at + 1;
  return pattern[at] == '{' ? 0 : at;
}

// A literal in the syntax of patterns, byte by byte.
std::string as_expression(std::string_view literal) {
  std::string out;
  for (const char c : literal) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (in_word(c) || c == ' ')
      out += c;
    else
      (out += "\\x") += {kHex[byte >> 4U], kHex[byte & 15U]};
  }
  return out;
}

}  // namespace

bool scans_alike(std::string_view pattern) {
  if (pattern.empty() || pattern.size() > kLongestScanned) return false;
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    bool group = false;
    if (c == '|') {
      ++at;
      continue;
    }
    if (c == '(') {
      if (pattern.substr(at, 3) != "(?:") return false;
      at += 3;
      continue;
    }
    if (c == ')') {
      group = true;
      ++at;
    } else if (c == '\\') {
      if (at + 1 >= pattern.size() || !is_plain_escape(pattern[at + 1])) return false;
      at += 2;
    } else if (c == '[') {
      at = class_end(pattern, at);
      if (at == 0) return false;
    } else if (is_plain_sign(c)) {
      ++at;
    } else {
      return false;
    }
    at = repeat_end(pattern, at, group);
    if (at == 0) return false;
  }
  return true;
}

struct Prescan::Impl {
  std::size_t count = 0;           // of patterns
  std::vector<std::uint8_t> sets;  // of each pattern, a bit for each of its guards; 0: it has none
  std::vector<int> always;         // those without
  std::vector<Meaning> meanings;   // by the literal's number
  hs_database_t* database = nullptr;
  hs_scratch_t* prototype = nullptr;
  mutable std::mutex mutex;
  mutable std::vector<hs_scratch_t*> idle;  // as many as there were scans at once

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    for (hs_scratch_t* scratch : idle) hs_free_scratch(scratch);
    hs_free_scratch(prototype);
    hs_free_database(database);
  }

  bool build(std::span<const std::string> patterns, std::span<const std::string> words, bool whole);
  bool compile(const std::vector<std::string>& expressions);
  bool scan(Run& run) const;
  hs_scratch_t* take() const;
  void give_back(hs_scratch_t* scratch) const;
};

// Without a database, every pattern may match every text, and a word may stand in it.
bool Prescan::Impl::compile(const std::vector<std::string>& expressions) {
  if (expressions.empty()) return true;
  std::vector<const char*> texts;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  for (const std::string& text : expressions) {
    const Meaning& meaning = meanings[ids.size()];
    ids.push_back(static_cast<unsigned>(ids.size()));
    texts.push_back(text.c_str());
    // A word may stand alone at its second place only.
    flags.push_back(meaning.alone ? 0 : HS_FLAG_SINGLEMATCH);
  }
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(texts.data(), flags.data(), ids.data(), static_cast<unsigned>(texts.size()), HS_MODE_BLOCK,
                       nullptr, &database, &error) != HS_SUCCESS) {
    hs_free_compile_error(error);
    return false;
  }
  if (hs_alloc_scratch(database, &prototype) != HS_SUCCESS) hs_free_database(std::exchange(database, nullptr));
  return true;
}

// `whole`: patterns that Vectorscan reads as RE2 does are looked for themselves, not by their literals.
bool Prescan::Impl::build(std::span<const std::string> patterns, std::span<const std::string> words, bool whole) {
  std::map<std::string, Meaning> literals;
  std::vector<std::string> expressions;
  sets.clear();
  always.clear();
  meanings.clear();
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const auto number = static_cast<int>(i);
    if (whole && scans_alike(patterns[i])) {
      expressions.push_back(patterns[i]);
      meanings.push_back({{{number, 1}}, false, false, 0});
      sets.push_back(1);
      continue;
    }
    const auto guards = guards_of(patterns[i]);
    for (std::size_t k = 0; k < guards.size(); ++k)
      for (const std::string& literal : guards[k])
        literals[literal].guards.push_back({number, static_cast<std::uint8_t>(1U << k)});
    sets.push_back(static_cast<std::uint8_t>((1U << guards.size()) - 1));
    if (guards.empty()) always.push_back(number);
  }
  for (const std::string& word : words) {
    Meaning& meaning = literals[word];
    meaning.word = true;
    meaning.alone = std::all_of(word.begin(), word.end(), in_word);
  }
  for (auto& [text, meaning] : literals) {
    meaning.length = text.size();
    expressions.push_back(as_expression(text));
    meanings.push_back(std::move(meaning));
  }
  return compile(expressions);
}

hs_scratch_t* Prescan::Impl::take() const {
  {
    const std::lock_guard lock(mutex);
    if (!idle.empty()) {
      hs_scratch_t* scratch = idle.back();
      idle.pop_back();
      return scratch;
    }
  }
  hs_scratch_t* scratch = nullptr;
  return hs_clone_scratch(prototype, &scratch) == HS_SUCCESS ? scratch : nullptr;
}

void Prescan::Impl::give_back(hs_scratch_t* scratch) const {
  const std::lock_guard lock(mutex);
  idle.push_back(scratch);
}

bool Prescan::Impl::scan(Run& run) const {
  if (database == nullptr || run.text.size() > UINT32_MAX) return false;
  hs_scratch_t* scratch = take();
  if (scratch == nullptr) return false;
  const auto status =
      hs_scan(database, run.text.data(), static_cast<unsigned>(run.text.size()), 0, scratch, on_literal, &run);
  give_back(scratch);
  return status == HS_SUCCESS;
}

Prescan::Prescan(std::span<const std::string> patterns, std::span<const std::string> words) {
  auto impl = std::make_unique<Impl>();
  impl->count = patterns.size();
  if (!impl->build(patterns, words, true)) impl->build(patterns, words, false);
  impl_ = std::move(impl);
}

Prescan::~Prescan() = default;

Prescan::Found Prescan::scan(std::string_view text) const {
  Run run{&impl_->meanings, text, impl_->sets, {impl_->always, false}};
  std::vector<int>& patterns = run.found.patterns;
  if (!impl_->scan(run)) {  // out of memory, or more than it takes
    patterns.resize(impl_->count);
    for (std::size_t i = 0; i < patterns.size(); ++i) patterns[i] = static_cast<int>(i);
    run.found.word = true;
  }
  std::sort(patterns.begin(), patterns.end());
  return std::move(run.found);
}

}  // namespace hw::classifier
