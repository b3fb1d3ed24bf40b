#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/pipeline.h"
#include "app/post_stream.h"
#include "app/session.h"
#include "app/terminal.h"

namespace hw::app {
namespace {

constexpr std::size_t kBatch = 500;  // posts a transaction

struct Options {
  std::vector<std::string> files;
  std::string platform = "import";
  std::string source = "import";
};

// Collects posts into batches, judges them and counts.
class Importer {
 public:
  Importer(Pipeline& pipeline, StatusLine& line, std::string source)
      : pipeline_(pipeline), line_(line), source_(std::move(source)) {}

  Status take(Post post) {
    if (post.state == PostState::deleted) return {};
    if (post.source.empty()) post.source = source_;
    batch_.push_back(std::move(post));
    return batch_.size() < kBatch ? Status{} : flush();
  }

  Status flush() {
    const auto judgement = pipeline_.judge(std::exchange(batch_, {}));
    if (!judgement) return tl::unexpected(judgement.error());
    total_.posts += judgement->posts;
    total_.new_posts += judgement->new_posts;
    total_.hits += judgement->hits;
    line_.show(fmt::format("{} posts, {} hits", total_.posts, total_.hits));
    return {};
  }

  const Judgement& total() const { return total_; }

 private:
  Pipeline& pipeline_;
  StatusLine& line_;
  std::string source_;
  std::vector<Post> batch_;
  Judgement total_;
};

Result<int> import_posts(Session& session, const Options& options) {
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  const auto classifier = session.classifier(*settings);
  if (!classifier) return tl::unexpected(classifier.error());
  auto store = session.store(*settings);
  if (!store) return tl::unexpected(store.error());
  Pipeline pipeline(*classifier, **store, *session.clock);
  StatusLine line(*session.err);
  Importer importer(pipeline, line, options.source);
  std::size_t bad_lines = 0;
  for (const std::string& file : options.files) {
    auto input = Input::open(file);
    if (!input) return tl::unexpected(input.error());
    const auto on_bad = [&](const BadLine& bad) -> Status {
      ++bad_lines;
      line.clear();
      complain(session, fmt::format("{}:{}: {}", input->name(), bad.number, bad.why));
      return {};
    };
    const auto on_post = [&](Post post) { return importer.take(std::move(post)); };
    if (auto read = read_posts(*input, options.platform, on_post, on_bad); !read) return tl::unexpected(read.error());
  }
  if (auto flushed = importer.flush(); !flushed) return tl::unexpected(flushed.error());
  line.clear();
  const Judgement& total = importer.total();
  *session.out << fmt::format("{} posts, {} new, {} hits", total.posts, total.new_posts, total.hits)
               << (bad_lines > 0 ? fmt::format(", {} lines were no posts", bad_lines) : "") << '\n';
  return bad_lines > 0 ? kSomethingFailed : kDone;
}

}  // namespace

void add_import(CLI::App& root, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command = root.add_subcommand("import", "Posts from files, through the classifier, into the store");
  command->add_option("FILE", options->files, "Posts as JSON Lines; - is standard input")->required();
  command->add_option("--platform", options->platform, "The network's name, where a post names none")
      ->capture_default_str();
  command->add_option("--source", options->source, "What to call their source, where a post names none")
      ->capture_default_str();
  command->footer(
      "Example:\n  handlewatch import --platform exampleboard posts.jsonl\nIdempotent: importing the same file again "
      "adds nothing. A line "
      "that is no post is named with its number, and the rest goes on (exit status 1).");
  command->callback(
      [&session, options] { session.action = [&session, options] { return import_posts(session, *options); }; });
}

}  // namespace hw::app
