// Times as forums write them for people, in numbers or in the words of the languages of date_words.h: "Sun May 26, 2019
// 4:34 pm", "05-26-2019, 04:34 PM", "26.05.2019, 16:34", "Today, 4:34 pm", "Sunday at 4:34 PM", "5 minutes ago".
//
// Such a text has no zone of its own. A page states it elsewhere ("All times are GMT -5") or shows what its clock says
// now, which tells the same beside the moment at which it was fetched.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/document.h"
#include "common/time.h"
#include "parsers/html.h"

namespace hw::parsers {

// How "05-06-2019" is meant. What cannot be meant so ("26-05-2019") is read the other way.
enum class DayOrder { month_first, day_first };

struct TimeStyle {
  std::optional<Duration> zone;  // offset from UTC; times are read as UTC where the page does not tell
  DayOrder order = DayOrder::month_first;
  Time now{};  // when the page was fetched
};

std::optional<Time> written_time(std::string_view text, const TimeStyle& style);

// "All times are UTC", "GMT -5. The time now is …", "UTC+01:00", "UTC - 5 hours [ DST ]": an offset from UTC, summer
// time included where it is a switch of its own (phpBB up to 3.0). Nothing where the text names no zone.
std::optional<Duration> stated_zone(std::string_view text);

// When the page was made: the server's Date header, else when we fetched it.
Time made_at(const Document& document);

// The zone of a board whose clock shows `shown` ("11-22-2026, 06:26 PM") on a page made at `style.now`. Nothing when
// the two differ by what is no zone: a page that was kept for a while.
std::optional<Duration> zone_by_clock(std::string_view shown, const TimeStyle& style);

// How a page means its numeric days: as any of its texts demands ("26-05-2019" is day first), else `usual`.
DayOrder order_in(const std::vector<std::string>& texts, DayOrder usual);

// What an element says of a time by attribute, with its zone: <time datetime>, data-time, data-timestamp; on itself or
// below. Nothing where there is only text.
std::optional<Time> machine_time(Node element);

// The text of a time, one line: where a part says more exactly in its title (<span title="11-22-2026">Today</span>),
// that stands in its place, and elements of class `but_not` are left out.
std::string time_text(Node element, std::string_view but_not = {});

}  // namespace hw::parsers
