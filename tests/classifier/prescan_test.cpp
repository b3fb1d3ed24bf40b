// The fast path may only ever save work: whatever RE2 says of a text, the first look finds it too.
#include "classifier/prescan.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <random>
#include <thread>

#include <doctest/doctest.h>
#include <re2/re2.h>

#include "common/json.h"
#include "common/text.h"
#include "tests/classifier/support.h"

namespace hw::classifier {
namespace {

using Compiled = std::vector<std::unique_ptr<RE2>>;

Compiled compiled(const std::vector<std::string>& patterns) {
  Compiled out;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(64 << 20);
  for (const std::string& pattern : patterns) out.push_back(std::make_unique<RE2>(pattern, options));
  return out;
}

bool holds_one_of(const std::string& text, const std::vector<std::string>& literals) {
  return std::any_of(literals.begin(), literals.end(),
                     [&](const std::string& literal) { return text.find(literal) != std::string::npos; });
}

const std::vector<std::string>& patterns() {
  static const std::vector<std::string> made = [] {
    std::vector<std::string> out = {"\\bkik\\b",
                                    "t\\.me",
                                    "[a-c]",
                                    "(?:red|blue|green) (?:door|gate)",
                                    "\\b(?:he|she) (?:will|would) (?:send|post)\\b[^.]{0,20}\\b(?:unless|otherwise)\\b",
                                    "map.{0,5}aam",
                                    "привет",
                                    "(?m)^#?fern$"};
    for (const auto text :
         {config::embedded_press_terms(), config::embedded_age_rules(), config::embedded_context_rules()}) {
      const auto pack = config::parse_rule_pack(text, "built in");
      REQUIRE_OK(pack);
      for (const config::Rule& rule : pack->rules) out.insert(out.end(), rule.patterns.begin(), rule.patterns.end());
    }
    return out;
  }();
  return made;
}

// Bits of the patterns' own words, so that many texts nearly match.
std::string random_text(std::mt19937& random) {
  constexpr std::string_view kBits[] = {
      "kik",  "t.me",       "red ",   "blue ",     "door", "gate",    "he ",          "she ", "will ",  "would ",
      "send", "post",       "unless", "map",       "aam",  "fern",    "#fern\n",      "moss", "привет", "15 ",
      "i'm ", "years old ", "taboo ", "no limits", "perv", "report ", "police said ", ". ",   "\n"};
  std::string text;
  for (std::size_t i = random() % 12; i-- > 0;) text += kBits[random() % std::size(kBits)];
  return text;
}

TEST_CASE("a text that a pattern matches holds a literal of each of its guards") {
  CHECK(guards_of("\\bkik\\b") == std::vector<std::vector<std::string>>{{"kik"}});
  CHECK(guards_of("[a-c]").empty());
  CHECK(guards_of("(").empty());
  CHECK(guards_of("(?:red|blue) door").size() == 1);
  const auto both = guards_of("\\bwinter\\s+(?:\\w+\\s+)?garden\\b");
  REQUIRE(both.size() == 2);
  std::mt19937 random(3);
  std::vector<std::vector<std::vector<std::string>>> guards;
  for (const std::string& pattern : patterns()) guards.push_back(guards_of(pattern));
  std::size_t hits = 0;
  const Compiled judges = compiled(patterns());
  for (int round = 0; round < 1500; ++round) {
    const std::string text = random_text(random);
    for (std::size_t i = 0; i < guards.size(); ++i) {
      if (guards[i].empty() || !RE2::PartialMatch(text, *judges[i])) continue;
      ++hits;
      for (const auto& set : guards[i]) CHECK_MESSAGE(holds_one_of(to_lower(text), set), patterns()[i], " in ", text);
    }
  }
  CHECK(hits > 500);
}

TEST_CASE("a scan names every pattern that matches, and every word that stands alone") {
  const std::vector<std::string> words = {"kik", "tg", "t.me", "телеграм", "微信"};
  const Prescan prescan(patterns(), words);
  const auto names = [&](std::string_view text) { return prescan.scan(text).word; };
  CHECK(names("add me on kik"));
  CHECK(names("kikstart, kik"));
  CHECK(names("(tg)"));
  CHECK(names("see t.me/x"));
  CHECK(names("мой телеграммчик"));
  CHECK(names("我的微信是"));
  CHECK_FALSE(names("kikstart the tgx"));
  CHECK_FALSE(names(""));
  const Compiled judges = compiled(patterns());
  std::mt19937 random(4);
  for (int round = 0; round < 1500; ++round) {
    const std::string text = random_text(random);
    const auto found = prescan.scan(text).patterns;
    CHECK(std::is_sorted(found.begin(), found.end()));
    CHECK(std::adjacent_find(found.begin(), found.end()) == found.end());
    for (std::size_t i = 0; i < patterns().size(); ++i)
      if (RE2::PartialMatch(text, *judges[i]))
        CHECK_MESSAGE(std::binary_search(found.begin(), found.end(), static_cast<int>(i)), patterns()[i], " in ", text);
  }
}

TEST_CASE("only short, plain patterns are looked for whole") {
  for (const char* pattern : {"\\bwinter(?:s|ed)?\\s+garden\\b", "#no[_-]limits?\\b", "t\\.me/\\w+", "red|blue"})
    CHECK_MESSAGE(scans_alike(pattern), pattern);
  for (const char* pattern : {"", "\\S+", "a.b", "[^a]", "(?i)a", "(?m)^a$", "(a)", "(?:ab)+", "a{2,9}", "\\pL",
                              "\\x41", "привет", "a+?", "\\B", "[\\s\\S]"})
    CHECK_MESSAGE(!scans_alike(pattern), pattern);
}

TEST_CASE("without patterns and without words nothing is found") {
  const Prescan prescan({}, {});
  CHECK(prescan.scan("kik").patterns.empty());
}

TEST_CASE("many threads share one") {
  const Prescan prescan(patterns(), std::vector<std::string>{"kik"});
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 2000; ++round)
        if (!prescan.scan("add me on kik").word || prescan.scan("add me").word) ++wrong;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("verdicts are the same before and after the fast path is made ready") {
  const auto slow = Classifier::create(test::messengers(), std::vector{test::press_terms()});
  const auto fast = Classifier::create(test::messengers(), std::vector{test::press_terms()});
  REQUIRE_OK(slow);
  REQUIRE_OK(fast);
  fast->prepare();
  const auto same = [&](const Post& post) { CHECK(to_json(slow->classify(post)) == to_json(fast->classify(post))); };
  Post post;
  post.id = "1";
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    post.text = random_text(random) + (round % 2 == 0 ? " wickr: hwdemo_fern71" : "");
    same(post);
  }
  for (const auto& entry :
       std::filesystem::directory_iterator(test::source_folder() / "tests" / "classifier" / "cases")) {
    const std::string content = test::read_file(entry.path());
    for (const std::string_view line : split(content, '\n')) {
      const std::size_t at = line.find("\"post\": ");
      const std::size_t end = line.find(", \"expect\"");
      if (at == std::string_view::npos || end == std::string_view::npos) continue;
      if (const auto given = post_from_json(line.substr(at + 8, end - at - 8))) same(*given);
    }
  }
}

}  // namespace
}  // namespace hw::classifier
