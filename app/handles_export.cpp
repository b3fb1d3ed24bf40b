#include "app/handles_export.h"

#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/export_stream.h"
#include "db/csv.h"
#include "db/exports.h"

namespace hw::app {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kCaution =
    "A lead, not a finding: who posted a handle may not be its owner, and names are reassigned.";

std::string review_words(const db::HandleRow& row) { return fmt::format("confirmed by {}", row.confirmations); }

// Every row carries the caution, the export's number and the checkpoint, so that a part of the file carries them too.
std::string as_csv(const db::ExportedHandle& handle, const db::Export& made, const std::string& case_name) {
  const db::HandleRow& row = handle.row;
  return db::csv_line(std::vector<std::string>{
      handle.name.handle, handle.name.messenger, row.first_day, row.last_day, std::to_string(row.hits),
      std::to_string(row.accounts), fmt::format("{}", fmt::join(row.platforms, " ")), std::string(to_string(row.band)),
      review_words(row), case_name, std::to_string(made.id), made.checkpoint.text(), std::string(kCaution)});
}

std::string csv_head() {
  return db::csv_line(std::vector<std::string>{"handle", "messenger", "first_seen", "last_seen", "adverts", "accounts",
                                               "platforms", "band", "review", "case", "export", "checkpoint",
                                               "caution"});
}

std::string as_json(const db::ExportedHandle& handle, const db::Export& made, const std::string& case_name) {
  const db::HandleRow& row = handle.row;
  const ordered_json out{{"handle", handle.name.handle},
                         {"messenger", handle.name.messenger},
                         {"first_seen", row.first_day},
                         {"last_seen", row.last_day},
                         {"adverts", row.hits},
                         {"accounts", row.accounts},
                         {"platforms", row.platforms},
                         {"band", to_string(row.band)},
                         {"review", review_words(row)},
                         {"case", case_name},
                         {"export", made.id},
                         {"checkpoint", made.checkpoint.text()},
                         {"caution", kCaution}};
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<int> run(Session& session, const HandlesExport& order) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const auto person = unlock_person(session, **store);
  if (!person) return tl::unexpected(person.error());
  const auto opener = unlock(**store, *person);
  if (!opener) return tl::unexpected(opener.error());
  const auto exported = export_handles(session, **store, *person, *opener, order);
  if (!exported) return tl::unexpected(exported.error());
  session.out->flush();
  *session.err << fmt::format("export {}: {} confirmed handles. {}\n", exported->id, exported->handles, kCaution);
  say_more_may_be_held(session);
  return kDone;
}

}  // namespace

Result<HandlesExported> export_handles(Session& session, db::Store& store, const db::Person& by,
                                       const db::Opener& opener, const HandlesExport& order) {
  const Grounds& grounds = order.grounds;
  auto target = ExportStream::open(order.output, *session.out);
  if (!target) return tl::unexpected(target.error());
  const auto made = db::begin_export(store, by, {"handles", grounds.case_name, grounds.purpose, order.format});
  if (!made) return tl::unexpected(made.error());
  const bool csv = order.format == "csv";
  if (csv) target->stream() << csv_head();
  const auto count = db::export_handles(store, opener, *made, [&](const db::ExportedHandle& handle) -> Status {
    target->stream() << (csv ? as_csv(handle, *made, grounds.case_name) : as_json(handle, *made, grounds.case_name));
    if (!target->stream())
      return fail(ErrorCode::io, fmt::format("cannot write {}; export {} stands as unfinished in the audit log",
                                             order.output, made->id));
    return {};
  });
  if (!count) return tl::unexpected(count.error());
  const auto digest = target->finish();
  if (!digest) return tl::unexpected(digest.error());
  if (auto done = db::finish_export(store, by, *made, *count, *digest); !done) return tl::unexpected(done.error());
  return HandlesExported{made->id, *count};
}

void add_handles_export(CLI::App& handles, Session& session) {
  auto order = std::make_shared<HandlesExport>();
  CLI::App* command =
      handles.add_subcommand("export", "The handles that enough reviewers confirmed, for an investigator");
  add_grounds(*command, order->grounds);
  for (const char* needed : {"--case", "--purpose"}) command->get_option(needed)->required();
  command->add_option("--format", order->format, "csv or jsonl")
      ->check(CLI::IsMember({"csv", "jsonl"}).description(""))
      ->capture_default_str()
      ->type_name("FORMAT");
  command->add_option("--output", order->output, "A new file, readable by you alone; - is standard output")
      ->capture_default_str()
      ->type_name("FILE");
  command->footer(
      "Example:\n  handlewatch handles export --as erin --case 2026-17 --purpose \"court request\" --output "
      "leads.csv\nWho took what for which "
      "case goes to the audit log; each row carries the log's checkpoint, so that whoever receives it can vouch for "
      "the log.");
  command->callback([&session, order] { session.action = [&session, order] { return run(session, *order); }; });
}

}  // namespace hw::app
