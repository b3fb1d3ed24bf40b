// Rule packs: what operators and the project know of words, as data.
//
// A pack is a YAML file. Loading checks all of it: every mistake is told with file, line, column and the mend, patterns
// that RE2 cannot compile or that match the empty string are refused, and a live rule must carry examples of what it
// hits and misses. Patterns are RE2 syntax, compared without case and without the accents of Latin letters, in the
// folded view of a text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/verdict.h"

namespace hw::config {

// draft: not compiled. shadow: matched and reported with weight 0. live: counts. retired: kept for old verdicts' sake.
enum class RuleStatus { draft, shadow, live, retired };

// What a rule that fires says of the post.
enum class RuleEffect {
  sign,            // speaks for a lead: its weight is added beside an advertised handle
  explains,        // gives a sign in its reach an innocent sense
  counter_speech,  // warns, reports, moderates: signs and handles in its reach are mentioned, not advertised
  news,            // reports as press and courts do
  possible_minor,  // an age under 18 of the author or of the handle's owner
  child_risk,      // an age under 18 sought in, or offered about, somebody else
  seeks_help,      // asks for help, or says that someone threatens the author
};

// What must be there before a rule about ages counts.
enum class RuleNeed {
  contact,  // a handle, an invitation beside a messenger's name, or a sign
  sign,     // a sign that nothing explains: for what is innocent nearly everywhere else
};

// How far an effect that explains or lowers reaches from where it stands.
enum class RuleReach { sentence, paragraph, post };

// What else must hold where a pattern has matched. All are patterns, looked for in the author's own fields.
struct RuleConditions {
  std::vector<std::string> all;
  std::vector<std::string> any;
  std::vector<std::string> not_any;  // "not" in the file
  std::vector<std::string> near;     // at least one of these, at most `within` bytes of folded text away
  std::size_t within = 80;
  bool same_line = false;  // look for all of the above in the match's own line only
};

struct Rule {
  std::string id;  // "term.perv"
  RuleStatus status = RuleStatus::draft;
  RuleEffect effect = RuleEffect::sign;
  double weight = 0;                   // logits, 0 to 10
  std::string group;                   // rules of one group that fire together count once; the id where none is given
  std::vector<std::string> fields;     // "text", "title", "tags" …; empty: all of the author's own
  std::vector<std::string> languages;  // BCP 47 primary tags: not asked of posts stated to be in another
  std::vector<std::string> patterns;   // any of them; fragments are already put in
  std::vector<std::string> unless_before;  // the text that ends where the match begins ends with none of these
  std::vector<std::string> unless_after;   // the text that begins where the match ends begins with none of these
  RuleConditions when;
  std::vector<std::string> explains;  // groups of signs; empty: all (for `explains` only)
  RuleReach reach = RuleReach::sentence;
  RuleNeed needs = RuleNeed::contact;  // for possible_minor and child_risk only
  std::vector<std::string> hit;        // examples; checked by `rules test`
  std::vector<std::string> miss;
};

struct RulePack {
  std::string id;
  std::string version;
  std::string licence;
  std::string contact;
  Band ceiling = Band::high;  // no band above this one by the rules of such packs alone
  std::vector<Rule> rules;
  std::string file;    // for messages
  std::string source;  // the file's text, for the digest that stands in every verdict's record
};

// Packs that are built in and can be named like files.
inline constexpr std::string_view kPressTerms = "press-terms";
inline constexpr std::string_view kExamplePack = "example";
bool is_built_in_pack(std::string_view name);

Result<RulePack> parse_rule_pack(std::string_view text, std::string_view file);
// `name` is a path, or one of the names above.
Result<RulePack> load_rule_pack(const std::string& name);

std::string_view to_string(RuleStatus status);
std::string_view to_string(RuleEffect effect);

}  // namespace hw::config
