#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/listing.h"
#include "app/reading.h"
#include "db/audit.h"

namespace hw::app {
namespace {

constexpr std::size_t kEntriesAtATime = 1000;

// What an entry says beyond when, who and what: "hit 17, verdict confirmed".
std::string details_of(const db::AuditEntry& entry) {
  const auto record = nlohmann::ordered_json::parse(entry.record, nullptr, false);
  std::string details;
  if (!record.is_object()) return entry.record;
  for (const auto& [key, value] : record.items()) {
    if (key == "at" || key == "action" || key == "by") continue;
    details += fmt::format("{}{} {}", details.empty() ? "" : ", ", key,
                           value.is_string() ? value.get<std::string>() : value.dump());
  }
  return details;
}

Result<int> log(Session& session, Format format) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  Listing listing({"entry", "at", "action", "by", "details"}, format, *session.out);
  for (std::int64_t after = 0;;) {
    const auto entries = db::audit_log(**store, after, kEntriesAtATime);
    if (!entries) return tl::unexpected(entries.error());
    for (const db::AuditEntry& entry : *entries)
      listing.add({entry.entry, to_rfc3339(entry.at), entry.action, entry.by, details_of(entry)});
    if (entries->size() < kEntriesAtATime) return kDone;
    after = entries->back().entry;
  }
}

Result<int> verify(Session& session, const std::vector<std::string>& texts) {
  std::vector<db::Checkpoint> kept;
  for (const std::string& text : texts) {
    const auto checkpoint = db::parse_checkpoint(text);
    if (!checkpoint)
      return fail(ErrorCode::usage,
                  "--checkpoint is \"size:root\" with 64 hex digits, as exports and audit verify give it");
    kept.push_back(*checkpoint);
  }
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const auto report = db::verify_audit(**store, kept);
  if (!report) return tl::unexpected(report.error());
  for (const std::string& problem : report->problems) complain(session, "audit log: " + problem);
  if (!report->problems.empty()) return kSomethingFailed;
  *session.out << fmt::format("the log is whole: {} entries{}\ncheckpoint {}\n", report->checkpoint.size,
                              kept.empty() ? "" : ", as the checkpoints say", report->checkpoint.text());
  return kDone;
}

}  // namespace

void add_audit(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("audit", "Who did what with the store: the log, and whether it is whole");
  command->require_subcommand(1);
  auto format = std::make_shared<Format>(Format::automatic);
  CLI::App* log_command = command->add_subcommand("log", "Every entry, oldest first");
  add_format_option(*log_command, *format);
  log_command->footer("Example:\n  handlewatch audit log");
  log_command->callback([&session, format] { session.action = [&session, format] { return log(session, *format); }; });
  auto kept = std::make_shared<std::vector<std::string>>();
  CLI::App* verify_command =
      command->add_subcommand("verify", "Recomputes the log and holds it against checkpoints kept elsewhere");
  verify_command->add_option("--checkpoint", *kept, "A checkpoint that was kept: every export carries one")
      ->type_name("SIZE:ROOT");
  verify_command->footer(
      "Examples:\n  handlewatch audit verify\n  handlewatch audit verify --checkpoint 5:5dc9da79…\nKeep the checkpoint "
      "that it prints somewhere "
      "else: only what lies before a kept one is proven.");
  verify_command->callback([&session, kept] { session.action = [&session, kept] { return verify(session, *kept); }; });
}

}  // namespace hw::app
