#include "app/rules_explain.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/hit_view.h"
#include "app/post_stream.h"
#include "app/session.h"
#include "app/terminal.h"
#include "common/json.h"
#include "common/text.h"

namespace hw::app {
namespace {

constexpr std::size_t kLargestText = 4U << 20;
constexpr std::size_t kWidestLine = 160;

struct Options {
  std::string file;
  std::vector<std::string> packs;
};

Result<Post> read_post(const std::string& path) {
  auto input = Input::open(path);
  if (!input) return tl::unexpected(input.error());
  const auto text = input->read_all(kLargestText);
  if (!text) return tl::unexpected(text.error());
  if (trim(*text).starts_with('{')) return post_from_json(trim(*text));
  Post post;
  post.id = "text";
  post.text = repair_utf8(*text);
  return post;
}

// One line below the text it is about: a rule that matched, or a handle that was read.
struct Remark {
  Span span;
  std::string words;
};

std::string remark(const classifier::Influence& influence, std::string_view matched) {
  std::string out = fmt::format("{} ", influence.rule);
  if (influence.weight > 0) out += fmt::format("+{:.1f} ", influence.weight);
  if (influence.effect != config::RuleEffect::sign) out += fmt::format("({}) ", to_string(influence.effect));
  out += fmt::format("\"{}\"", shortened(matched, 60));
  if (!influence.note.empty()) out += ": " + influence.note;
  return out;
}

std::string remark(const HandleFound& handle) {
  return fmt::format("{} {} {} ({:.2f})", handle.messenger,
                     handle.type == HandleType::user ? "handle" : to_string(handle.type), to_string(handle.intent),
                     handle.confidence);
}

class Explainer {
 public:
  Explainer(Session& session, const Post& post, const classifier::Explanation& explanation)
      : out_(*session.out), post_(post), explanation_(explanation) {}

  void print() {
    field("title", post_.title);
    field("text", post_.text);
    field("author_display", post_.author_display);
    field("author_bio", post_.author_bio);
    for (std::size_t i = 0; i < post_.tags.size(); ++i) field(fmt::format("tags/{}", i), post_.tags[i]);
    for (std::size_t i = 0; i < post_.quotes.size(); ++i) field(fmt::format("quotes/{}", i), post_.quotes[i]);
    for (std::size_t i = 0; i < post_.links.size(); ++i) field(fmt::format("links/{}", i), post_.links[i].url);
    sum_up();
  }

 private:
  void field(const std::string& name, std::string_view text) {
    if (text.empty()) return;
    std::vector<Remark> remarks;
    for (const classifier::Influence& each : explanation_.influences)
      if (each.field == name)
        remarks.push_back({each.span, remark(each, text.substr(each.span.from, each.span.to - each.span.from))});
    for (const HandleFound& handle : explanation_.verdict.handles)
      if (handle.field == name) remarks.push_back({handle.span, remark(handle)});
    const auto earlier = [](const Remark& a, const Remark& b) { return a.span.from < b.span.from; };
    std::stable_sort(remarks.begin(), remarks.end(), earlier);
    std::size_t begin = 0;
    std::size_t number = 0;
    auto next = remarks.begin();
    for (const std::string_view line : split(text, '\n')) {
      const std::size_t end = begin + line.size();
      if (line.empty() && end == text.size()) break;  // behind the last line feed
      show(fmt::format("{}:{}", name, ++number), line);
      for (; next != remarks.end() && next->span.from <= end; ++next) say(*next, begin);
      begin = end + 1;
    }
  }

  void show(const std::string& place, std::string_view line) {
    out_ << style(out_, Style::dim) << place << style(out_, Style::plain) << "  "
         << escape_for_terminal(shortened(without_live_links(line), kWidestLine)) << '\n';
  }

  void say(const Remark& remark, std::size_t line_begin) {
    out_ << escape_for_terminal(fmt::format("    bytes {}-{}: {}", remark.span.from - line_begin,
                                            remark.span.to - line_begin, remark.words))
         << '\n';
  }

  void sum_up() {
    const Verdict& verdict = explanation_.verdict;
    std::vector<std::string_view> flags;
    for (const Flag flag : verdict.flags) flags.push_back(to_string(flag));
    out_ << style(out_, Style::bold) << fmt::format("{}, score {:.2f}", to_string(verdict.band), verdict.score)
         << style(out_, Style::plain) << (flags.empty() ? "" : fmt::format(", flags {}", fmt::join(flags, " ")))
         << '\n';
    for (const std::string& reason : verdict.reasons) out_ << "    " << escape_for_terminal(reason) << '\n';
    if (verdict.reasons.empty() && flags.empty()) out_ << "    no handle and no rule that speaks for a lead\n";
  }

  std::ostream& out_;
  const Post& post_;
  const classifier::Explanation& explanation_;
};

Result<int> explain(Session& session, const Options& options) {
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  auto packs = session.rule_packs(options.packs.empty() ? settings->rule_files : options.packs);
  if (!packs) return tl::unexpected(packs.error());
  const auto classifier = session.classifier(*settings, *packs);
  if (!classifier) return tl::unexpected(classifier.error());
  const auto post = read_post(options.file);
  if (!post) return tl::unexpected(post.error());
  Explainer(session, *post, classifier->explain(*post)).print();
  return kDone;
}

}  // namespace

void add_rules_explain(CLI::App& parent, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      parent.add_subcommand("explain", "A text line by line: what matched, what it added, what it comes to");
  command->add_option("FILE", options->file, "A text, or a post as JSON; - or nothing is standard input");
  command->add_option("--rules", options->packs, "With these packs instead of those of the configuration")
      ->type_name("PACK");
  command->footer(
      "Example:\n  echo 'taboo board game night, telegram @hwdemo_fern' | handlewatch rules explain\nNothing is "
      "stored. "
      "It shows what you gave it: use it on texts of your own making, not on a held post.");
  command->callback(
      [&session, options] { session.action = [&session, options] { return explain(session, *options); }; });
}

}  // namespace hw::app
