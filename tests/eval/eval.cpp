// `./dev eval`: how well the classifier does on labelled cases and on real benign text, kind by kind.
//
//   eval [--mistakes] [--cases] [FOLDER…]
//
// A folder holds cases as JSON Lines, one file per kind. Without one: tests/classifier/cases, which the classifier was
// built on, and tests/classifier/unseen, which it never was. --mistakes prints the id and the verdict of every case
// that is wrong, --cases leaves the real text out.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "classifier/classifier.h"
#include "common/json.h"
#include "config/embedded.h"
#include "tests/eval/tally.h"

namespace {

using namespace hw;
using namespace hw::eval;
using nlohmann::json;

classifier::Classifier shipped() {
  const auto messengers = config::parse_messengers(config::embedded_messengers(), "messengers.yaml");
  const auto pack = config::load_rule_pack(std::string(config::kPressTerms));
  return classifier::Classifier::create(messengers.value(), std::vector{pack.value()}).value();
}

std::string percent(const Share& share) {
  if (share.of == 0) return "-";
  const Interval sure = wilson(share);
  return fmt::format("{}/{} {:.3f} [{:.3f}, {:.3f}]", share.good, share.of, share.value(), sure.from, sure.to);
}

void print_head(const std::string& title) {
  fmt::print("{}\n{:<22}{:>12}  {:<32}{:<32}{:>10}  {:<14}{}\n", title, "kind", "all right", "found (recall)",
             "raised and right (precision)", "handles F1", "flags raised", "flags spared");
}

void print_row(const std::string& kind, const Tally& row) {
  const auto counts = [](const Share& share) {
    return share.of == 0 ? std::string("-") : fmt::format("{}/{}", share.good, share.of);
  };
  const std::string f1 = row.handles_read.of + row.handles_held.of == 0 ? "-" : fmt::format("{:.3f}", row.handles_f1());
  fmt::print("{:<22}{:>12}  {:<32}{:<32}{:>10}  {:<14}{}\n", kind, counts(row.cases), percent(row.found),
             percent(row.raised), f1, counts(row.flags_raised), counts(row.flags_spared));
}

// False where a case is none.
bool evaluate(const classifier::Classifier& classifier, const std::filesystem::path& folder, bool mistakes) {
  std::map<std::string, Tally> kinds;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".jsonl") continue;
    std::ifstream lines(entry.path());
    for (std::string line; std::getline(lines, line);) {
      const json given = json::parse(line, nullptr, false);
      const auto post = given.is_object() ? post_from_json(given.value("post", json()).dump())
                                          : Result<Post>(fail(ErrorCode::malformed, "not JSON"));
      if (!post || !given.contains("expect")) {
        fmt::print(stderr, "{}: not a case: {}\n", entry.path().string(),
                   post ? "no \"expect\"" : post.error().message);
        return false;
      }
      const Verdict verdict = classifier.classify(*post);
      const Tally one = tally(given.at("expect"), verdict);
      if (mistakes && one.cases.good == 0) fmt::print("  wrong: {} {}\n", post->id, to_json(verdict));
      kinds[entry.path().stem().string()] += one;
    }
  }
  print_head(folder.string());
  Tally all;
  for (const auto& [kind, row] : kinds) {
    print_row(kind, row);
    all += row;
  }
  print_row("all", all);
  fmt::print("\n");
  return true;
}

// The recorded benign pieces that lie beside the checkout.
void false_alarms(const classifier::Classifier& classifier, bool mistakes) {
  const std::filesystem::path file =
      std::filesystem::path(HANDLEWATCH_SOURCE_DIR).parent_path() / "shared" / "fixtures" / "benign-dev.jsonl.gz";
  if (!std::filesystem::exists(file)) return fmt::print("benign text: skipped, no {}\n", file.string());
  std::FILE* stream = ::popen(("gzip -dc '" + file.string() + "'").c_str(), "r");
  if (stream == nullptr) return fmt::print("benign text: skipped, gzip cannot be started\n");
  std::map<Band, std::size_t> bands;
  std::map<Flag, std::size_t> flags;
  Share spared;
  char* line = nullptr;
  std::size_t capacity = 0;
  for (ssize_t length = 0; (length = ::getline(&line, &capacity, stream)) > 0;) {
    const auto post = post_from_json({line, static_cast<std::size_t>(length)});
    if (!post) continue;
    const Verdict verdict = classifier.classify(*post);
    ++bands[verdict.band];
    for (const Flag flag : verdict.flags) ++flags[flag];
    spared.count(verdict.band < Band::medium);
    if (mistakes && (verdict.held() || verdict.band > Band::none)) fmt::print("  read it: {}\n", post->id);
  }
  std::free(line);
  ::pclose(stream);
  fmt::print("benign text: {} pieces, {} low, {} medium, {} high; spared {}\n", spared.of, bands[Band::low],
             bands[Band::medium], bands[Band::high], percent(spared));
  for (const auto& [flag, count] : flags) fmt::print("  {} {}\n", to_string(flag), count);
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string> arguments(values + 1, values + count);
  const bool mistakes = std::find(arguments.begin(), arguments.end(), "--mistakes") != arguments.end();
  std::vector<std::filesystem::path> folders;
  for (const std::string& argument : arguments)
    if (!argument.starts_with("--")) folders.emplace_back(argument);
  const auto cases = std::filesystem::path(HANDLEWATCH_SOURCE_DIR) / "tests" / "classifier";
  if (folders.empty()) folders = {cases / "cases", cases / "unseen"};
  const classifier::Classifier classifier = shipped();
  for (const auto& folder : folders)
    if (std::filesystem::is_directory(folder) && !evaluate(classifier, folder, mistakes)) return 1;
  if (std::find(arguments.begin(), arguments.end(), "--cases") == arguments.end()) false_alarms(classifier, mistakes);
  return 0;
}
