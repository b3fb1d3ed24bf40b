#include "classifier/classifier.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <sodium.h>

#include "classifier/context.h"
#include "classifier/fields.h"
#include "classifier/first_look.h"
#include "classifier/flags.h"
#include "classifier/handles.h"
#include "classifier/likeness.h"
#include "classifier/rule_set.h"
#include "classifier/score.h"
#include "common/text.h"
#include "config/embedded.h"

namespace hw::classifier {
namespace {

using config::RuleEffect;

// Asked of every post.
constexpr std::array kAlways{RuleEffect::sign, RuleEffect::seeks_help};
// Asked where a handle or a sign stands.
constexpr std::array kContext{RuleEffect::explains, RuleEffect::counter_speech, RuleEffect::news};
// Asked where a messenger is named or a sign stands.
constexpr std::array kAges{RuleEffect::possible_minor, RuleEffect::child_risk};

Vocabulary vocabulary_of(const config::Messengers& messengers, std::span<const config::RulePack> packs) {
  Vocabulary words;
  for (const config::Messenger& messenger : messengers.all)
    for (const config::MessengerName& name : messenger.names) words.add_pattern(name.text);
  for (const config::RulePack& pack : packs)
    for (const config::Rule& rule : pack.rules)
      if (rule.effect == RuleEffect::sign)
        for (const std::string& pattern : rule.patterns) words.add_pattern(to_lower(pattern));
  return words;
}

std::string digest(const config::Messengers& messengers, std::span<const config::RulePack> packs) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, 32);
  const auto add = [&](std::string_view text) {
    // The length first, so that no two lists of files run together to the same bytes.
    const std::string length = fmt::format("{}:", text.size());
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(length.data()), length.size());
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  };
  add(messengers.source);
  add(config::embedded_ordinary_words());
  for (const config::RulePack& pack : packs) add(pack.source);
  std::array<unsigned char, 32> out{};
  crypto_generichash_final(&state, out.data(), out.size());
  return to_hex({reinterpret_cast<const char*>(out.data()), out.size()});
}

Status check_ids(std::span<const config::RulePack> packs) {
  std::set<std::string_view> ids;
  for (const config::RulePack& pack : packs)
    for (const config::Rule& rule : pack.rules)
      if (!ids.insert(rule.id).second)
        return fail(ErrorCode::configuration,
                    fmt::format("{}: the rule {} stands in another pack too, give it another id", pack.file, rule.id));
  return {};
}

// The operator's packs and, behind them, what this library itself knows of contexts and ages.
Result<std::vector<config::RulePack>> with_own(std::span<const config::RulePack> given) {
  std::vector<config::RulePack> packs(given.begin(), given.end());
  const std::pair<std::string_view, std::string_view> own[] = {
      {config::embedded_context_rules(), "context.yaml (built in)"},
      {config::embedded_age_rules(), "ages.yaml (built in)"}};
  for (const auto& [text, file] : own) {
    auto pack = config::parse_rule_pack(text, file);
    if (!pack) return tl::unexpected(pack.error());
    packs.push_back(std::move(*pack));
  }
  return packs;
}

}  // namespace

struct Classifier::Impl {
  config::Messengers messengers;
  std::vector<config::RulePack> packs;
  Folder folder;
  std::unique_ptr<HandleFinder> finder;
  std::unique_ptr<RuleSet> always_rules;
  std::unique_ptr<RuleSet> context_rules;
  std::unique_ptr<RuleSet> age_rules;
  std::unique_ptr<FirstLooker> first_looker;
  std::string rules_hash;

  Impl(const config::Messengers& given, std::vector<config::RulePack> all)
      : messengers(given),
        packs(std::move(all)),
        folder(vocabulary_of(messengers, packs)),
        rules_hash(digest(messengers, packs)) {}

  // What a verdict was made of, as far as the post gave reason to look.
  struct Trace {
    FoldedPost folded;
    Context context;
    std::vector<Firing> contexts;
    std::vector<Firing> ages;
  };
  Verdict judge(const Post& post, Trace& trace) const;
  void list_handles(const std::vector<Handle>& handles, const Context& context, const Post& post,
                    const FoldedPost& folded, Verdict& verdict) const;
};

Classifier::Classifier(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier& Classifier::operator=(Classifier&&) noexcept = default;
Classifier::~Classifier() = default;

const std::string& Classifier::rules_hash() const { return impl_->rules_hash; }

Result<Classifier> Classifier::create(const config::Messengers& messengers, std::span<const config::RulePack> given) {
  auto packs = with_own(given);
  if (!packs) return tl::unexpected(packs.error());
  if (const Status unique = check_ids(*packs); !unique) return tl::unexpected(unique.error());
  auto impl = std::make_unique<Impl>(messengers, std::move(*packs));
  auto finder = HandleFinder::create(impl->messengers, impl->folder, config::embedded_ordinary_words());
  if (!finder) return tl::unexpected(finder.error());
  impl->finder = std::make_unique<HandleFinder>(std::move(*finder));
  const std::pair<std::unique_ptr<RuleSet>*, std::span<const RuleEffect>> sets[] = {
      {&impl->always_rules, kAlways}, {&impl->context_rules, kContext}, {&impl->age_rules, kAges}};
  for (const auto& [target, effects] : sets) {
    auto set = RuleSet::create(impl->packs, effects, impl->folder);
    if (!set) return tl::unexpected(set.error());
    *target = std::make_unique<RuleSet>(std::move(*set));
  }
  impl->first_looker = std::make_unique<FirstLooker>(*impl->always_rules, *impl->finder);
  return Classifier(std::move(impl));
}

void Classifier::Impl::list_handles(const std::vector<Handle>& handles, const Context& context, const Post& post,
                                    const FoldedPost& folded, Verdict& verdict) const {
  const auto original = [&](const std::string& field) -> std::string_view {
    if (field.starts_with("links/")) return post.links[std::stoul(field.substr(6))].url;
    for (const Field& each : folded.fields)
      if (each.name() == field) return each.original;
    return {};
  };
  for (std::size_t i = 0; i < handles.size(); ++i) {
    const Candidate& candidate = handles[i].candidate;
    const std::string_view raw = original(handles[i].field).substr(candidate.from, candidate.to - candidate.from);
    verdict.handles.push_back({messengers.all[handles[i].messenger].id,
                               candidate.type,
                               candidate.handle,
                               std::string(raw),
                               handles[i].field,
                               {candidate.from, candidate.to},
                               context.intents[i],
                               handles[i].confidence});
  }
}

Verdict Classifier::Impl::judge(const Post& post, Trace& trace) const {
  Verdict verdict;
  verdict.post_id = post.id;
  verdict.rules_hash = rules_hash;
  trace.folded = fold(folder, post);
  const FoldedPost& folded = trace.folded;
  FirstLook look = first_looker->look(folded);
  const Mentions& mentions = look.mentions;
  std::vector<Firing>& signs = look.firings;
  const auto is_sign = [](const Firing& firing) { return firing.rule->effect == RuleEffect::sign; };
  std::copy_if(signs.begin(), signs.end(), std::back_inserter(trace.ages),
               [&](const Firing& firing) { return !is_sign(firing); });
  std::erase_if(signs, [&](const Firing& firing) { return !is_sign(firing); });
  const bool named = !mentions.names.empty() || mentions.link_hint || !post.links.empty();
  if (!named && signs.empty() && trace.ages.empty()) return verdict;
  // Beside a sign or an age, less is asked of a handle; ages are only worth a scan where that finds one, or an
  // invitation.
  std::vector<Handle> handles = named ? finder->find(folded, mentions, post, true) : std::vector<Handle>{};
  const bool invited = finder->invites(folded, mentions);
  if (handles.empty() && !invited && signs.empty() && trace.ages.empty()) return verdict;
  for (const Firing& firing : age_rules->scan(folded)) trace.ages.push_back(firing);
  if (signs.empty() && trace.ages.empty()) handles = finder->find(folded, mentions, post, false);
  const bool contact = invited || !handles.empty();
  if (!contact && signs.empty() && trace.ages.empty()) return verdict;
  trace.contexts = context_rules->scan(folded);
  trace.context = judge_context(folded, handles, signs, trace.contexts);
  list_handles(handles, trace.context, post, folded, verdict);
  score(folded, handles, trace.context, packs, messengers, verdict);
  raise_flags(post, folded, contact, trace.context, trace.ages, verdict);
  return verdict;
}

std::optional<std::uint64_t> Classifier::likeness(const Post& post, const Verdict& verdict) const {
  std::string said;
  for (const auto& [field, original] :
       {std::pair<std::string_view, std::string_view>{"title", post.title}, {"text", post.text}}) {
    std::string words(original);
    for (const HandleFound& handle : verdict.handles)
      if (handle.field == field && handle.span.to <= words.size())
        std::fill(words.begin() + static_cast<std::ptrdiff_t>(handle.span.from),
                  words.begin() + static_cast<std::ptrdiff_t>(handle.span.to), ' ');
    said += words + '\n';
  }
  return classifier::likeness(impl_->folder.fold(said).text());
}

Verdict Classifier::classify(const Post& post) const {
  Impl::Trace trace;
  return impl_->judge(post, trace);
}

void Classifier::prepare() const { impl_->first_looker->prepare(); }

Explanation Classifier::explain(const Post& post) const {
  Impl::Trace trace;
  Explanation out{impl_->judge(post, trace), {}};
  out.influences = influences(trace.folded, trace.context, trace.contexts, trace.ages, out.verdict);
  return out;
}

}  // namespace hw::classifier
