#include <algorithm>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/crawl_run.h"
#include "app/listing.h"
#include "app/session.h"
#include "common/sqlite.h"
#include "db/backup.h"
#include "db/keys.h"
#include "db/legal_holds.h"
#include "db/referrals.h"

namespace hw::app {
namespace {

constexpr std::uintmax_t kLeastFreeBytes = 500U << 20;

enum class Health { well, warning, failing };

struct Finding {
  std::string check;
  Health health;
  std::string what;  // and the mend, where there is something to mend
};

Finding well(std::string check, std::string what) { return {std::move(check), Health::well, std::move(what)}; }
Finding warning(std::string check, std::string what) { return {std::move(check), Health::warning, std::move(what)}; }
Finding failing(std::string check, std::string what) { return {std::move(check), Health::failing, std::move(what)}; }

Finding check_folder(const Session& session) {
  struct stat status{};
  if (::stat(session.data.c_str(), &status) != 0)
    return failing("data folder", fmt::format("no folder {}; make one with handlewatch init", session.data.string()));
  if ((status.st_mode & 077) != 0)
    return failing("data folder", fmt::format("others can look into {}; run chmod 700 on it", session.data.string()));
  return well("data folder", session.data.string());
}

Finding check_configuration(const Session& session, const Result<config::Settings>& settings) {
  if (!settings) return failing("configuration", settings.error().message);
  return well("configuration", fmt::format("{} sources in {}", settings->sources.size(), session.config_file.string()));
}

Finding check_operator(const config::Settings& settings) {
  for (const config::SourceSpec& source : settings.sources)
    if (const auto allowed = may_crawl(settings.operated_by, source); !allowed)
      return failing("operator", allowed.error().message);
  if (settings.operated_by.shortcomings().empty()) return well("operator", settings.operated_by.organisation);
  return warning("operator", "not named yet; needed before anything beyond this machine is crawled");
}

Finding check_rules(const Session& session, const config::Settings& settings) {
  const auto classifier = session.classifier(settings);
  if (!classifier) return failing("rules", classifier.error().message);
  return well("rules", fmt::format("digest {}", classifier->rules_hash().substr(0, 16)));
}

// Integrity, references and the audit log.
Finding check_store(db::Store& store) {
  const auto problems = db::problems_of(store);
  if (!problems) return failing("store", problems.error().message);
  if (!problems->empty())
    return failing("store", fmt::format("{}; {} in all: restore a backup", problems->front(), problems->size()));
  return well("store", "schema, integrity, references and audit log are well");
}

// Says that something waits too long, and no more (DESIGN rule 4).
Finding check_referrals(db::Store& store) {
  const auto overdue = db::referrals_overdue(store);
  if (!overdue) return failing("referrals", overdue.error().message);
  if (*overdue)
    return failing("referrals",
                   "something has waited for safeguarding for more than 24 hours; see handlewatch referrals list");
  return well("referrals", "nothing has waited for more than 24 hours");
}

Finding check_legal_holds(db::Store& store) {
  const auto holds = db::legal_holds(store);
  if (!holds) return failing("legal holds", holds.error().message);
  const auto due = std::count_if(holds->begin(), holds->end(), [](const db::LegalHold& hold) { return hold.due; });
  if (due > 0) return warning("legal holds", fmt::format("{} are due for review; see handlewatch hits holds", due));
  return well("legal holds", fmt::format("{}, none due for review", holds->size()));
}

void examine_store(const Session& session, const config::Settings& settings, std::vector<Finding>& findings) {
  const auto store = session.store(settings);
  if (!store) return findings.push_back(failing("store", store.error().message));
  for (const auto check : {check_store, check_referrals, check_legal_holds}) findings.push_back(check(**store));
}

Finding check_frontier(const Session& session) {
  const std::string name = "frontier.db";
  const auto file = session.data / name;
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return well(name, "not there yet");
  auto database = Database::open(file, Durability::normal);
  if (!database) return failing(name, database.error().message);
  auto statement = database->prepare("PRAGMA quick_check(1)");
  if (!statement) return failing(name, statement.error().message);
  const auto row = statement->step();
  if (!row) return failing(name, row.error().message);
  if (statement->text(0) != "ok") return failing(name, fmt::format("{} is damaged; restore a backup", file.string()));
  return well(name, "no damage found");
}

// What others can read gives away what the folder keeps from them.
Finding check_permissions(const Session& session) {
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(session.data, error)) {
    struct stat status{};
    if (::lstat(entry.path().c_str(), &status) != 0 || S_ISLNK(status.st_mode)) continue;
    const bool secret = entry.path().extension() == ".key" || entry.path().extension() == ".db" ||
                        entry.path().filename() == "erasures.log" || entry.is_directory();
    if (secret && (status.st_mode & 077) != 0)
      return failing("permissions", fmt::format("others can use {}; run chmod go= on it", entry.path().string()));
    if (status.st_uid != ::geteuid() && ::geteuid() != 0)
      return warning("permissions", fmt::format("{} belongs to another user", entry.path().string()));
  }
  return error ? failing("permissions", error.message()) : well("permissions", "the owner's alone");
}

Finding check_keys(const Session& session) {
  if (const auto token = db::load_token_key(session.data); !token) return failing("keys", token.error().message);
  const auto people = db::people_here(session.data);
  for (const std::string& name : people)
    if (db::unprotected(session.data, name))
      return warning("keys", fmt::format("the key of {} has no passphrase: whoever reads the file is {}", name, name));
  return well("keys", people.empty() ? "the token key and the host's; nobody reads here"
                                     : fmt::format("the token key, the host's, and of {}", fmt::join(people, ", ")));
}

Finding check_disk(const Session& session) {
  std::error_code error;
  const auto space = std::filesystem::space(session.data, error);
  if (error) return failing("disk", error.message());
  const std::string free = fmt::format("{} MB free", space.available >> 20U);
  return space.available < kLeastFreeBytes ? warning("disk", free + "; make room, at least 500 MB")
                                           : well("disk", free);
}

Finding check_clock(const Session& session) {
  const Time now = session.clock->now();
  const bool plausible = now > *parse_rfc3339("2026-01-01T00:00:00Z") && now < *parse_rfc3339("2100-01-01T00:00:00Z");
  return plausible ? well("clock", to_rfc3339(now))
                   : failing("clock", to_rfc3339(now) + " cannot be right; set the machine's time");
}

std::vector<Finding> examine(const Session& session) {
  std::vector<Finding> findings{check_folder(session), check_clock(session)};
  const auto settings = session.settings();
  findings.push_back(check_configuration(session, settings));
  if (settings) {
    findings.push_back(check_operator(*settings));
    findings.push_back(check_rules(session, *settings));
  }
  if (findings.front().health == Health::failing) return findings;
  if (settings) examine_store(session, *settings, findings);
  findings.push_back(check_keys(session));
  findings.push_back(check_permissions(session));
  findings.push_back(check_frontier(session));
  findings.push_back(check_disk(session));
  return findings;
}

Result<int> doctor(Session& session, Format format) {
  Listing listing({"check", "state", "what"}, format, *session.out);
  bool failed = false;
  for (const Finding& finding : examine(session)) {
    failed = failed || finding.health == Health::failing;
    const std::string state = finding.health == Health::well      ? "well"
                              : finding.health == Health::warning ? "warning"
                                                                  : "FAILING";
    listing.add({finding.check, state, finding.what});
  }
  return failed ? kSomethingFailed : kDone;
}

}  // namespace

void add_doctor(CLI::App& root, Session& session) {
  auto format = std::make_shared<Format>(Format::automatic);
  CLI::App* command = root.add_subcommand(
      "doctor", "Checks folder, configuration, rules, store, keys, referrals, legal holds, disk and clock");
  add_format_option(*command, *format);
  command->footer("Example:\n  handlewatch doctor\nExit status 1: something is failing; each line says the mend.");
  command->callback([&session, format] { session.action = [&session, format] { return doctor(session, *format); }; });
}

}  // namespace hw::app
