#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/folder_lock.h"
#include "app/line_reader.h"
#include "app/post_stream.h"
#include "app/session.h"
#include "crawler/frontier.h"

namespace hw::app {
namespace {

Result<int> dump(Session& session) {
  std::error_code ignored;
  if (!std::filesystem::exists(session.frontier_file(), ignored))
    return fail(ErrorCode::not_found, fmt::format("nothing was crawled from {} yet", session.data.string()));
  const auto frontier = crawler::Frontier::open(session.frontier_file(), *session.clock);
  if (!frontier) return tl::unexpected(frontier.error());
  const auto dumped = frontier->dump([&](std::string_view line) { *session.out << line << '\n'; });
  if (!dumped) return tl::unexpected(dumped.error());
  return kDone;
}

Result<int> restore(Session& session, const std::string& path) {
  auto input = Input::open(path);
  if (!input) return tl::unexpected(input.error());
  const auto lock = FolderLock::take(session.data);
  if (!lock) return tl::unexpected(lock.error());
  auto frontier = crawler::Frontier::open(session.frontier_file(), *session.clock);
  if (!frontier) return tl::unexpected(frontier.error());
  LineReader lines(input->bytes());
  std::size_t count = 0;
  const auto next = [&]() -> std::optional<std::string> {
    auto line = lines.next();
    if (!line) return std::nullopt;
    ++count;
    return std::string(line->text);
  };
  if (auto restored = frontier->restore(next); !restored) return within(input->name(), restored.error());
  *session.out << fmt::format("restored {} entries\n", count);
  return kDone;
}

}  // namespace

void add_frontier(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("frontier", "What is queued and what was read, as JSON Lines: out and in");
  command->require_subcommand(1);
  CLI::App* out = command->add_subcommand("dump", "Writes it to standard output");
  out->footer("Example:\n  handlewatch frontier dump > frontier.jsonl\nIt does not show which page hit.");
  out->callback([&session] { session.action = [&session] { return dump(session); }; });
  auto file = std::make_shared<std::string>("-");
  CLI::App* in = command->add_subcommand("restore", "Reads a dump into a data folder that has crawled nothing yet");
  in->add_option("FILE", *file, "A dump; - or nothing is standard input");
  in->footer("Example:\n  handlewatch --data /srv/new frontier restore frontier.jsonl\nAll of it or nothing.");
  in->callback([&session, file] { session.action = [&session, file] { return restore(session, *file); }; });
}

}  // namespace hw::app
