// Posts a second of classify() on neutral posts of which one in a hundred is an advert, beside its bound in the same
// run: one bare RE2::Set scan, for the rules that are asked of every post, over the same text.
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <re2/set.h>

#include "classifier/classifier.h"
#include "config/embedded.h"

namespace {

constexpr std::size_t kPosts = 2000;

// The same posts on every run: three to eight sentences, some with a word that a messenger also has for its name.
std::vector<hw::Post> posts() {
  constexpr std::string_view kSentences[] = {
      "Has anybody compared the two side by side? ",
      "I tried that last year and it worked quite well, although the frost came early. ",
      "The map on the club page shows where we meet, bring gloves. ",
      "We had a long session yesterday and still did not finish. ",
      "There are no limits on how many seeds you may bring to the swap. ",
      "My neighbour swears by it, but she has a south-facing wall. ",
      "Photos follow when I find the cable. ",
      "In my experience you need a lot more patience than the books say. ",
      "Talking about prices used to be taboo in our club, not any more. ",
      "Bei mir hat das leider nicht geklappt, schöne Grüße aus Köln. ",
      "Ça marche très bien chez moi, merci ! ",
      "Спасибо, попробую весной. ",
      "The signal at the far end of the field is weak, so call before you set out. ",
  };
  std::mt19937 random(1);
  std::vector<hw::Post> out;
  for (std::size_t i = 0; i < kPosts; ++i) {
    hw::Post post;
    post.id = std::to_string(i);
    post.title = "seed swap";
    const std::size_t sentences = 3 + random() % 6;
    for (std::size_t k = 0; k < sentences; ++k) post.text += kSentences[random() % std::size(kSentences)];
    if (i % 100 == 0) post.text += "\n#taboo #nolimits wickr: hwdemo_fern" + std::to_string(i);
    out.push_back(std::move(post));
  }
  return out;
}

hw::config::RulePack pack(std::string_view text) { return hw::config::parse_rule_pack(text, "built in").value(); }

std::size_t bytes_of(const std::vector<hw::Post>& given) {
  std::size_t bytes = 0;
  for (const hw::Post& post : given) bytes += post.title.size() + post.text.size() + 1;
  return bytes;
}

void bare_set(benchmark::State& state) {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_max_mem(64 << 20);
  RE2::Set set(options, RE2::UNANCHORED);
  for (const hw::config::RulePack& each :
       {pack(hw::config::embedded_press_terms()), pack(hw::config::embedded_age_rules())})
    for (const hw::config::Rule& rule : each.rules) {
      const bool asked =
          rule.effect == hw::config::RuleEffect::sign || rule.effect == hw::config::RuleEffect::seeks_help;
      for (const std::string& pattern : rule.patterns)
        if (asked) set.Add(pattern, nullptr);
    }
  set.Compile();
  const std::vector<hw::Post> given = posts();
  std::vector<std::string> texts;
  for (const hw::Post& post : given) texts.push_back(post.title + "\n" + post.text);
  std::vector<int> hits;
  for (auto _ : state)
    for (const std::string& text : texts) benchmark::DoNotOptimize(set.Match(text, &hits));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kPosts));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes_of(given)));
}

void classify(benchmark::State& state) {
  const auto messengers = hw::config::parse_messengers(hw::config::embedded_messengers(), "built in");
  const auto classifier =
      hw::classifier::Classifier::create(messengers.value(), std::vector{pack(hw::config::embedded_press_terms())});
  const std::vector<hw::Post> given = posts();
  std::size_t leads = 0;
  for (auto _ : state) {
    leads = 0;
    for (const hw::Post& post : given)
      if (classifier->classify(post).band != hw::Band::none) ++leads;
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kPosts));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes_of(given)));
  state.counters["leads"] = static_cast<double>(leads);
}

// Prints as usual, and keeps what the ratio is made of.
class Reporter final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.benchmark_name() == "bare_set") bare = run.GetAdjustedCPUTime();
      if (run.benchmark_name() == "classify") ours = run.GetAdjustedCPUTime();
    }
    benchmark::ConsoleReporter::ReportRuns(runs);
  }
  double bare = 0;
  double ours = 0;
};

BENCHMARK(bare_set)->Unit(benchmark::kMillisecond);
BENCHMARK(classify)->Unit(benchmark::kMillisecond);

}  // namespace

int main(int count, char** arguments) {
  benchmark::Initialize(&count, arguments);
  Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  if (reporter.ours > 0 && reporter.bare > 0)
    std::printf("classify: %.0f posts/s, %.2f of a bare RE2::Set scan (%.0f posts/s)\n", kPosts * 1e3 / reporter.ours,
                reporter.bare / reporter.ours, kPosts * 1e3 / reporter.bare);
  return 0;
}
