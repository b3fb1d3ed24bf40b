// Pages a second of parse() on a phpBB thread page of about 32 KB, beside its bound in the same run: a bare Gumbo parse
// of the same bytes, tree built and thrown away.
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include <benchmark/benchmark.h>
#include <gumbo.h>

#include "parsers/parser.h"

namespace {

// The fixture's posts, repeated under new numbers until the page has the size of a real one.
std::string thread_page() {
  std::ifstream file(HANDLEWATCH_SOURCE_DIR "/tests/fixtures/phpbb/topic.html");
  std::stringstream content;
  content << file.rdbuf();
  const std::string page = content.str();
  const std::size_t first = page.find("<div id=\"p101\"");
  const std::size_t end = page.find("<p class=\"jumpbox-return\"");
  std::string grown = page.substr(0, first);
  for (int round = 0; grown.size() < 30'000; ++round) {
    std::string posts = page.substr(first, end - first);
    for (std::size_t at = posts.find("id=\"p1"); at != std::string::npos; at = posts.find("id=\"p1", at + 1))
      posts.replace(at + 5, 1, std::to_string(round + 10));
    grown += posts;
  }
  return grown + page.substr(end);
}

hw::Document document() {
  hw::Document document;
  document.url = document.request.url = "https://allotment.example/board/viewtopic.php?t=12";
  document.content_type = "text/html";
  document.charset = "utf-8";
  document.body = thread_page();
  return document;
}

void bare_gumbo(benchmark::State& state) {
  const std::string page = thread_page();
  for (auto _ : state) {
    GumboOutput* output = gumbo_parse_with_options(&kGumboDefaultOptions, page.data(), page.size());
    benchmark::DoNotOptimize(output->root);
    gumbo_destroy_output(&kGumboDefaultOptions, output);
  }
  state.SetItemsProcessed(state.iterations());
}

void parse_phpbb(benchmark::State& state) {
  const hw::Document page = document();
  const hw::parsers::Parser* parser = hw::parsers::find("phpbb");
  std::size_t posts = 0;
  for (auto _ : state) posts = parser->parse(page).posts.size();
  state.SetItemsProcessed(state.iterations());
  state.counters["posts"] = static_cast<double>(posts);
  state.counters["bytes"] = static_cast<double>(page.body.size());
}

// Prints as usual, and keeps what the ratio is made of.
class Reporter final : public benchmark::ConsoleReporter {
 public:
  Reporter() : benchmark::ConsoleReporter(OO_None) {}
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.benchmark_name() == "bare_gumbo") bare = run.GetAdjustedCPUTime();
      if (run.benchmark_name() == "parse_phpbb") ours = run.GetAdjustedCPUTime();
    }
    benchmark::ConsoleReporter::ReportRuns(runs);
  }
  double bare = 0;
  double ours = 0;
};

BENCHMARK(bare_gumbo)->Unit(benchmark::kMicrosecond);
BENCHMARK(parse_phpbb)->Unit(benchmark::kMicrosecond);

}  // namespace

int main(int count, char** arguments) {
  benchmark::Initialize(&count, arguments);
  Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  if (reporter.ours > 0 && reporter.bare > 0)
    std::printf("parse: %.0f pages/s, %.2f of a bare Gumbo parse (%.0f pages/s)\n", 1e6 / reporter.ours,
                reporter.bare / reporter.ours, 1e6 / reporter.bare);
  return 0;
}
