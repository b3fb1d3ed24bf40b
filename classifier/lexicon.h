// Where a text names a messenger: one pass over the words of the folded text.
#pragma once

#include <bitset>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "classifier/normalise.h"
#include "config/messengers.h"

namespace hw::classifier {

// A messenger's name in the folded text: bytes [from, to).
struct Mention {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint16_t messenger = 0;  // index in Messengers::all
  config::NameKind kind = config::NameKind::plain;
  bool glued = false;  // part of a longer word, address or handle ("kik_master", "telegram.org"): named, but no label
};

struct Mentions {
  std::vector<Mention> names;  // in the order of the text, the longest name at each place
  bool link_hint = false;      // the first word of a link's host stands somewhere before a dot or a colon
};

class Lexicon {
 public:
  Lexicon(const config::Messengers& messengers, const Folder& folder);
  Mentions find(std::string_view folded) const;
  // Where none of them stands, those of ASCII letters and digits alone, find() finds no name and no link.
  std::vector<std::string> telling_words() const;

 private:
  struct Entry {
    std::vector<std::string> rest;  // the words after the first
    std::uint16_t messenger;
    config::NameKind kind;
    bool everyday;  // its first word is an everyday name
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  void add_variants(const config::Messengers& messengers, const Folder& folder);
  void add_name(const std::string& folded, std::uint16_t messenger, config::NameKind kind);
  void match_word(std::string_view text, std::size_t from, std::size_t to, Mentions& out) const;
  void match_unspaced(std::string_view text, std::size_t from, std::size_t to, Mentions& out) const;
  bool may_begin(std::string_view word) const;

  std::unordered_map<std::string, std::vector<Entry>, Hash, std::equal_to<>> by_first_word_;
  std::unordered_set<std::string, Hash, std::equal_to<>> link_words_;
  std::set<std::string> link_heads_;  // "t.me", "tg:"
  std::vector<std::pair<std::string, Entry>> unspaced_;
  std::bitset<65536> beginnings_;  // fingerprints of the words above
};

}  // namespace hw::classifier
