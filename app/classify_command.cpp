#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/classify_stream.h"
#include "app/commands.h"
#include "app/post_stream.h"
#include "app/session.h"

namespace hw::app {
namespace {

struct Options {
  std::string file;
  bool include_held = false;
};

Result<int> classify(Session& session, const Options& options) {
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  const auto classifier = session.classifier(*settings);
  if (!classifier) return tl::unexpected(classifier.error());
  auto input = Input::open(options.file);
  if (!input) return tl::unexpected(input.error());
  const auto bad_lines = classify_stream(
      *input, *classifier, options.include_held ? HeldPosts::whole : HeldPosts::without_handles, *session.out);
  if (!bad_lines) return tl::unexpected(bad_lines.error());
  if (*bad_lines > 0)
    complain(session, fmt::format("{}: {} lines are no posts, see the error objects in their places", input->name(),
                                  *bad_lines));
  return *bad_lines > 0 ? kSomethingFailed : kDone;
}

}  // namespace

void add_classify(CLI::App& root, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command = root.add_subcommand("classify", "Posts in, verdicts out: JSON Lines, same order, no store");
  command->add_option("FILE", options->file, "Posts as JSON Lines; - or nothing is standard input");
  command->add_flag("--include-held", options->include_held, "Keep the handles of held posts (for evaluation only)");
  command->footer(
      "Example:\n  echo '{\"id\":\"1\",\"text\":\"#taboo #nolimits wickr: hwdemo_fern\"}' | handlewatch classify\n"
      "Held posts (possible minors) come back without their handles. Exit status 1: some lines were no posts.");
  command->callback(
      [&session, options] { session.action = [&session, options] { return classify(session, *options); }; });
}

}  // namespace hw::app
