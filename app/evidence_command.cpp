#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/caution.h"
#include "app/commands.h"
#include "app/evidence_export.h"
#include "app/evidence_file.h"
#include "db/hits.h"

namespace hw::app {
namespace {

constexpr std::size_t kRowsAtATime = 200;

Result<int> run_export(Session& session, const EvidenceExport& order) {
  auto reading = open_reading(session);
  if (!reading) return tl::unexpected(reading.error());
  auto& [store, person, opener] = *reading;
  const auto done = export_evidence(session, *store, person, opener, order);
  if (!done) return tl::unexpected(done.error());
  session.out->flush();
  *session.err << fmt::format("export {}: evidence of {} hits in {} records. {}\n", done->id, done->hits, done->records,
                              kCaution);
  if (done->unconfirmed > 0)
    *session.err << fmt::format("{} left out: they advertise a handle that is not confirmed\n", done->unconfirmed);
  if (done->deleted > 0)
    *session.err << fmt::format("{} left out: deleted at their source since they were reviewed; review them again\n",
                                done->deleted);
  say_more_may_be_held(session);
  return kDone;
}

struct Verified {
  std::size_t hits = 0;
  std::size_t versions = 0;
  std::size_t bad = 0;
};

Status verify_hit(Session& session, db::Store& store, const db::Opener& opener, std::int64_t hit, Verified& into) {
  auto versions = db::open_earlier(store, opener, hit);
  if (!versions) return tl::unexpected(versions.error());
  auto latest = db::open_hit(store, opener, hit);
  if (!latest) return tl::unexpected(latest.error());
  versions->push_back(std::move(*latest));
  ++into.hits;
  for (const db::Judged& version : *versions) {
    ++into.versions;
    const std::vector<std::string> problems = evidence_problems(version);
    into.bad += problems.empty() ? 0U : 1U;
    for (const std::string& problem : problems) *session.out << fmt::format("hit {}: {}\n", hit, problem);
  }
  return {};
}

Status verify_all(Session& session, db::Store& store, const db::Opener& opener, Verified& into) {
  db::HitFilter filter;
  filter.limit = kRowsAtATime;
  for (;;) {
    const auto rows = db::list_hits(store, filter);
    if (!rows) return tl::unexpected(rows.error());
    for (const db::HitRow& row : *rows)
      if (auto done = verify_hit(session, store, opener, row.hit, into); !done) return done;
    if (rows->size() < kRowsAtATime) return {};
    filter.before = rows->back().hit;
  }
}

Result<int> run_verify(Session& session, const std::vector<std::int64_t>& hits) {
  auto reading = open_reading(session);
  if (!reading) return tl::unexpected(reading.error());
  auto& [store, person, opener] = *reading;
  Verified verified;
  if (hits.empty())
    if (auto done = verify_all(session, *store, opener, verified); !done) return tl::unexpected(done.error());
  for (const std::int64_t hit : hits)
    if (auto done = verify_hit(session, *store, opener, hit, verified); !done) return tl::unexpected(done.error());
  *session.out << fmt::format(
      "{} hits, {} versions, {}\n", verified.hits, verified.versions,
      verified.bad == 0 ? "each as it was captured" : fmt::format("{} not whole", verified.bad));
  say_more_may_be_held(session);
  return verified.bad == 0 ? kDone : kSomethingFailed;
}

Result<int> run_verify_file(Session& session, const std::string& path) {
  const auto file = check_evidence_file(path);
  if (!file) return tl::unexpected(file.error());
  for (const std::string& problem : file->problems) *session.out << problem << '\n';
  *session.out << fmt::format("{} hits, {} records, {}\nsha256 {}\n", file->hits, file->records,
                              file->problems.empty() ? "each as it was exported" : "not whole", file->sha256);
  return file->problems.empty() ? kDone : kSomethingFailed;
}

void add_export(CLI::App& parent, Session& session) {
  auto order = std::make_shared<EvidenceExport>();
  CLI::App* command = parent.add_subcommand("export", "What was captured of confirmed hits, as a WARC file");
  command->add_option("HIT", order->hits, "Numbers in hits list; without any, every confirmed hit");
  add_grounds(*command, order->grounds);
  for (const char* needed : {"--case", "--purpose"})
    if (CLI::Option* option = command->get_option_no_throw(needed)) option->required();
  command->add_option("--output", order->output, "A new file, readable by you alone; - is standard output")
      ->capture_default_str()
      ->type_name("FILE");
  command->footer(
      "Example:\n  handlewatch evidence export 17 --case 2026-17 --purpose \"court request\" --output "
      "17.warc.gz\nWARC/1.1, a gzip member for each record; the last one is the manifest.");
  command->callback([&session, order] { session.action = [&session, order] { return run_export(session, *order); }; });
}

void add_verify(CLI::App& parent, Session& session) {
  auto hits = std::make_shared<std::vector<std::int64_t>>();
  auto file = std::make_shared<std::string>();
  CLI::App* command = parent.add_subcommand("verify", "Opens what is kept of hits and compares it with its digests");
  CLI::Option* rows = command->add_option("HIT", *hits, "Numbers in hits list; without any, every hit");
  command->add_option("--file", *file, "An exported file instead, which needs neither store nor key")
      ->type_name("FILE")
      ->excludes(rows);
  command->footer(
      "Examples:\n  handlewatch evidence verify\n  handlewatch evidence verify --file 17.warc.gz\nNothing is shown of "
      "what was opened. Exit status 1: something is not whole. The digest of a file is that which exports list and the "
      "audit log give for its export.");
  command->callback([&session, hits, file] {
    session.action = [&session, hits, file] {
      return file->empty() ? run_verify(session, *hits) : run_verify_file(session, *file);
    };
  });
}

}  // namespace

void add_evidence(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("evidence", "What was captured of hits: export it, verify it");
  command->require_subcommand(1);
  add_export(*command, session);
  add_verify(*command, session);
}

}  // namespace hw::app
