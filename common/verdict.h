// What the classifier says of a post, with every reason. The JSON form is in common/json.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hw {

enum class Band { none, low, medium, high };
enum class HandleType { user, phone, invite };
enum class Intent { advertised, mentioned };

enum class Flag {
  possible_minor,  // the author's or the handle owner's age is or may be under 18, or a victim writes
  child_risk,      // an age under 18 is sought in, or offered about, somebody else
  seeks_help,
  age_unchecked,  // the language is not one whose ages are read
  counter_speech,
  quoted,
  news,
};

// Bytes [from, to) of the named field's UTF-8, as the field was given.
struct Span {
  std::size_t from = 0;
  std::size_t to = 0;
  bool operator==(const Span&) const = default;
};

struct HandleFound {
  std::string messenger;  // its id in messengers.yaml: "wickr"
  HandleType type = HandleType::user;
  std::string handle;  // canonical for its messenger
  std::string raw;     // as written
  std::string field;   // "text", "title", "author_bio", "tags/0", "links/2", "quotes/1" …
  Span span;
  Intent intent = Intent::mentioned;
  double confidence = 0;  // 0..1
  bool operator==(const HandleFound&) const = default;
};

struct RuleFired {
  std::string id;
  std::string field;
  Span span;
  double weight = 0;  // what it added to the score's logit
  bool operator==(const RuleFired&) const = default;
};

struct Verdict {
  std::string post_id;
  Band band = Band::none;
  double score = 0;  // 0..1
  std::vector<HandleFound> handles;
  std::vector<RuleFired> rules;
  std::vector<Flag> flags;           // in the order of the enumeration, each at most once
  std::vector<std::string> reasons;  // one a line, for people; never holds a handle
  std::string rules_hash;            // hex digest of the rule packs that judged; not part of the JSON form

  bool has(Flag flag) const;
  // Held for safeguarding: sealed to that role alone, never listed.
  bool held() const { return has(Flag::possible_minor) || has(Flag::child_risk); }
  // Worth a record: something to review, or held.
  bool hit() const { return band != Band::none || held(); }
};

std::string_view to_string(Band band);
std::string_view to_string(HandleType type);
std::string_view to_string(Intent intent);
std::string_view to_string(Flag flag);
std::optional<Band> parse_band(std::string_view text);
std::optional<HandleType> parse_handle_type(std::string_view text);
std::optional<Intent> parse_intent(std::string_view text);
std::optional<Flag> parse_flag(std::string_view text);

}  // namespace hw
