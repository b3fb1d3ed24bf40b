#include "common/verdict.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hw {
namespace {

template <class E, std::size_t N>
using Names = std::array<std::pair<E, std::string_view>, N>;

constexpr Names<Band, 4> kBands{
    {{Band::none, "none"}, {Band::low, "low"}, {Band::medium, "medium"}, {Band::high, "high"}}};
constexpr Names<HandleType, 3> kTypes{
    {{HandleType::user, "user"}, {HandleType::phone, "phone"}, {HandleType::invite, "invite"}}};
constexpr Names<Intent, 2> kIntents{{{Intent::advertised, "advertised"}, {Intent::mentioned, "mentioned"}}};
constexpr Names<Flag, 7> kFlags{{{Flag::possible_minor, "possible_minor"},
                                 {Flag::child_risk, "child_risk"},
                                 {Flag::seeks_help, "seeks_help"},
                                 {Flag::age_unchecked, "age_unchecked"},
                                 {Flag::counter_speech, "counter_speech"},
                                 {Flag::quoted, "quoted"},
                                 {Flag::news, "news"}}};

template <class E, std::size_t N>
std::string_view name_of(const Names<E, N>& names, E value) {
  return names[static_cast<std::size_t>(value)].second;
}

template <class E, std::size_t N>
std::optional<E> value_of(const Names<E, N>& names, std::string_view text) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const auto& entry) { return entry.second == text; });
  if (found == names.end()) return std::nullopt;
  return found->first;
}

}  // namespace

bool Verdict::has(Flag flag) const { return std::find(flags.begin(), flags.end(), flag) != flags.end(); }

std::string_view to_string(Band band) { return name_of(kBands, band); }
std::string_view to_string(HandleType type) { return name_of(kTypes, type); }
std::string_view to_string(Intent intent) { return name_of(kIntents, intent); }
std::string_view to_string(Flag flag) { return name_of(kFlags, flag); }
std::optional<Band> parse_band(std::string_view text) { return value_of(kBands, text); }
std::optional<HandleType> parse_handle_type(std::string_view text) { return value_of(kTypes, text); }
std::optional<Intent> parse_intent(std::string_view text) { return value_of(kIntents, text); }
std::optional<Flag> parse_flag(std::string_view text) { return value_of(kFlags, text); }

}  // namespace hw
