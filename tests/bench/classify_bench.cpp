// classify() against four peers over the same posts in the same run, on one core:
//
//   ICU per call   NFKC casefold and the UTS #39 skeleton by ICU, then one RE2::Set scan with the same rules
//   … for all      the same, where the one set also holds the names of messengers and what the classifier itself knows
//                  of contexts and ages. classify() does all that beside the rules, so that the first peer does much
//                  less than it; this one still reads no handle, judges no surroundings and scores nothing
//   RE2::Set       one bare scan of the raw text with the same rules
//   Vectorscan     one bare scan of the raw text with the same rules
//
// Posts are made of everyday words, all ASCII; one in a hundred, then every second one, is an advert. The rules are
// those that are shipped and 300 made of pairs of everyday words. Ratios are the median of rounds that measure all in
// turn.
//
// Then the filter behind `classify`, JSON Lines to JSON Lines, against the bound that reading by simdjson and judging
// in memory set together: one after the other, on the same core.
#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ostream>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <hs/hs.h>
#include <re2/set.h>
#include <simdjson.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>
#include <unistd.h>

#include "app/classify_stream.h"
#include "classifier/classifier.h"
#include "common/json.h"
#include "common/post_reader.h"
#include "common/text.h"
#include "config/embedded.h"

namespace {

using namespace hw;

constexpr std::size_t kPosts = 4000;
constexpr std::size_t kRules = 300;
constexpr int kRounds = 9;

std::vector<std::string> everyday_words() {
  std::vector<std::string> words;
  for (const std::string_view line : split(config::embedded_ordinary_words(), '\n'))
    if (!line.starts_with('#'))
      for (const std::string_view word : split(line, ' '))
        if (word.size() > 2) words.emplace_back(word);
  return words;
}

std::vector<Post> posts(const std::vector<std::string>& words, std::size_t one_in) {
  std::mt19937 random(1);
  std::vector<Post> out(kPosts);
  for (std::size_t i = 0; i < kPosts; ++i) {
    out[i].id = std::to_string(i);
    for (std::size_t n = 20 + random() % 80; n-- > 0;) {
      out[i].text += words[random() % words.size()];
      out[i].text += random() % 12 == 0 ? ". " : " ";
    }
    if (i % one_in == 0) out[i].text += "\n#taboo #nolimits wickr: hwdemo_fern" + std::to_string(i);
  }
  return out;
}

config::RulePack generated_rules(const std::vector<std::string>& words) {
  std::vector<std::string> telling;
  for (const std::string& word : words)
    if (word.size() > 4) telling.push_back(word);
  std::mt19937 random(2);
  std::string yaml = "id: generated\nversion: '1'\nlicence: CC0-1.0\ncontact: nobody\nrules:\n";
  for (std::size_t i = 0; i < kRules; ++i) {
    const std::string& first = telling[random() % telling.size()];
    const std::string& second = telling[random() % telling.size()];
    yaml += fmt::format(
        "  - {{id: g{}, status: live, weight: 0.1, patterns: ['\\b{}(?:s|ed|ing)?\\s+{}\\b'], "
        "examples: {{hit: ['{} {}'], miss: ['-']}}}}\n",
        i, first, second, first, second);
  }
  return config::parse_rule_pack(yaml, "generated").value();
}

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double seconds_of(const std::function<void()>& work) {
  const double begun = cpu_seconds();
  work();
  return cpu_seconds() - begun;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

// The peers. What they find is counted, so that none of it can be left out.
class Peers {
 public:
  // `others`: what classify() asks beside the rules.
  Peers(const std::vector<std::string>& patterns, const std::vector<std::string>& others)
      : set_(options(), RE2::UNANCHORED), for_all_(options(), RE2::UNANCHORED) {
    for (const std::string& pattern : patterns) set_.Add(pattern, nullptr);
    set_.Compile();
    for (const auto* each : {&patterns, &others})
      for (const std::string& pattern : *each) for_all_.Add(pattern, nullptr);
    for_all_.Compile();
    std::vector<const char*> texts;
    std::vector<unsigned> ids;
    for (const std::string& each : patterns) {
      ids.push_back(static_cast<unsigned>(ids.size()));
      texts.push_back(each.c_str());
    }
    const std::vector<unsigned> flags(texts.size(), HS_FLAG_SINGLEMATCH | HS_FLAG_CASELESS);
    hs_compile_error_t* error = nullptr;
    if (hs_compile_multi(texts.data(), flags.data(), ids.data(), static_cast<unsigned>(texts.size()), HS_MODE_BLOCK,
                         nullptr, &database_, &error) != HS_SUCCESS)
      fmt::print(stderr, "Vectorscan refuses a rule: {}\n", error->message);
    hs_alloc_scratch(database_, &scratch_);
    UErrorCode status = U_ZERO_ERROR;
    normalizer_ = icu::Normalizer2::getNFKCCasefoldInstance(status);
    spoof_ = uspoof_open(&status);
  }

  void icu_per_call(const std::vector<Post>& posts) {
    for (const Post& post : posts) found += scan(set_, skeleton(post.text));
  }

  void icu_for_all(const std::vector<Post>& posts) {
    for (const Post& post : posts) found += scan(for_all_, skeleton(post.text));
  }

  void re2_set(const std::vector<Post>& posts) {
    for (const Post& post : posts) found += scan(set_, post.text);
  }

  void vectorscan(const std::vector<Post>& posts) {
    const auto count = [](unsigned, unsigned long long, unsigned long long, unsigned, void* into) {
      ++*static_cast<std::size_t*>(into);
      return 0;
    };
    for (const Post& post : posts)
      hs_scan(database_, post.text.data(), static_cast<unsigned>(post.text.size()), 0, scratch_, count, &found);
  }

  std::size_t found = 0;

 private:
  static RE2::Options options() {
    RE2::Options out;
    out.set_case_sensitive(false);
    out.set_max_mem(256 << 20);
    return out;
  }

  std::string skeleton(const std::string& text) const {
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString folded = normalizer_->normalize(icu::UnicodeString::fromUTF8(text), status);
    icu::UnicodeString skeleton;
    uspoof_getSkeletonUnicodeString(spoof_, 0, folded, skeleton, &status);
    std::string out;
    skeleton.toUTF8String(out);
    return out;
  }

  static std::size_t scan(const RE2::Set& set, const std::string& text) {
    std::vector<int> hits;
    return set.Match(text, &hits) ? hits.size() : 0;
  }

  RE2::Set set_;
  RE2::Set for_all_;
  hs_database_t* database_ = nullptr;
  hs_scratch_t* scratch_ = nullptr;
  const icu::Normalizer2* normalizer_ = nullptr;
  USpoofChecker* spoof_ = nullptr;
};

struct Round {
  double ours, icu, icu_for_all, set, vectorscan;
};

Round measure(const classifier::Classifier& classifier, Peers& peers, const std::vector<Post>& posts,
              std::size_t& leads) {
  Round round{};
  round.ours = seconds_of([&] {
    for (const Post& post : posts) leads += classifier.classify(post).band != Band::none ? 1 : 0;
  });
  round.icu = seconds_of([&] { peers.icu_per_call(posts); });
  round.icu_for_all = seconds_of([&] { peers.icu_for_all(posts); });
  round.set = seconds_of([&] { peers.re2_set(posts); });
  round.vectorscan = seconds_of([&] { peers.vectorscan(posts); });
  return round;
}

void compare(const classifier::Classifier& classifier, Peers& peers, const std::vector<Post>& posts,
             std::string_view title) {
  std::size_t bytes = 0, leads = 0;
  for (const Post& post : posts) bytes += post.text.size();
  for (int warm = 0; warm < 4; ++warm) measure(classifier, peers, posts, leads);
  std::vector<double> ours, icu, icu_for_all, set, vectorscan;
  leads = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Round once = measure(classifier, peers, posts, leads);
    ours.push_back(once.ours);
    icu.push_back(once.icu / once.ours);
    icu_for_all.push_back(once.icu_for_all / once.ours);
    set.push_back(once.set / once.ours);
    vectorscan.push_back(once.vectorscan / once.ours);
  }
  fmt::print("{}: {} posts of {} bytes, {} leads\n", title, posts.size(), bytes / posts.size(), leads / kRounds);
  fmt::print("  classify {:.0f} posts/s, {:.0f} MB/s: {:.1f} x ICU per call, {:.1f} x where that is for all\n",
             static_cast<double>(posts.size()) / median(ours), static_cast<double>(bytes) / median(ours) / 1e6,
             median(icu), median(icu_for_all));
  fmt::print("  {:.2f} of RE2::Set, {:.2f} of Vectorscan\n", median(set), median(vectorscan));
}

class Discarding final : public std::streambuf {
  int overflow(int c) override { return traits_type::not_eof(c); }
  std::streamsize xsputn(const char*, std::streamsize count) override { return count; }
};

void compare_filter(const classifier::Classifier& classifier, const std::vector<Post>& posts) {
  const auto file = std::filesystem::temp_directory_path() / fmt::format("handlewatch-bench-{}.jsonl", ::getpid());
  std::vector<std::string> lines;
  for (const Post& post : posts) lines.push_back(to_json(post));
  {
    std::ofstream out(file, std::ios::binary);
    for (const std::string& line : lines) out << line << '\n';
  }
  Discarding nowhere;
  std::ostream out(&nowhere);
  simdjson::dom::parser parser;
  std::size_t keys = 0, leads = 0;
  std::vector<double> rates, plainly, thoroughly;
  for (int round = 0; round < kRounds; ++round) {
    const double parsing = seconds_of([&] {
      for (const std::string& line : lines) keys += parser.parse(line).get_object().value_unsafe().size();
    });
    const double judging = seconds_of([&] {
      for (const Post& post : posts) leads += classifier.classify(post).band != Band::none ? 1 : 0;
    });
    const double filter = seconds_of([&] {
      auto input = app::Input::open(file.string());
      app::classify_stream(*input, classifier, app::HeldPosts::without_handles, out).value();
    });
    const double fast = seconds_of([&] {
      for (const std::string& line : lines) keys += post_from_json(line)->text.size();
    });
    const double slow = seconds_of([&] {
      for (const std::string& line : lines) keys += read_any_post(line)->text.size();
    });
    rates.push_back((parsing + judging) / filter);
    plainly.push_back(parsing / fast);
    thoroughly.push_back(slow / fast);
  }
  std::filesystem::remove(file);
  fmt::print("filter, JSON Lines to JSON Lines: {:.2f} of simdjson's parse and the judging together ({} keys)\n",
             median(rates), keys > 0 ? "some" : "no");
  fmt::print("  reading a post: {:.2f} of simdjson's bare parse, {:.1f} x nlohmann/json\n", median(plainly),
             median(thoroughly));
}

std::vector<std::string> patterns_of(std::span<const config::RulePack> packs) {
  std::vector<std::string> out;
  for (const config::RulePack& pack : packs)
    for (const config::Rule& rule : pack.rules) out.insert(out.end(), rule.patterns.begin(), rule.patterns.end());
  return out;
}

// Names of messengers, and what the classifier knows of contexts and ages.
std::vector<std::string> patterns_beside_rules(const config::Messengers& messengers) {
  const std::array own{config::parse_rule_pack(config::embedded_context_rules(), "contexts").value(),
                       config::parse_rule_pack(config::embedded_age_rules(), "ages").value()};
  std::vector<std::string> out = patterns_of(own);
  for (const config::Messenger& messenger : messengers.all)
    for (const config::MessengerName& name : messenger.names)
      out.push_back("(?:\\b|_)" + RE2::QuoteMeta(name.text) + "(?:\\b|_)");
  return out;
}

}  // namespace

int main() {
  const std::vector<std::string> words = everyday_words();
  const config::RulePack press = config::load_rule_pack(std::string(config::kPressTerms)).value();
  const config::RulePack generated = generated_rules(words);
  const auto messengers = config::parse_messengers(config::embedded_messengers(), "built in");
  const auto classifier = classifier::Classifier::create(messengers.value(), std::vector{press, generated});
  if (!classifier) {
    fmt::print(stderr, "{}\n", classifier.error().message);
    return 1;
  }
  Peers peers(patterns_of(std::array{press, generated}), patterns_beside_rules(messengers.value()));
  compare(*classifier, peers, posts(words, 100), "1% adverts");
  compare(*classifier, peers, posts(words, 2), "50% adverts");
  compare_filter(*classifier, posts(words, 100));
  return peers.found > 0 ? 0 : 1;
}
