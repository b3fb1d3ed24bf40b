#include "config/schedule.h"

#include <random>

#include <doctest/doctest.h>

#include "config/settings.h"
#include "tests/support/support.h"

using namespace hw;
using namespace std::chrono_literals;
using config::Timetable;

namespace {

Time at(std::string_view text) {
  const auto time = parse_rfc3339(text);
  REQUIRE_MESSAGE(time.has_value(), std::string(text));
  return *time;
}

Timetable cron(std::string_view text, std::string zone = "UTC") {
  const auto parsed = config::parse_cron(text);
  REQUIRE_OK(parsed);
  return {*parsed, {}, std::move(zone)};
}

Timetable hours(const std::vector<std::string>& texts, std::string zone = "UTC") {
  Timetable out;
  out.zone = std::move(zone);
  for (const std::string& text : texts) {
    const auto parsed = config::parse_hours(text);
    REQUIRE_OK(parsed);
    out.only.push_back(*parsed);
  }
  return out;
}

std::string next(const Timetable& timetable, std::string_view last) {
  const auto time = config::next_time(timetable, 30min, at(last));
  return time ? to_rfc3339(*time) : "never";
}

std::string refusal(std::string_view text) {
  const auto parsed = config::parse_cron(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().code == ErrorCode::configuration);
  return parsed.error().message;
}

// What the header promises for UTC, by the definition: minute after minute.
std::optional<Time> by_definition(const Timetable& timetable, Time last) {
  const config::Cron& cron = *timetable.cron;
  const auto holds = [](std::uint64_t bits, auto value) { return (bits >> static_cast<unsigned>(value) & 1U) != 0; };
  Time t = std::chrono::floor<std::chrono::minutes>(last) + 1min;
  for (const Time end = t + 24h * 366; t < end; t += 1min) {
    const auto day = std::chrono::floor<std::chrono::days>(t);
    const std::chrono::year_month_day date{day};
    const auto minute = std::chrono::duration_cast<std::chrono::minutes>(t - day).count();
    const bool in_month = holds(cron.days, static_cast<unsigned>(date.day()));
    const bool in_week = holds(cron.weekdays, std::chrono::weekday(day).c_encoding());
    const bool on_day = cron.either_day ? in_month || in_week : in_month && in_week;
    if (on_day && holds(cron.months, static_cast<unsigned>(date.month())) && holds(cron.hours, minute / 60) &&
        holds(cron.minutes, minute % 60) && config::open_at(timetable, t))
      return t;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("a cron expression is read field by field, and next comes after last") {
  CHECK(next(cron("*/15 * * * *"), "2026-11-22T10:00:00Z") == "2026-11-22T10:15:00Z");
  CHECK(next(cron("*/15 * * * *"), "2026-11-22T10:14:59.999Z") == "2026-11-22T10:15:00Z");
  CHECK(next(cron("5 4 * * *"), "2026-11-22T10:00:00Z") == "2026-11-23T04:05:00Z");
  CHECK(next(cron("0 22-23,0 * * *"), "2026-11-22T23:00:00Z") == "2026-11-23T00:00:00Z");
  CHECK(next(cron("0 9 * * MON-fri"), "2026-11-20T09:00:00Z") == "2026-11-23T09:00:00Z");  // Friday to Monday
  CHECK(next(cron("0 0 * * 7"), "2026-11-22T00:00:00Z") == "2026-11-29T00:00:00Z");        // 7 is Sunday, too
  CHECK(next(cron("30 12 1 jan *"), "2026-11-22T10:00:00Z") == "2027-01-01T12:30:00Z");
  CHECK(next(cron("10/20 * * * *"), "2026-11-22T10:31:00Z") == "2026-11-22T10:50:00Z");
  CHECK(next(cron("0 0 29 2 *"), "2096-03-01T00:00:00Z") == "2104-02-29T00:00:00Z");  // 2100 has none
}

TEST_CASE("two narrowed day fields: one that matches is enough") {
  CHECK(next(cron("0 0 13 * 5"), "2026-11-22T00:00:00Z") == "2026-11-27T00:00:00Z");    // a Friday
  CHECK(next(cron("0 0 13 * 5"), "2026-12-12T00:00:00Z") == "2026-12-13T00:00:00Z");    // a Sunday, the 13th
  CHECK(next(cron("0 0 */13 * 5"), "2026-11-28T00:00:00Z") == "2027-01-01T00:00:00Z");  // a star is not narrow: both
}

TEST_CASE("what is wrong with an expression is said with its column") {
  CHECK(refusal("* * * *").find("has 4") != std::string::npos);
  CHECK(refusal("").find("has 0") != std::string::npos);
  CHECK(refusal("60 * * * *") == "column 1: a minute is 0 to 59");
  CHECK(refusal("0  24 * * *") == "column 4: an hour is 0 to 23");
  CHECK(refusal("0 0 0 * *") == "column 5: a day is 1 to 31");
  CHECK(refusal("0 0 * foo *") == "column 7: a month is 1 to 12 or a name of three letters");
  CHECK(refusal("0 0 * * MON,tues") == "column 13: a weekday is 0 to 7 or a name of three letters");
  CHECK(refusal("5-1 * * * *").starts_with("column 1: the range ends"));
  CHECK(refusal("1-2-3 * * * *").starts_with("column 5: a range has two ends"));
  CHECK(refusal("*/0 * * * *").starts_with("column 3: a step"));
  CHECK(refusal("*/ * * * *").starts_with("column 3: a step"));
  CHECK(refusal("*/5/5 * * * *").starts_with("column 5: one step"));
  CHECK(refusal("1, * * * *").starts_with("column 3: a minute is missing"));
  CHECK(refusal("/5 * * * *").starts_with("column 1: a minute is missing"));
  CHECK(refusal("-5 * * * *").starts_with("column 1: a minute is 0"));
  CHECK(refusal("0 0 30,31 2 *") == "column 5: no such day in these months");
  CHECK(refusal("99999999999999999999 * * * *").starts_with("column 1"));
}

TEST_CASE("hours: over midnight, several, and what is no hours") {
  const Timetable night = hours({"22:00-06:00"});
  CHECK(config::open_at(night, at("2026-11-22T22:00:00Z")));
  CHECK(config::open_at(night, at("2026-11-23T05:59:59Z")));
  CHECK_FALSE(config::open_at(night, at("2026-11-23T06:00:00Z")));
  CHECK(config::opens_at(night, at("2026-11-23T06:00:00Z")) == at("2026-11-23T22:00:00Z"));
  CHECK(config::opens_at(night, at("2026-11-23T23:11:12Z")) == at("2026-11-23T23:11:12Z"));
  CHECK(*config::closes_at(night, at("2026-11-23T23:11:12Z")) == at("2026-11-24T06:00:00Z"));
  CHECK(next(night, "2026-11-23T05:45:00Z") == "2026-11-23T22:00:00Z");
  const Timetable breaks = hours({"08:00-09:30", "12:00-24:00"});
  CHECK(config::opens_at(breaks, at("2026-11-23T09:30:00Z")) == at("2026-11-23T12:00:00Z"));
  CHECK(config::opens_at(breaks, at("2026-11-24T00:00:00Z")) == at("2026-11-24T08:00:00Z"));
  CHECK_FALSE(config::closes_at(hours({}), at("2026-11-24T00:00:00Z")).has_value());
  for (const char* text : {"", "22:00", "22-06", "25:00-26:00", "08:00-08:00", "24:00-08:00", "08:00-09:60", "-",
                           "8:0-9:0", "08:00-24:01", "ab:cd-ef:gh", "08:00-09:00-10:00", "-8:00-09:00"})
    CHECK_FALSE_MESSAGE(config::parse_hours(text).has_value(), std::string(text));
}

TEST_CASE("where the clocks change: what is skipped runs after the gap, what comes twice runs once") {
  // Berlin 2026: forward at 01:00Z on 29 March (02:00 becomes 03:00), back at 01:00Z on 25 October.
  const Timetable fixed = cron("30 2 * * *", "Europe/Berlin");
  CHECK(next(fixed, "2026-03-28T00:00:00Z") == "2026-03-28T01:30:00Z");
  CHECK(next(fixed, "2026-03-28T01:30:00Z") == "2026-03-29T01:00:00Z");
  CHECK(next(fixed, "2026-03-29T01:00:00Z") == "2026-03-30T00:30:00Z");
  CHECK(next(fixed, "2026-10-24T12:00:00Z") == "2026-10-25T00:30:00Z");
  CHECK(next(fixed, "2026-10-25T00:30:00Z") == "2026-10-26T01:30:00Z");
  // Any hour goes on by real time, through both.
  const Timetable any = cron("*/30 * * * *", "Europe/Berlin");
  for (const char* day : {"2026-03-29T00:00:00Z", "2026-10-25T00:00:00Z"})
    for (Time t = at(day); t < at(day) + 4h; t += 30min) CHECK(*config::next_time(any, 1h, t) == t + 30min);
  // A zone whose clocks move by half an hour, at a half hour of UTC.
  const Timetable howe = cron("10 2 * * *", "Australia/Lord_Howe");
  CHECK(next(howe, "2026-10-02T20:00:00Z") == "2026-10-03T15:30:00Z");  // 02:00 becomes 02:30
  CHECK(config::offset_at("Australia/Lord_Howe", at("2026-10-03T15:29:00Z")) == 10h + 30min);
  CHECK(config::offset_at("Australia/Lord_Howe", at("2026-10-03T15:30:00Z")) == 11h);
  // A zone that skipped a day.
  CHECK(next(cron("0 12 30 12 *", "Pacific/Apia"), "2011-12-29T00:00:00Z") == "2011-12-30T10:00:00Z");
  CHECK(config::open_at(hours({"22:00-06:00"}, "America/New_York"), at("2026-07-01T02:30:00Z")));
  CHECK_FALSE(config::open_at(hours({"22:00-06:00"}, "America/New_York"), at("2026-01-01T02:30:00Z")));
}

TEST_CASE("a name that is no zone is known for one") {
  CHECK(config::is_time_zone("UTC"));
  CHECK(config::is_time_zone("Europe/Berlin"));
  for (const char* name : {"", "Berlin/Europe", "Mars", "../../etc/passwd", "\xff"})
    CHECK_FALSE_MESSAGE(config::is_time_zone(name), std::string(name));
  CHECK(config::offset_at("Mars", at("2026-07-01T00:00:00Z")) == 0h);
}

TEST_CASE("for random expressions and times in UTC, the next time is the definition's") {
  std::mt19937 random(20261124);
  const auto pick = [&](int least, int most) { return std::uniform_int_distribution(least, most)(random); };
  const auto field = [&](int least, int most) -> std::string {
    const int a = pick(least, most);
    switch (pick(0, 4)) {
      case 0:
        return std::to_string(a);
      case 1:
        return std::to_string(a) + "-" + std::to_string(pick(a, most));
      case 2:
        return "*/" + std::to_string(pick(1, most));
      case 3:
        return std::to_string(a) + "," + std::to_string(pick(least, most));
      default:
        return "*";
    }
  };
  int compared = 0;
  for (int i = 0; i < 150; ++i) {
    const std::string text =
        field(0, 59) + " " + field(0, 23) + " " + field(1, 28) + " " + field(1, 12) + " " + field(0, 7);
    Timetable timetable = cron(text);
    if (pick(0, 2) == 0) timetable.only = {{pick(0, 1439), pick(0, 1440)}};
    if (!timetable.only.empty() && timetable.only[0].from == timetable.only[0].until) timetable.only.clear();
    const Time last = at("2026-01-01T00:00:00Z") + std::chrono::seconds(pick(0, 300 * 86400));
    const auto expected = by_definition(timetable, last);
    if (!expected) continue;  // further than a year ahead, or never
    ++compared;
    const auto got = config::next_time(timetable, 1h, last);
    REQUIRE_MESSAGE(got.has_value(), text);
    CHECK_MESSAGE(to_rfc3339(*got) == to_rfc3339(*expected), text << " after " << to_rfc3339(last));
  }
  CHECK(compared > 50);
}

TEST_CASE("in every zone the next time is later, its local clock fits, and it is open") {
  std::mt19937 random(7);
  for (const char* zone :
       {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"})
    for (int i = 0; i < 60; ++i) {
      Timetable timetable = cron("*/20 * * * *", zone);
      timetable.only = {{static_cast<int>(random() % 1440), static_cast<int>(random() % 1440)}};
      if (timetable.only[0].from == timetable.only[0].until) continue;
      const Time last = at("2026-01-01T00:00:00Z") + std::chrono::minutes(random() % (366 * 1440));
      const auto got = config::next_time(timetable, 1h, last);
      if (!got) continue;  // hours so short that no twentieth minute lies in them
      CHECK(*got > last);
      CHECK(config::open_at(timetable, *got));
      const Time local = *got + config::offset_at(zone, *got);
      CHECK(local.time_since_epoch() % 20min == 0min);
      const Timetable interval{{}, timetable.only, zone};
      const Time by_interval = config::next_run(interval, 45min, last);
      CHECK(by_interval >= last + 45min);
      CHECK(config::open_at(interval, by_interval));
      CHECK(by_interval <= last + 45min + 25h);
    }
}

TEST_CASE("a timetable is read with its source, and its mistakes stand where they are") {
  const auto read = config::parse_settings(
      "time_zone: Europe/Berlin\nsources:\n"
      "  - {name: a, url: 'https://a.test/', cron: '0 3 * * *', only: 02:00-04:00}\n"
      "  - {name: b, url: 'https://b.test/', every: 1h, only: ['22:00-06:00', '12:00-13:00'], time_zone: UTC}\n",
      "h.yaml", {"phpbb"});
  REQUIRE_OK(read);
  CHECK(read->sources[0].timetable.zone == "Europe/Berlin");
  CHECK(read->sources[0].timetable.cron.has_value());
  CHECK(read->sources[1].timetable.zone == "UTC");
  CHECK(read->sources[1].timetable.only.size() == 2);
  const auto wrong = config::parse_settings(
      "time_zone: Mars\nsources:\n"
      "  - {name: a, url: 'https://a.test/', cron: '0 99 * * *'}\n"
      "  - {name: b, url: 'https://b.test/', every: 1h, cron: '0 1 * * *'}\n"
      "  - {name: c, url: 'https://c.test/', cron: '0 12 * * *', only: 22:00-06:00}\n"
      "  - {name: d, url: 'https://d.test/', only: always}\n",
      "h.yaml", {"phpbb"});
  REQUIRE_FALSE(wrong.has_value());
  for (const char* part :
       {"h.yaml:1:12: time_zone: no such time zone", "h.yaml:3:45: sources[0].cron: column 3: an hour",
        "h.yaml:4:46: sources[1].every: \"every\" and \"cron\"", "none of its times lies in the hours",
        "sources[3].only: hours are written as"})
    CHECK_MESSAGE(wrong.error().message.find(part) != std::string::npos, part << " in\n" << wrong.error().message);
}

TEST_CASE("alerts and metrics are read, and what would be unsafe is refused where it stands") {
  const auto read = config::parse_settings(
      "alerts:\n  run: [/usr/local/bin/tell, operators]\n  within: 5s\n"
      "  webhook: {url: 'https://alerts.test/in', secret: alert_secret}\n  broken_after: 5\n  review_waits: 2d\n"
      "  safeguarding: {run: /usr/local/bin/tell}\nmetrics: {port: 9470}\n",
      "h.yaml", {"phpbb"});
  REQUIRE_OK(read);
  CHECK(read->alerts.operators.run == std::vector<std::string>{"/usr/local/bin/tell", "operators"});
  CHECK(read->alerts.operators.within == 5s);
  CHECK(read->alerts.operators.webhook == "https://alerts.test/in");
  CHECK(read->alerts.operators.secret == "alert_secret");
  CHECK(read->alerts.safeguarding.run == std::vector<std::string>{"/usr/local/bin/tell"});
  CHECK(read->alerts.broken_after == 5);
  CHECK(read->alerts.review_waits == 48h);
  CHECK(read->metrics_port == 9470);
  const auto wrong = config::parse_settings(
      "sources: [{name: a, url: 'https://a.test/'}]\n"
      "alerts:\n  run: [tell]\n  within: 1h\n  webhook: {url: 'http://alerts.test/in'}\n  review_waits: 1h\n"
      "  safeguarding: {webhook: {url: 'https://A.test/x', secret: s}}\nmetrics: {port: 0}\n",
      "h.yaml", {"phpbb"});
  REQUIRE_FALSE(wrong.has_value());
  for (const char* part : {"alerts.run: must begin with the program's full path",
                           "alerts.within: must be from 1s to 5m", "alerts.webhook.url: must be https",
                           "alerts.webhook: must name the credential", "alerts.review_waits: must be at least 1d",
                           "metrics.port: must be a whole number from 1", "nothing is ever sent to a source"})
    CHECK_MESSAGE(wrong.error().message.find(part) != std::string::npos, part << " in\n" << wrong.error().message);
}
