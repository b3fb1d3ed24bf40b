#include "classifier/likeness.h"

#include <bit>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "classifier/classifier.h"
#include "config/embedded.h"
#include "tests/support/support.h"

using namespace hw;
using classifier::likeness;

namespace {

int apart(std::string_view a, std::string_view b) {
  const auto one = likeness(a);
  const auto other = likeness(b);
  REQUIRE(one.has_value());
  REQUIRE(other.has_value());
  return std::popcount(*one ^ *other);
}

const std::vector<std::string> kWords{"garden",  "tomato",  "planting", "weekend", "market",  "village",
                                      "morning", "swap",    "seeds",    "autumn",  "pumpkin", "meeting",
                                      "looking", "friends", "water",    "rain",    "flower",  "basket",
                                      "orchard", "letter",  "chat",     "write",   "evening", "people"};

std::string sentence(std::mt19937& random, int words) {
  std::string text;
  for (int i = 0; i < words; ++i) text += (text.empty() ? "" : " ") + kWords[random() % kWords.size()];
  return text;
}

}  // namespace

TEST_CASE("the same words in another dress do not differ at all") {
  constexpr const char* kText = "looking for friends who swap tomato seeds at the weekend market, write me";
  CHECK(apart(kText, "looking for friends  who swap tomato seeds -- at the weekend market! write me 24/7") == 0);
  CHECK(apart(kText, kText) == 0);
}

TEST_CASE("too short a text says nothing") {
  CHECK_FALSE(likeness("").has_value());
  CHECK_FALSE(likeness("write me on wickr please").has_value());
  CHECK_FALSE(likeness(std::string(1000, '1')).has_value());
}

TEST_CASE("a small change stays near, another text is far") {
  std::mt19937 random(7);
  int near = 0;
  int far = 0;
  constexpr int kPairs = 300;
  for (int i = 0; i < kPairs; ++i) {
    const std::string text = sentence(random, 40);
    const std::string changed = text + " " + kWords[random() % kWords.size()];
    near += apart(text, changed) <= 6 ? 1 : 0;
    far += apart(text, sentence(random, 40)) > 6 ? 1 : 0;
  }
  CHECK(near > kPairs * 8 / 10);
  CHECK(far > kPairs * 99 / 100);
}

TEST_CASE("a post's handles do not count") {
  const auto messengers = config::parse_messengers(config::embedded_messengers(), "messengers");
  REQUIRE_OK(messengers);
  const auto terms = config::parse_rule_pack(config::embedded_press_terms(), "terms");
  REQUIRE_OK(terms);
  const auto made = classifier::Classifier::create(*messengers, std::vector{*terms});
  REQUIRE_OK(made);
  const auto of = [&](const std::string& handle) {
    Post post;
    post.id = "1";
    post.title = "#nolimits";
    post.text = "looking for friends who swap tomato seeds at the weekend market. my wickr is " + handle + " so write";
    const Verdict verdict = made->classify(post);
    REQUIRE(verdict.handles.size() == 1);
    return made->likeness(post, verdict);
  };
  CHECK(of("hwdemo_rose17").has_value());
  CHECK(of("hwdemo_rose17") == of("hwdemo_another_one99"));
}
