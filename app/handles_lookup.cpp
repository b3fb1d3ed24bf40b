#include "app/handles_lookup.h"

#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/handle_names.h"
#include "app/line_reader.h"
#include "app/listing.h"
#include "app/reading.h"
#include "app/terminal.h"
#include "common/byte_stream.h"
#include "db/handles.h"
#include "db/lookup.h"

namespace hw::app {
namespace {

constexpr std::uint64_t kLongestLine = 4096;

struct LookupOptions {
  Grounds grounds;
  Format format = Format::automatic;
};

// One answer for each line, by the line's number: the handle itself is never repeated.
Status answer(db::Store& store, const config::Messengers& messengers, const Line& line, Listing& listing,
              std::size_t& known) {
  const auto number = static_cast<std::int64_t>(line.number);
  const auto found = db::lookup(store, names_in(messengers, line.text));
  if (!found) return tl::unexpected(found.error());
  bool any = false;
  for (const auto& handle : *found) {
    if (!handle) continue;
    const auto row = db::find_handle(store, *handle);
    if (!row) continue;  // erased in between
    any = true;
    listing.add({number, true, row->handle, std::string(to_string(row->state)), std::string(to_string(row->band)),
                 static_cast<std::int64_t>(row->hits), row->platforms, row->first_day, row->last_day});
  }
  if (!any) listing.add({number, false, Cell(), Cell(), Cell(), Cell(), Cell(), Cell(), Cell()});
  known += any ? 1U : 0U;
  return {};
}

Result<int> run(Session& session, const LookupOptions& options) {
  const auto messengers = built_in_messengers();
  if (!messengers) return tl::unexpected(messengers.error());
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const Grounds& grounds = options.grounds;
  const auto person = unlock_person(session, **store);
  if (!person) return tl::unexpected(person.error());
  const auto entry = db::begin_lookup(**store, *person, {grounds.case_name, grounds.purpose});
  if (!entry) return tl::unexpected(entry.error());
  Listing listing({"line", "known", "handle_row", "state", "band", "adverts", "platforms", "first_seen", "last_seen"},
                  resolved(options.format, session), *session.out);
  const auto input = open_bytes("-");
  if (!input) return tl::unexpected(input.error());
  LineReader lines(**input, kLongestLine);
  std::size_t asked = 0;
  std::size_t known = 0;
  std::size_t unread = 0;
  while (const auto line = lines.next()) {
    if (!line->too_long && names_in(*messengers, line->text).empty()) continue;
    ++asked;
    if (line->too_long) {
      ++unread;
      complain(session, fmt::format("line {} is longer than {} bytes: passed over", line->number, kLongestLine));
    } else if (auto answered = answer(**store, *messengers, *line, listing, known); !answered) {
      return tl::unexpected(answered.error());
    }
  }
  listing.finish();
  if (auto done = db::finish_lookup(**store, *person, *entry, asked, known); !done) return tl::unexpected(done.error());
  *session.err << fmt::format("{} of {} known\n", known, asked);
  say_more_may_be_held(session);
  return unread > 0 ? kSomethingFailed : kDone;
}

}  // namespace

void add_handles_lookup(CLI::App& handles, Session& session) {
  auto options = std::make_shared<LookupOptions>();
  CLI::App* command = handles.add_subcommand("lookup", "Which handles of a list on standard input are known");
  add_grounds(*command, options->grounds);
  for (const char* needed : {"--case", "--purpose"})
    if (CLI::Option* option = command->get_option_no_throw(needed)) option->required();
  add_format_option(*command, options->format);
  command->footer(
      "Example:\n  handlewatch handles lookup --case 2026-17 --purpose \"request 7\" < list.txt\nA line is a "
      "messenger and a handle, or a handle alone. Answers name the line, never the handle. Who asked goes to the audit "
      "log. That a handle is unknown here says nothing of it.");
  command->callback([&session, options] { session.action = [&session, options] { return run(session, *options); }; });
}

}  // namespace hw::app
