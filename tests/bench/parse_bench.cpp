// Pages a second of parse() on a phpBB thread page of about 32 KB, beside its bound in the same run: a bare Gumbo parse
// of the same bytes, tree built and thrown away. Then events a second of the stream's parse(), beside what two JSON
// libraries need for the same bytes alone: what another library could gain there.
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <gumbo.h>
#include <nlohmann/json.hpp>
#include <simdjson.h>

#include "common/text.h"
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

constexpr int kEvents = 500;

// A batch as the stream sends it: posts of one to three sentences by many accounts.
hw::Document events() {
  hw::Document document;
  document.url = document.request.url = "https://stream.example/subscribe?wantedCollections=app.bsky.feed.post";
  document.content_type = "application/json";
  document.fetched_at = hw::from_millis(1'795'300'000'000);
  for (int i = 0; i < kEvents; ++i) {
    std::string text;
    for (int sentence = i % 3; sentence >= 0; --sentence) text += "The plot by the river has room for one more bed. ";
    document.body += fmt::format(
        R"({{"did":"did:plc:bench{0:019}","time_us":{1},"kind":"commit","commit":{{"rev":"3r{0}","operation":"create",)"
        R"("collection":"app.bsky.feed.post","rkey":"3k{0}","record":{{"$type":"app.bsky.feed.post","text":"{2}",)"
        R"("createdAt":"2026-11-21T09:00:00.000Z","langs":["en"],"facets":[{{"index":{{"byteStart":0,"byteEnd":8}},)"
        R"("features":[{{"$type":"app.bsky.richtext.facet#tag","tag":"garden"}}]}}]}},"cid":"bafyrei{0:052}"}}}})"
        "\n",
        i, 1'795'200'000'000'000 + i, text);
  }
  return document;
}

void parse_stream(benchmark::State& state) {
  const hw::Document batch = events();
  const hw::parsers::Parser* parser = hw::parsers::find("jetstream");
  for (auto _ : state)
    if (parser->parse(batch).posts.size() != kEvents) state.SkipWithError("posts were lost");
  state.SetItemsProcessed(state.iterations() * kEvents);
}

void nlohmann_stream(benchmark::State& state) {
  const hw::Document batch = events();
  for (auto _ : state)
    for (const std::string_view line : hw::split(batch.body, '\n'))
      benchmark::DoNotOptimize(nlohmann::json::parse(line, nullptr, false));
  state.SetItemsProcessed(state.iterations() * kEvents);
}

void simdjson_stream(benchmark::State& state) {
  const hw::Document batch = events();
  simdjson::dom::parser parser;
  for (auto _ : state)
    for (const std::string_view line : hw::split(batch.body, '\n'))
      benchmark::DoNotOptimize(parser.parse(line.data(), line.size()).error());
  state.SetItemsProcessed(state.iterations() * kEvents);
}

// Prints as usual, and keeps what the ratios are made of.
class Reporter final : public benchmark::ConsoleReporter {
 public:
  Reporter() : benchmark::ConsoleReporter(OO_None) {}
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) took_[run.benchmark_name()] = run.GetAdjustedCPUTime();
    benchmark::ConsoleReporter::ReportRuns(runs);
  }
  double took(const char* name) const {  // µs of one iteration; 0: it was not run
    const auto found = took_.find(name);
    return found == took_.end() ? 0 : found->second;
  }

 private:
  std::map<std::string, double> took_;
};

BENCHMARK(bare_gumbo)->Unit(benchmark::kMicrosecond);
BENCHMARK(parse_phpbb)->Unit(benchmark::kMicrosecond);
BENCHMARK(nlohmann_stream)->Unit(benchmark::kMicrosecond);
BENCHMARK(simdjson_stream)->Unit(benchmark::kMicrosecond);
BENCHMARK(parse_stream)->Unit(benchmark::kMicrosecond);

void print_pages(double ours, double bare) {
  if (ours > 0 && bare > 0)
    std::printf("parse: %.0f pages/s, %.2f of a bare Gumbo parse (%.0f pages/s)\n", 1e6 / ours, bare / ours,
                1e6 / bare);
}

void print_stream(double ours, double nlohmann, double simdjson) {
  if (ours <= 0 || nlohmann <= 0 || simdjson <= 0) return;
  std::printf(
      "stream: %.0f events/s; nlohmann/json's parse alone is %.2f of it, simdjson's %.3f: it could gain %.1f x\n",
      kEvents * 1e6 / ours, nlohmann / ours, simdjson / ours, ours / (ours - nlohmann + simdjson));
}

}  // namespace

int main(int count, char** arguments) {
  benchmark::Initialize(&count, arguments);
  Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  print_pages(reporter.took("parse_phpbb"), reporter.took("bare_gumbo"));
  print_stream(reporter.took("parse_stream"), reporter.took("nlohmann_stream"), reporter.took("simdjson_stream"));
  return 0;
}
