#include "tests/eval/tally.h"

#include <doctest/doctest.h>

namespace hw::eval {
namespace {

using nlohmann::json;

Verdict verdict(Band band, std::vector<HandleFound> handles = {}, std::vector<Flag> flags = {}) {
  Verdict out;
  out.band = band;
  out.handles = std::move(handles);
  out.flags = std::move(flags);
  return out;
}

HandleFound handle(std::string messenger, std::string name) {
  HandleFound out;
  out.messenger = std::move(messenger);
  out.handle = std::move(name);
  return out;
}

TEST_CASE("Wilson's interval, against values from the literature") {
  // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  const auto is = [](Share share, double from, double to) {
    const Interval interval = wilson(share);
    CHECK(interval.from == doctest::Approx(from).epsilon(0.001));
    CHECK(interval.to == doctest::Approx(to).epsilon(0.001));
  };
  is({81, 263}, 0.2553, 0.3662);
  is({15, 148}, 0.0624, 0.1605);
  is({0, 20}, 0, 0.1611);
  is({1, 29}, 0.0061, 0.1718);
  CHECK(wilson({}).to == 1);
}

TEST_CASE("a post that should be raised and is not is a miss; one that should not and is, a false alarm") {
  CHECK(tally(json{{"band", "medium"}}, verdict(Band::low)).found.good == 0);
  CHECK(tally(json{{"band", "medium"}}, verdict(Band::medium)).found.good == 1);
  CHECK(tally(json{{"at_least", "low"}}, verdict(Band::medium)).cases.good == 1);
  const Tally alarm = tally(json{{"at_most", "low"}}, verdict(Band::medium));
  CHECK(alarm.raised.of == 1);
  CHECK(alarm.raised.good == 0);
  CHECK(alarm.cases.good == 0);
  CHECK(tally(json{{"band", "none"}}, verdict(Band::none)).found.of == 0);
}

TEST_CASE("handles count one by one, in both directions") {
  const json expect{{"handles", {{{"messenger", "kik"}, {"handle", "a"}}, {{"messenger", "wickr"}, {"handle", "b"}}}}};
  const Tally half = tally(expect, verdict(Band::none, {handle("kik", "a"), handle("snapchat", "b")}));
  CHECK(half.handles_read.good == 1);
  CHECK(half.handles_read.of == 2);
  CHECK(half.handles_held.of == 2);
  CHECK(half.handles_f1() == doctest::Approx(0.5));
  CHECK(half.cases.good == 0);
  CHECK(tally(expect, verdict(Band::none, {handle("wickr", "b"), handle("kik", "a")})).cases.good == 1);
}

TEST_CASE("flags: what must be raised, and what must not") {
  const json expect{{"flags", {"possible_minor"}}, {"not_flags", {"child_risk"}}};
  const Tally wrong = tally(expect, verdict(Band::none, {}, {Flag::child_risk}));
  CHECK(wrong.flags_raised.good == 0);
  CHECK(wrong.flags_spared.good == 0);
  const Tally right = tally(expect, verdict(Band::none, {}, {Flag::possible_minor}));
  CHECK(right.cases.good == 1);
  Tally sum = wrong;
  sum += right;
  CHECK(sum.flags_raised.good == 1);
  CHECK(sum.flags_raised.of == 2);
}

}  // namespace
}  // namespace hw::eval
