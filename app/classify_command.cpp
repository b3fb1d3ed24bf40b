#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/post_stream.h"
#include "app/session.h"
#include "common/json.h"

namespace hw::app {
namespace {

struct Options {
  std::string file;
  bool include_held = false;
};

// A held post comes back without its handles, and without what would tell them: spans and rules stay, values go.
Verdict without_handles(Verdict verdict) {
  verdict.handles.clear();
  return verdict;
}

std::string error_line(const BadLine& bad) {
  nlohmann::ordered_json object;
  object["id"] = bad.id ? nlohmann::ordered_json(*bad.id) : nlohmann::ordered_json(nullptr);
  object["line"] = bad.number;
  object["error"] = bad.why;
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Status written(std::ostream& out) {
  if (out.good()) return {};
  return fail(ErrorCode::io, "cannot write the results: the disk is full or the reader went away");
}

Result<int> classify(Session& session, const Options& options) {
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  const auto classifier = session.classifier(*settings);
  if (!classifier) return tl::unexpected(classifier.error());
  auto input = Input::open(options.file);
  if (!input) return tl::unexpected(input.error());
  std::size_t bad_lines = 0;
  const auto on_post = [&](const Post& post) -> Status {
    Verdict verdict = classifier->classify(post);
    if (verdict.held() && !options.include_held) verdict = without_handles(std::move(verdict));
    *session.out << to_json(verdict) << '\n';
    return written(*session.out);
  };
  const auto on_bad = [&](const BadLine& bad) -> Status {
    ++bad_lines;
    *session.out << error_line(bad) << '\n';
    return written(*session.out);
  };
  if (auto read = read_posts(*input, "", on_post, on_bad); !read) return tl::unexpected(read.error());
  session.out->flush();
  if (auto done = written(*session.out); !done) return tl::unexpected(done.error());
  if (bad_lines > 0)
    complain(session,
             fmt::format("{}: {} lines are no posts, see the error objects in their places", input->name(), bad_lines));
  return bad_lines > 0 ? kSomethingFailed : kDone;
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
