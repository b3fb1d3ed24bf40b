// The words of written dates in the languages that boards are written in, as ICU's data (Unicode CLDR) has them:
// English, German, French, Spanish, Portuguese, Italian, Dutch, Polish, Russian, Turkish.
//
// All words are case-folded UTF-8, as date_words() gives them. The tables are made once, when first asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.h"

namespace hw::parsers {

// Words, numbers and colons of a text, folded; everything else separates. "5. März, 16:34" → 5, märz, 16, :, 34.
std::vector<std::string> date_words(std::string_view text);

// 1 to 12 for "may", "sept", "januar", "maja"; 0 for other words.
unsigned month_named(std::string_view word);
// Whether some language shortens a day of the week so: "mar." is March here and a Tuesday there.
bool may_be_weekday(std::string_view word);
// 0 for "sunday", "sun", "sonntag"; 7 for other words.
unsigned weekday_named(std::string_view word);
// How many days ago, for words that begin with "today", "gestern", "aujourd'hui".
std::optional<int> days_back(const std::vector<std::string>& words);
// How long ago, for "5 minutes ago", "vor 2 Stunden", "5 минут назад".
std::optional<Duration> written_ago(const std::vector<std::string>& words);

}  // namespace hw::parsers
