#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <ostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/export_stream.h"
#include "app/listing.h"
#include "app/reading.h"
#include "db/bans.h"
#include "db/csv.h"

namespace hw::app {
namespace {

constexpr std::size_t kRowsAtATime = 500;
constexpr std::size_t kLargestFile = std::size_t{256} << 20U;

// bans import
// ----------------------------------------------------------------------------------------------------------

struct ImportOptions {
  std::string file;
  std::string platform;
};

Result<std::string> read_all(const std::string& file) {
  std::ifstream stream;
  if (file != "-") stream.open(file, std::ios::binary);
  std::istream& input = file == "-" ? std::cin : stream;
  if (!input) return fail(ErrorCode::not_found, fmt::format("cannot read {}", file));
  std::string text;
  char buffer[1U << 16U];
  while (input.read(buffer, sizeof buffer) || input.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(input.gcount()));
    if (text.size() > kLargestFile)
      return fail(ErrorCode::malformed, fmt::format("{} is larger than {} MiB; split it", file, kLargestFile >> 20U));
  }
  if (input.bad()) return fail(ErrorCode::io, fmt::format("cannot read {}", file));
  return text;
}

Result<int> import(Session& session, const ImportOptions& options) {
  const auto text = read_all(options.file);
  if (!text) return tl::unexpected(text.error());
  auto acting = open_acting(session);
  if (!acting) return tl::unexpected(acting.error());
  auto& [store, person] = *acting;
  const auto refuse = [&](std::size_t line, const std::string& why) {
    complain(session, fmt::format("{}:{}: {}", options.file, line, why));
  };
  const auto imported = db::import_bans(*store, *text, person, {}, refuse, options.platform);
  if (!imported) return within(options.file, imported.error());
  *session.out << fmt::format("{} new, {} known", imported->taken, imported->known);
  if (imported->refused > 0) *session.out << fmt::format(", {} refused", imported->refused);
  if (imported->passed_over > 0)
    *session.out << fmt::format(", {} passed over: they concern no account", imported->passed_over);
  *session.out << '\n';
  return imported->refused > 0 ? kSomethingFailed : kDone;
}

void add_import_bans(CLI::App& parent, Session& session) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* command = parent.add_subcommand("import", "Moderators' decisions from a file, JSON Lines or CSV");
  command->add_option("FILE", options->file, "- is standard input")->required();
  command->add_option("--platform", options->platform, "Of a list that does not say it: the platform of its posts here")
      ->type_name("NAME");
  command->footer(
      "Example:\n  handlewatch bans import bans.jsonl\nA line: "
      "{\"schema\":1,\"event_id\":\"7\",\"platform\":\"reddit\",\"subject\":{\"type\":\"account\","
      "\"login\":\"name\"},\"action\":\"ban\",\"decided_at\":\"2026-11-22T10:00:00Z\"}\nAs CSV the columns are "
      "event_id, platform, type, "
      "messenger, id, login, action, reason_code, decided_at, expires_at, decided_by, lead_id.\nThe same event is "
      "taken once, however often it "
      "comes; a bad line is named and the rest goes on (exit status 1).\nWith --platform also what moderators' own "
      "tools write: Discourse's staff actions, Reddit's banned users and phpBB's ban list as CSV, what Lemmy's "
      "/user/banned answers. Addresses of mail and machines, and whole domains, are passed over.");
  command->callback(
      [&session, options] { session.action = [&session, options] { return import(session, *options); }; });
}

// bans list
// ------------------------------------------------------------------------------------------------------------

// Every ban, newest first, up to a limit.
Status for_each_ban(db::Store& store, std::size_t limit, const std::function<Status(const db::BanRow&)>& take) {
  std::int64_t before = 0;
  for (std::size_t left = limit == 0 ? SIZE_MAX : limit; left > 0;) {
    const auto rows = db::list_bans(store, std::min(kRowsAtATime, left), before);
    if (!rows) return tl::unexpected(rows.error());
    for (const db::BanRow& row : *rows)
      if (auto taken = take(row); !taken) return taken;
    if (rows->size() < std::min(kRowsAtATime, left)) return {};
    left -= rows->size();
    before = rows->back().ban;
  }
  return {};
}

Result<int> list(Session& session, std::optional<std::size_t> limit, Format wanted) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const Format format = resolved(wanted, session);
  Listing listing(
      {"ban", "platform", "subject", "action", "standing", "ours", "decided", "expires", "handle_rows", "account_rows"},
      format, *session.out);
  const auto listed = for_each_ban(**store, resolved_limit(limit, format), [&](const db::BanRow& row) -> Status {
    listing.add({row.ban, row.platform, std::string(to_string(row.subject)), std::string(to_string(row.action)),
                 row.standing, row.ours, row.decided_day, row.expires_day, row.handles, row.accounts});
    return {};
  });
  listing.finish();
  if (!listed) return tl::unexpected(listed.error());
  say_more_may_be_held(session);
  return kDone;
}

void add_list(CLI::App& parent, Session& session) {
  auto limit = std::make_shared<std::optional<std::size_t>>();
  auto format = std::make_shared<Format>(Format::automatic);
  CLI::App* command = parent.add_subcommand("list", "What was decided, and which rows it concerns, without a key");
  command->add_option("--limit", *limit, "At most so many rows, 0 for all (50 in a table, else all)");
  add_format_option(*command, *format);
  command->footer("Example:\n  handlewatch bans list");
  command->callback([&session, limit, format] {
    session.action = [&session, limit, format] { return list(session, *limit, *format); };
  });
}

// bans export
// ----------------------------------------------------------------------------------------------------------

struct ExportOptions {
  Grounds grounds;
  std::string format = "jsonl";
  std::string output = "-";
};

std::string as_csv(const db::Ban& ban) {
  return db::csv_line(std::vector<std::string>{
      "1", ban.event_id, ban.platform, std::string(to_string(ban.subject)), ban.messenger, ban.id, ban.login,
      std::string(to_string(ban.action)), ban.reason_code, to_rfc3339(ban.decided_at),
      ban.expires_at ? to_rfc3339(*ban.expires_at) : "", ban.human ? "human" : "auto", ban.lead_id});
}

Result<int> export_bans(Session& session, const ExportOptions& options) {
  auto reading = open_reading(session);
  if (!reading) return tl::unexpected(reading.error());
  auto& [store, person, opener] = *reading;
  auto target = ExportStream::open(options.output, *session.out);
  if (!target) return tl::unexpected(target.error());
  const auto made =
      db::begin_export(*store, person, {"bans", options.grounds.case_name, options.grounds.purpose, options.format});
  if (!made) return tl::unexpected(made.error());
  const bool csv = options.format == "csv";
  if (csv)
    target->stream() << db::csv_line(std::vector<std::string>{"schema", "event_id", "platform", "type", "messenger",
                                                              "id", "login", "action", "reason_code", "decided_at",
                                                              "expires_at", "decided_by", "lead_id"});
  std::size_t count = 0;
  const auto written = for_each_ban(*store, 0, [&](const db::BanRow& row) -> Status {
    const auto ban = db::open_ban(*store, opener, row.ban);
    if (!ban) return tl::unexpected(ban.error());
    target->stream() << (csv ? as_csv(*ban) : db::ban_to_json(*ban) + "\n");
    ++count;
    return {};
  });
  if (!written) return tl::unexpected(written.error());
  const auto digest = target->finish();
  if (!digest) return tl::unexpected(digest.error());
  if (auto done = db::finish_export(*store, person, *made, count, *digest); !done) return tl::unexpected(done.error());
  *session.err << fmt::format("export {}: {} decisions. A ban is that platform's opinion, not truth.\n", made->id,
                              count);
  say_more_may_be_held(session);
  return kDone;
}

void add_export(CLI::App& parent, Session& session) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command =
      parent.add_subcommand("export", "The decisions in clear, with the reader's key: counts as an export");
  add_grounds(*command, options->grounds);
  for (const char* needed : {"--case", "--purpose"}) command->get_option(needed)->required();
  command->add_option("--format", options->format, "jsonl or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}).description(""))
      ->capture_default_str()
      ->type_name("FORMAT");
  command->add_option("--output", options->output, "A new file, readable by you alone; - is standard output")
      ->capture_default_str()
      ->type_name("FILE");
  command->footer(
      "Example:\n  handlewatch bans export --as erin --case 2026-17 --purpose \"hand over\" --output bans.jsonl");
  command->callback(
      [&session, options] { session.action = [&session, options] { return export_bans(session, *options); }; });
}

}  // namespace

void add_bans(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("bans", "Moderators' decisions: import, list, export");
  command->require_subcommand(1);
  add_import_bans(*command, session);
  add_list(*command, session);
  add_export(*command, session);
}

}  // namespace hw::app
