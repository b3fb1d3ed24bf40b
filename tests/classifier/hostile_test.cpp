// Text written to cost time or to break things: it costs time in proportion to its length, and breaks nothing.
#include <ctime>
#include <random>
#include <thread>

#include <doctest/doctest.h>

#include "common/json.h"
#include "common/text.h"
#include "tests/classifier/support.h"

namespace hw::classifier {
namespace {

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string out;
  out.reserve(bytes + piece.size());
  while (out.size() < bytes) out += piece;
  return out;
}

Verdict classify(std::string text) {
  Post post;
  post.id = "1";
  post.text = std::move(text);
  return test::shipped().classify(post);
}

double cpu_seconds(const std::string& text) {
  timespec from{}, to{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
  classify(text);
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
  return static_cast<double>(to.tv_sec - from.tv_sec) + static_cast<double>(to.tv_nsec - from.tv_nsec) / 1e9;
}

constexpr std::string_view kHostile[] = {
    "a",
    "A",
    "1",
    "aA1",
    "\u0301",
    "\u0301\u0316",
    "и\u0301\u0316",
    "e\u0301",
    "\u200b",
    "👉",
    "漢",
    "[",
    "[.](",
    "((((",
    "w i c k r ",
    "a b ",
    "1 2 ",
    "a.b.c-d",
    "w.i.c.k.",
    "kik",
    "kik ",
    "kik: ",
    "kik: @",
    "kik/",
    "wickr: telegram: ",
    "wickr me id name is ",
    "kik: hwdemo1 ",
    "hwdemo1 on kik ",
    "hwdemo1 on kik, ",
    "kik. ",
    "kik #chat ",
    "hwdemo1@kik ",
    "kik name is my name is ",
    "kik / snap: hwdemo1 / hwdemo2 ",
    "perv whatsapp is on all night, call ",
    "looking for someone 14 or 15 years old, ",
    "Jonas Perv ",
    "sofa, 3 seats, 15 years old, ",
    "help me he threatens ",
    "t.me/",
    "t.me/hwdemo_x ",
    "https://t[.]me/",
    "hxxps://",
    "@",
    "@a:",
    "@hwdemo:example.org matrix ",
    "05",
    "session 05",
    "+44 7700 ",
    "whatsapp +44 7700 900123 ",
    "signal +",
    "perv ",
    "perv kik: hwdemo1 ",
    "taboo no limits ",
    "nolimits",
    "#map #aam ",
    "i'm 15 ",
    "15 yo kik: hwdemo1 ",
    "15-",
    "looking for ",
    "reported ",
    "please report. ",
    ". ",
    "\n",
    "\n\n",
    "kik:\n",
    "_",
    "kik_",
    "微信",
    "加微信",
    "телеграм ",
    "tаtа",  // a Cyrillic а
    "ﷺ",
    "ß",
};

TEST_CASE("time is linear in the length of hostile text") {
  constexpr std::size_t kSmall = 32 << 10;
  constexpr std::size_t kTimes = 4;
  for (const std::string_view piece : kHostile) {
    CAPTURE(std::string(piece));
    const std::string small = repeated(piece, kSmall), large = repeated(piece, kSmall * kTimes);
    classify(small);  // fills the caches of the automata
    const double less = cpu_seconds(small);
    double more = cpu_seconds(large);
    for (int again = 0; again < 3 && more > less * kTimes * 2 + 0.02; ++again)
      more = std::min(more, cpu_seconds(large));
    CHECK_MESSAGE(more <= less * kTimes * 2 + 0.02, "small ", less, " s, large ", more, " s");
  }
}

TEST_CASE("random bytes neither break the classifier nor its promises") {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    const std::size_t pieces = random() % 30;
    for (std::size_t i = 0; i < pieces; ++i) {
      text += kHostile[random() % std::size(kHostile)];
      if (random() % 8 == 0) text += static_cast<char>(random());
      if (random() % 4 == 0) text += ' ';
    }
    const Verdict verdict = classify(text);
    for (const HandleFound& handle : verdict.handles) {
      REQUIRE(handle.span.to <= text.size());
      CHECK(text.substr(handle.span.from, handle.span.to - handle.span.from) == handle.raw);
      CHECK(valid_utf8(handle.handle));
      CHECK_FALSE(handle.handle.empty());
      for (const std::string& reason : verdict.reasons)
        CHECK((handle.raw.find("hwdemo") == std::string::npos || reason.find(handle.raw) == std::string::npos));
    }
    for (const RuleFired& rule : verdict.rules) CHECK(rule.span.to <= text.size());
    if (verdict.handles.empty()) CHECK(verdict.band == Band::none);
  }
}

TEST_CASE("the same post has the same verdict, in any thread") {
  Post post;
  post.id = "1";
  post.text = "perv, 15f, kik: hwdemo_fern / tg @hwdemo_moss\nreported and blocked";
  post.tags = {"nolimits"};
  const std::string expected = to_json(test::shipped().classify(post));
  std::vector<std::thread> threads;
  std::vector<std::string> answers(4);
  for (std::string& answer : answers)
    threads.emplace_back([&answer, post] {
      for (int i = 0; i < 50; ++i) answer = to_json(test::shipped().classify(post));
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& answer : answers) CHECK(answer == expected);
}

}  // namespace
}  // namespace hw::classifier
