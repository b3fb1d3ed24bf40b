// Does what stands at a place of the original text fit a messenger's handle?
//
// Handles are read from the original: folding would damage them. Only what no service allows in a handle is taken out
// or made plain: invisible characters, fullwidth and mathematical letters, a Cyrillic letter among Latin ones.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "classifier/code_points.h"
#include "common/verdict.h"
#include "config/messengers.h"

namespace re2 {
class RE2;
}

namespace hw::classifier {

// How much a candidate looks like a handle by itself.
enum class Look {
  ordinary,  // a word of everyday language, a time, a file name: no handle
  file,      // ends as a file's or a site's name does: "fern.java"
  word,      // letters only; could be either
  handle,    // letters with digits, underscores, inner dots or capitals; a phone number
  evident,   // nothing else looks like it
};

struct Candidate {
  std::string handle;  // canonical
  HandleType type = HandleType::user;
  std::size_t from = 0, to = 0;  // in the original
  Look look = Look::word;
  bool distinct = false;  // its shape is seldom seen elsewhere
};

class WordLists {
 public:
  WordLists(const config::Messengers& messengers, std::string_view ordinary);
  WordLists(WordLists&&) noexcept;
  ~WordLists();

  bool never(const std::string& lower) const;     // no handle, whatever stands before: "please", "9pm", "config.json"
  bool file(const std::string& lower) const;      // "fern.java": a handle only where a plain label says so
  bool ordinary(const std::string& lower) const;  // no handle, unless a plain label stands before

 private:
  std::unordered_set<std::string> never_;
  std::unordered_set<std::string> ordinary_;
  std::vector<std::unique_ptr<re2::RE2>> never_shapes_;
  std::vector<std::unique_ptr<re2::RE2>> file_shapes_;
};

// The part of a text around a candidate with what services do not allow taken out or made plain.
struct Window {
  std::string text;
  std::vector<std::size_t> begins;  // of each byte of text, in the original
  std::vector<std::size_t> ends;
};

Window open_window(const CodePoints& table, std::string_view original, std::size_t from, std::size_t longest);

class Grammar {
 public:
  // Fails (configuration) on a shape that RE2 refuses.
  static Result<Grammar> create(const config::Messenger& messenger);
  Grammar(Grammar&&) noexcept;
  Grammar& operator=(Grammar&&) noexcept;
  ~Grammar();

  // The handle that begins exactly at the window's begin and ends before a character that no handle has; nothing else.
  // `look` is judged with the word lists.
  bool read(const Window& window, const WordLists& words, Candidate& out) const;
  // The same for a handle that came out of a link.
  bool read_link(std::string_view value, HandleType type, Candidate& out) const;
  // Places in `original` that hold what only this messenger's handles look like.
  std::vector<Candidate> evident(std::string_view original) const;
  bool has_evident() const;

 private:
  struct Impl;
  explicit Grammar(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

// A phone number at the beginning of `text`: seven to fifteen digits with usual separators. Returns its length in
// bytes, or 0, and its digits, with "+" in front where the country is stated.
std::size_t read_phone(std::string_view text, std::string& number);

Look look_of(std::string_view handle, const WordLists& words);

}  // namespace hw::classifier
