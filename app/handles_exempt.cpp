#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/handle_names.h"
#include "app/handles_lookup.h"
#include "app/line_reader.h"
#include "app/listing.h"
#include "app/reading.h"
#include "common/byte_stream.h"
#include "db/exemptions.h"

namespace hw::app {
namespace {

constexpr std::uint64_t kLongestLine = 4096;

struct AddOptions {
  std::string reason;
};

Result<int> add(Session& session, const AddOptions& options) {
  const auto messengers = built_in_messengers();
  if (!messengers) return tl::unexpected(messengers.error());
  auto acting = open_acting(session);
  if (!acting) return tl::unexpected(acting.error());
  auto& [store, person] = *acting;
  const auto input = open_bytes("-");
  if (!input) return tl::unexpected(input.error());
  LineReader lines(**input, kLongestLine);
  std::size_t refused = 0;
  while (const auto line = lines.next()) {
    const auto names = names_in(*messengers, line->text);
    if (names.size() != 1) {
      if (line->too_long || !line->text.empty()) {
        ++refused;
        complain(session,
                 fmt::format("line {}: write a messenger and a handle, as in \"signal +12025550123\"", line->number));
      }
      continue;
    }
    const auto row = db::exempt_handle(*store, names[0].messenger, names[0].canonical, person, options.reason);
    if (!row) return tl::unexpected(row.error());
    *session.out << fmt::format("line {}: exempt {}\n", line->number, *row);
  }
  return refused > 0 ? kSomethingFailed : kDone;
}

Result<int> list(Session& session, Format format) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const auto rows = db::list_exempt(**store);
  if (!rows) return tl::unexpected(rows.error());
  Listing listing({"exempt", "messenger", "since", "reason"}, resolved(format, session), *session.out);
  for (const db::ExemptRow& row : *rows) listing.add({row.exempt, row.messenger, row.day, row.reason});
  listing.finish();
  return kDone;
}

Result<int> remove(Session& session, std::int64_t row) {
  auto acting = open_acting(session);
  if (!acting) return tl::unexpected(acting.error());
  auto& [store, person] = *acting;
  if (auto done = db::end_exemption(*store, row, person); !done) return tl::unexpected(done.error());
  return kDone;
}

void add_add(CLI::App& parent, Session& session) {
  auto options = std::make_shared<AddOptions>();
  CLI::App* command = parent.add_subcommand("add", "Handles from standard input, one a line, are raised no more");
  command->add_option("--reason", options->reason, "Why, without naming anybody")->required()->type_name("TEXT");
  command->callback([&session, options] { session.action = [&session, options] { return add(session, *options); }; });
}

void add_list(CLI::App& parent, Session& session) {
  auto format = std::make_shared<Format>(Format::automatic);
  CLI::App* command = parent.add_subcommand("list", "Exemptions by row; which handles they are, only a match tells");
  add_format_option(*command, *format);
  command->callback([&session, format] { session.action = [&session, format] { return list(session, *format); }; });
}

void add_remove(CLI::App& parent, Session& session) {
  auto row = std::make_shared<std::int64_t>(0);
  CLI::App* command = parent.add_subcommand("remove", "Ends an exemption: later posts are raised again");
  command->add_option("ROW", *row, "Its number in handles exempt list")->required();
  command->callback([&session, row] { session.action = [&session, row] { return remove(session, *row); }; });
}

}  // namespace

void add_handles_exempt(CLI::App& handles, Session& session) {
  CLI::App* command = handles.add_subcommand("exempt", "Tip lines, journalists and the like: never raised");
  command->require_subcommand(1);
  add_add(*command, session);
  add_list(*command, session);
  add_remove(*command, session);
  command->footer(
      "Example:\n  echo \"signal +12025550123\" | handlewatch handles exempt add --reason \"tip line\"\nHits "
      "that are stored already stay: reject them. A possible minor is held all the same.");
}

}  // namespace hw::app
