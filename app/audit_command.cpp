#include <algorithm>
#include <array>
#include <iostream>
#include <iterator>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/checkpoints.h"
#include "app/commands.h"
#include "app/listing.h"
#include "app/reading.h"
#include "config/yaml_reader.h"
#include "db/audit.h"
#include "db/checkpoint.h"

namespace hw::app {
namespace {

constexpr std::size_t kEntriesAtATime = 1000;
// What has a column of its own, and keys and signatures, which audit verify reads.
constexpr std::array<std::string_view, 7> kElsewhere{"at", "action", "by", "key", "signature", "sign", "box"};

// What an entry says beyond when, who and what: "hit 17, verdict confirmed".
std::string details_of(const db::AuditEntry& entry) {
  const auto record = nlohmann::ordered_json::parse(entry.record, nullptr, false);
  std::string details;
  if (!record.is_object()) return entry.record;
  for (const auto& [key, value] : record.items()) {
    if (std::ranges::find(kElsewhere, key) != kElsewhere.end()) continue;
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
      if (entry.action != "erase")
        listing.add({entry.entry, to_rfc3339(entry.at), entry.action, entry.by, details_of(entry)});
    if (entries->size() < kEntriesAtATime) return kDone;
    after = entries->back().entry;
  }
}

// A checkpoint as it was kept: on the command line, in a file, or on standard input.
Result<std::string> kept_text(const std::string& where) {
  if (db::parse_checkpoint(where)) return where;
  if (where == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  return config::read_small_file(where);
}

Result<std::vector<db::Checkpoint>> kept_checkpoints(db::Store& store, const std::vector<std::string>& places) {
  std::vector<db::Checkpoint> kept;
  for (const std::string& where : places) {
    const auto text = kept_text(where);
    if (!text)
      return fail(ErrorCode::usage,
                  fmt::format("--checkpoint takes SIZE:ROOT or a file with a signed note: {}", text.error().message));
    const auto checkpoint = db::read_checkpoint(store, *text);
    if (!checkpoint && checkpoint.error().code == ErrorCode::malformed)
      return fail(ErrorCode::usage, checkpoint.error().message);
    if (!checkpoint) return tl::unexpected(checkpoint.error());
    kept.push_back(*checkpoint);
  }
  return kept;
}

Result<int> verify(Session& session, const std::vector<std::string>& places) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const auto kept = kept_checkpoints(**store, places);
  if (!kept) return tl::unexpected(kept.error());
  const auto report = db::verify_audit(**store, *kept);
  if (!report) return tl::unexpected(report.error());
  for (const std::string& problem : report->problems) complain(session, "audit log: " + problem);
  if (!report->problems.empty()) return kSomethingFailed;
  *session.out << fmt::format("the log is whole: {} leaves, entries and sealed records{}\ncheckpoint {}\n",
                              report->checkpoint.size, kept->empty() ? "" : ", as the checkpoints say",
                              report->checkpoint.text());
  return kDone;
}

Result<int> checkpoint(Session& session, bool key_alone, const std::string& stamp) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  if (!key_alone && !stamp.empty()) {
    const auto kept = keep_checkpoint(**store, stamp);
    if (!kept) return tl::unexpected(kept.error());
    *session.out << fmt::format("{}\n", kept->string());
    return kDone;
  }
  const auto note = db::checkpoint_note(**store);
  if (!note) return tl::unexpected(note.error());
  *session.out << (key_alone ? note->verifier_key + "\n" : note->text);
  return kDone;
}

void add_checkpoint(CLI::App& audit, Session& session) {
  auto key_alone = std::make_shared<bool>(false);
  auto stamp = std::make_shared<std::string>();
  CLI::App* command = audit.add_subcommand("checkpoint", "What the log is now, signed, for a witness outside");
  command->add_flag("--verifier-key", *key_alone, "The public key alone, as tools for signed notes take it");
  command
      ->add_option("--stamp", *stamp,
                   "Keep it in the folder checkpoints/ and run this command with its path in $HANDLEWATCH_CHECKPOINT")
      ->type_name("COMMAND");
  command->footer(
      "Examples:\n  handlewatch audit checkpoint > witness.note\n  handlewatch audit checkpoint --stamp 'openssl ts "
      "-query "
      "-sha256 -cert -data \"$HANDLEWATCH_CHECKPOINT\" -out \"$HANDLEWATCH_CHECKPOINT.tsq\"'\nA signed note (C2SP "
      "tlog-checkpoint): nothing in it tells what the log is about. Send it somewhere else, hourly; audit verify "
      "--checkpoint FILE holds the log against it.");
  command->callback([&session, key_alone, stamp] {
    session.action = [&session, key_alone, stamp] { return checkpoint(session, *key_alone, *stamp); };
  });
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
  verify_command
      ->add_option("--checkpoint", *kept,
                   "A checkpoint that was kept: SIZE:ROOT as every export carries it, or a file with a signed note; - "
                   "is standard input")
      ->type_name("CHECKPOINT");
  verify_command->footer(
      "Examples:\n  handlewatch audit verify\n  handlewatch audit verify --checkpoint 5:5dc9da79… --checkpoint "
      "witness.note\nKeep the checkpoint "
      "that it prints somewhere "
      "else: only what lies before a kept one is proven.");
  verify_command->callback([&session, kept] { session.action = [&session, kept] { return verify(session, *kept); }; });
  add_checkpoint(*command, session);
}

}  // namespace hw::app
