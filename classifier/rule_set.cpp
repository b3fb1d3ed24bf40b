#include "classifier/rule_set.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>

#include "classifier/pattern.h"
#include "common/text.h"

namespace hw::classifier {
namespace {

constexpr std::size_t kMostFirings = 32;    // of one pattern in a post
constexpr std::size_t kMostMatches = 2000;  // that are looked at, allowed or not
constexpr std::size_t kLookAround = 96;     // bytes that unless-before and unless-after see
constexpr std::size_t kLongestLine = 2000;  // bytes on either side that same-line sees
constexpr std::int64_t kMemory = 64 << 20;

RE2::Options options() {
  RE2::Options out;
  out.set_log_errors(false);
  out.set_max_mem(kMemory);
  return out;
}

struct Compiled {
  const config::Rule* rule = nullptr;
  std::size_t pack = 0;
  Patterns patterns, unless_before, unless_after, all, any, not_any, near;
};

std::string_view line_around(std::string_view text, const Field& field, std::size_t from, std::size_t to) {
  const std::size_t least = std::max(field.begin, from > kLongestLine ? from - kLongestLine : 0);
  const std::size_t most = std::min(field.end, to + kLongestLine);
  const std::size_t before = text.substr(least, from - least).rfind('\n');
  const std::size_t after = text.substr(to, most - to).find('\n');
  const std::size_t begin = before == std::string_view::npos ? least : least + before + 1;
  return text.substr(begin, (after == std::string_view::npos ? most : to + after) - begin);
}

// What somebody cites is no sign; an age in it is one still.
bool in_field(const config::Rule& rule, const FoldedPost& post, const Field& field, std::size_t position) {
  const bool sign = rule.effect == config::RuleEffect::sign;
  if (rule.fields.empty()) return field.by_author() && !(sign && post.is_cited(position));
  const auto fits = [&](const std::string& name) { return name == "all" || name == to_string(field.kind); };
  return std::any_of(rule.fields.begin(), rule.fields.end(), fits);
}

// What the source says of a post's language is often wrong, so that rules about ages, where a miss is worse, ask
// anyway.
bool in_language(const config::Rule& rule, std::string_view language) {
  using config::RuleEffect;
  const bool of_age = rule.effect == RuleEffect::possible_minor || rule.effect == RuleEffect::child_risk ||
                      rule.effect == RuleEffect::seeks_help;
  if (of_age || rule.languages.empty() || language.empty()) return true;
  const std::string_view primary = language.substr(0, language.find_first_of("-_"));
  return std::any_of(rule.languages.begin(), rule.languages.end(),
                     [&](const std::string& each) { return equals_ignoring_case(each, primary); });
}

bool surroundings_allow(const Compiled& rule, std::string_view text, const Field& field, std::size_t from,
                        std::size_t to) {
  const std::size_t least = std::max(field.begin, from > kLookAround ? from - kLookAround : 0);
  if (any_found(rule.unless_before, text.substr(least, from - least))) return false;
  return !any_found(rule.unless_after, text.substr(to, std::min(kLookAround, field.end - to)));
}

bool conditions_hold(const Compiled& rule, std::string_view where) {
  if (!all_found(rule.all, where) || any_found(rule.not_any, where)) return false;
  return rule.any.empty() || any_found(rule.any, where);
}

bool is_near(const Compiled& rule, std::string_view text, const Field& field, std::size_t from, std::size_t to) {
  const std::size_t within = rule.rule->when.within;
  const std::size_t begin = std::max(field.begin, from > within ? from - within : 0);
  return rule.near.empty() || any_found(rule.near, text.substr(begin, std::min(field.end, to + within) - begin));
}

// What a scan needs to know of the post besides its text.
struct Scan {
  const FoldedPost* post;
  std::string_view authors;               // the text without quotations
  std::vector<std::optional<bool>> held;  // per rule: its conditions on the whole post, asked once
};

std::string_view authors_text(const FoldedPost& post) {
  std::size_t end = post.text().size();
  for (const Field& field : post.fields)
    if (!field.by_author()) end = std::min(end, field.begin);
  return post.text().substr(0, end);
}

}  // namespace

struct RuleSet::Impl {
  struct Source {
    std::size_t rule;     // in rules
    std::size_t pattern;  // in its patterns
  };
  std::vector<Compiled> rules;
  std::vector<Source> sources;  // by index in the set
  std::unique_ptr<RE2::Set> set;

  bool allows(Scan& scan, std::size_t rule, const Field& field, std::size_t from, std::size_t to) const;
  void places(Scan& scan, const Source& source, std::vector<Firing>& out) const;
};

RuleSet::RuleSet(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
RuleSet::RuleSet(RuleSet&&) noexcept = default;
RuleSet::~RuleSet() = default;

namespace {

tl::unexpected<Error> refuse(const config::RulePack& pack, const config::Rule& rule, std::string_view why) {
  return fail(ErrorCode::configuration, fmt::format("{}: rule {}: {}", pack.file, rule.id, why));
}

// Folds the patterns; what RE2 cannot parse is refused. `parser` only parses here and is never compiled.
Result<Compiled> compile(const config::RulePack& pack, const config::Rule& rule, const Folder& folder,
                         RE2::Set& parser) {
  Compiled out;
  out.rule = &rule;
  const std::pair<Patterns*, const std::vector<std::string>*> parts[] = {{&out.patterns, &rule.patterns},
                                                                         {&out.unless_before, &rule.unless_before},
                                                                         {&out.unless_after, &rule.unless_after},
                                                                         {&out.all, &rule.when.all},
                                                                         {&out.any, &rule.when.any},
                                                                         {&out.not_any, &rule.when.not_any},
                                                                         {&out.near, &rule.when.near}};
  for (const auto& [target, given] : parts)
    for (const std::string& pattern : *given) {
      target->push_back(std::make_unique<Pattern>(folder.fold_pattern(pattern)));
      std::string error;
      if (parser.Add(target->back()->text(), &error) < 0) return refuse(pack, rule, "RE2 refuses a pattern: " + error);
    }
  return out;
}

}  // namespace

Result<RuleSet> RuleSet::create(std::span<const config::RulePack> packs, std::span<const config::RuleEffect> effects,
                                const Folder& folder) {
  auto impl = std::make_unique<Impl>();
  impl->set = std::make_unique<RE2::Set>(options(), RE2::UNANCHORED);
  RE2::Set parser(options(), RE2::UNANCHORED);
  for (std::size_t p = 0; p < packs.size(); ++p) {
    for (const config::Rule& rule : packs[p].rules) {
      const bool runs = rule.status == config::RuleStatus::live || rule.status == config::RuleStatus::shadow;
      if (!runs || std::find(effects.begin(), effects.end(), rule.effect) == effects.end()) continue;
      auto compiled = compile(packs[p], rule, folder, parser);
      if (!compiled) return tl::unexpected(compiled.error());
      compiled->pack = p;
      for (std::size_t i = 0; i < compiled->patterns.size(); ++i) {
        impl->sources.push_back({impl->rules.size(), i});
        impl->set->Add(compiled->patterns[i]->text(), nullptr);
      }
      impl->rules.push_back(std::move(*compiled));
    }
  }
  if (impl->sources.empty()) return RuleSet(std::move(impl));
  if (!impl->set->Compile())
    return fail(ErrorCode::configuration, "the rules are too large to be compiled together, remove some");
  std::vector<int> empty;
  if (impl->set->Match("", &empty)) {
    const Compiled& rule = impl->rules[impl->sources[static_cast<std::size_t>(empty.front())].rule];
    return refuse(packs[rule.pack], *rule.rule, "a pattern matches the empty text, make a part of it required");
  }
  return RuleSet(std::move(impl));
}

bool RuleSet::Impl::allows(Scan& scan, std::size_t index, const Field& field, std::size_t from, std::size_t to) const {
  const Compiled& rule = rules[index];
  const std::string_view text = scan.post->text();
  if (!in_field(*rule.rule, *scan.post, field, from) || !surroundings_allow(rule, text, field, from, to)) return false;
  if (!is_near(rule, text, field, from, to)) return false;
  if (rule.rule->when.same_line) return conditions_hold(rule, line_around(text, field, from, to));
  std::optional<bool>& held = scan.held[index];
  if (!held) held = conditions_hold(rule, scan.authors);
  return *held;
}

void RuleSet::Impl::places(Scan& scan, const Source& source, std::vector<Firing>& out) const {
  const Compiled& rule = rules[source.rule];
  if (!in_language(*rule.rule, scan.post->language)) return;
  const std::string_view text = scan.post->text();
  std::size_t fired = 0, matches = 0, from = 0, to = 0;
  while (fired < kMostFirings && ++matches <= kMostMatches && rule.patterns[source.pattern]->next(text, to, from, to)) {
    const Field& field = scan.post->field_at(from);
    if (to > field.end) {  // it runs over into the next field, where it may begin anew
      to = std::max(field.end, from + 1);
      continue;
    }
    if (!allows(scan, source.rule, field, from, to)) continue;
    out.push_back({rule.rule, rule.pack, from, to});
    ++fired;
  }
}

std::vector<Firing> RuleSet::scan(const FoldedPost& post) const {
  if (impl_->sources.empty() || post.fields.empty()) return {};
  const re2::StringPiece text(post.text().data(), post.text().size());
  std::vector<int> hits;
  RE2::Set::ErrorInfo error{};
  if (!impl_->set->Match(text, &hits, &error)) {
    if (error.kind == RE2::Set::kNoError) return {};
    hits.resize(impl_->sources.size());  // the scan ran out of memory: every pattern is asked by itself
    for (std::size_t i = 0; i < hits.size(); ++i) hits[i] = static_cast<int>(i);
  }
  std::sort(hits.begin(), hits.end());
  return judge(post, hits);
}

std::vector<Firing> RuleSet::judge(const FoldedPost& post, std::span<const int> candidates) const {
  std::vector<Firing> out;
  Scan scan{&post, authors_text(post), std::vector<std::optional<bool>>(impl_->rules.size())};
  for (const int candidate : candidates) impl_->places(scan, impl_->sources[static_cast<std::size_t>(candidate)], out);
  return out;
}

std::vector<std::string> RuleSet::patterns() const {
  std::vector<std::string> out;
  for (const Impl::Source& source : impl_->sources)
    out.push_back(impl_->rules[source.rule].patterns[source.pattern]->text());
  return out;
}

}  // namespace hw::classifier
