#include "classifier/classifier.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "tests/classifier/support.h"

namespace hw::classifier {
namespace {

using test::shipped;

Post post(std::string_view text) {
  Post out;
  out.id = "1";
  out.text = text;
  return out;
}

TEST_CASE("an advert is a lead, with its handle, its words and its reasons") {
  const Verdict verdict = shipped().classify(post("perv, add me\nwickr: hwdemo_fern"));
  CHECK(verdict.band == Band::medium);
  REQUIRE(verdict.handles.size() == 1);
  CHECK(verdict.handles[0].messenger == "wickr");
  CHECK(verdict.handles[0].handle == "hwdemo_fern");
  CHECK(verdict.handles[0].raw == "hwdemo_fern");
  CHECK(verdict.handles[0].field == "text");
  CHECK(verdict.handles[0].span == Span{20, 31});
  CHECK(verdict.handles[0].intent == Intent::advertised);
  REQUIRE(verdict.rules.size() == 1);
  CHECK(verdict.rules[0].id == "term.perv");
  CHECK(verdict.rules[0].span == Span{0, 4});
  CHECK(verdict.reasons.size() >= 2);
  CHECK(verdict.rules_hash == shipped().rules_hash());
}

TEST_CASE("without an advertised handle nothing rises, and without a sign a handle is only a handle") {
  CHECK(shipped().classify(post("perv and taboo chat, nolimits")).band == Band::none);
  const Verdict contact = shipped().classify(post("swap seeds? wickr: hwdemo_fern"));
  CHECK(contact.band == Band::none);
  CHECK(contact.handles.size() == 1);
}

TEST_CASE("the hash tells which rules judged") {
  config::RulePack pack = test::press_terms();
  const auto same = Classifier::create(test::messengers(), std::vector{pack});
  pack.source += " ";
  const auto other = Classifier::create(test::messengers(), std::vector{pack});
  REQUIRE_OK(same);
  REQUIRE_OK(other);
  CHECK(same->rules_hash() == shipped().rules_hash());
  CHECK(other->rules_hash() != shipped().rules_hash());
}

TEST_CASE("a rule of a pack whose id another pack has is refused") {
  const config::RulePack pack = test::press_terms();
  const auto twice = Classifier::create(test::messengers(), std::vector{pack, pack});
  REQUIRE_FALSE(twice.has_value());
  CHECK(twice.error().code == ErrorCode::configuration);
  CHECK(twice.error().message.find("term.perv") != std::string::npos);
}

// An operator's own pack: a neutral word that counts much, and one that is only watched.
config::RulePack operators_pack() {
  const auto pack = config::parse_rule_pack(R"(
id: own
version: "1"
licence: private
contact: me
rules:
  - {id: own.heavy, status: live, weight: 4, patterns: ['\bgrapefruit\b'], examples: {hit: [grapefruit], miss: [grape]}}
  - {id: own.watched, status: shadow, weight: 4, patterns: ['\bpomelo\b']}
  - {id: own.draft, status: draft, weight: 4, patterns: ['\bkumquat\b']}
  - {id: own.twin, status: live, weight: 3, group: own.heavy, patterns: ['\bgrapefruits?\b'], examples: {hit: [grapefruits], miss: [grape]}}
  - {id: own.near, status: live, weight: 4, patterns: ['\bquince\b'], when: {near: ['\bjelly\b'], within: 20}, examples: {hit: [quince jelly], miss: [quince]}}
)",
                                            "own.yaml");
  REQUIRE_OK(pack);
  return *pack;
}

TEST_CASE("an operator's pack can reach high, a shadow rule counts nothing, a group counts once") {
  const auto made = Classifier::create(test::messengers(), std::vector{test::press_terms(), operators_pack()});
  REQUIRE_OK(made);
  const auto classify = [&](std::string_view text) { return made->classify(post(text)); };
  CHECK(classify("grapefruit perv, kik: hwdemo_fern").band == Band::high);
  const Verdict watched = classify("pomelo, kik: hwdemo_fern");
  CHECK(watched.band == Band::none);
  REQUIRE(watched.rules.size() == 1);
  CHECK(watched.rules[0].weight == 0);
  CHECK(classify("kumquat, kik: hwdemo_fern").rules.empty());
  const Verdict twins = classify("grapefruit, kik: hwdemo_fern");
  REQUIRE(twins.rules.size() == 2);
  CHECK(twins.rules[0].weight + twins.rules[1].weight == doctest::Approx(4));
  CHECK(classify("quince jelly, kik: hwdemo_fern").band == Band::medium);
  CHECK(classify("quince tart on the terrace, but no jelly anywhere in this house today. kik: hwdemo_fern").band ==
        Band::none);
}

TEST_CASE("the shipped words alone never reach high, however many there are") {
  const Verdict verdict = shipped().classify(
      post("perv nolimits aam taboo chat #map #taboo, no limits. wickr: hwdemo_fern kik: hwdemo_moss"));
  CHECK(verdict.band == Band::medium);
  CHECK(verdict.score < 0.9);
}

TEST_CASE("a sign far from every handle weighs little") {
  const std::string filler(2000, '.');
  CHECK(shipped().classify(post("perv " + filler + " kik: hwdemo_fern")).band < Band::medium);
  Post titled = post(filler + " kik: hwdemo_fern");
  titled.title = "perv";
  CHECK(shipped().classify(titled).band == Band::medium);
}

}  // namespace
}  // namespace hw::classifier
