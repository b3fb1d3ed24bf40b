#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/export_stream.h"
#include "app/hit_view.h"
#include "app/hits_command.h"
#include "app/reading.h"
#include "app/terminal.h"
#include "db/audit.h"
#include "db/sightings.h"

namespace hw::app {
namespace {

struct ShowOptions {
  std::int64_t hit = 0;
  Grounds grounds;
  bool evidence = false;
};

Status print_all_evidence(Session& session, db::Store& store, const db::Opener& opener, std::int64_t hit,
                          const db::Judged& latest) {
  const auto earlier = db::open_earlier(store, opener, hit);
  if (!earlier) return tl::unexpected(earlier.error());
  for (const db::Judged& version : *earlier) print_evidence(*session.out, "an earlier version", version);
  print_evidence(*session.out, "the version above", latest);
  return {};
}

// What became of the post at its source since.
Status print_sightings(Session& session, db::Store& store, std::int64_t hit) {
  const auto sightings = db::sightings_of(store, hit);
  if (!sightings) return tl::unexpected(sightings.error());
  for (const db::SightingRow& seen : *sightings)
    *session.out << fmt::format("  seen {} at its source on {}\n", to_string(seen.what), seen.day);
  return {};
}

Result<int> show_on_terminal(Session& session, const ShowOptions& options, db::Store& store, const db::HitRow& row,
                             const db::Person& by, const db::Opener& opener) {
  if (auto noted = db::note_reveal(store, by, "hit", options.hit); !noted) return tl::unexpected(noted.error());
  const auto judged = db::open_hit(store, opener, options.hit);
  if (!judged) return tl::unexpected(judged.error());
  const auto reviews = db::reviews_of(store, options.hit);
  if (!reviews) return tl::unexpected(reviews.error());
  print_hit(*session.out, row, *judged, *reviews);
  if (auto shown = print_sightings(session, store, options.hit); !shown) return tl::unexpected(shown.error());
  if (options.evidence)
    if (auto shown = print_all_evidence(session, store, opener, options.hit, *judged); !shown)
      return tl::unexpected(shown.error());
  *session.out << fmt::format("Judge it with: handlewatch hits review {} --verdict VERDICT\n", options.hit);
  return kDone;
}

Result<int> show_elsewhere(Session& session, const ShowOptions& options, db::Store& store, const db::HitRow& row,
                           const db::Person& by, const db::Opener& opener) {
  const Grounds& grounds = options.grounds;
  if (grounds.case_name.empty() || grounds.purpose.empty())
    return fail(ErrorCode::refused, "a hit in clear to anything but a terminal is an export; add --case and --purpose");
  const auto made =
      db::begin_export(store, by, {fmt::format("hit {}", options.hit), grounds.case_name, grounds.purpose, "jsonl"});
  if (!made) return tl::unexpected(made.error());
  const auto judged = db::open_hit(store, opener, options.hit);
  if (!judged) return tl::unexpected(judged.error());
  auto target = ExportStream::open("-", *session.out);
  if (!target) return tl::unexpected(target.error());
  target->stream() << hit_json(row, *judged) << '\n';
  const auto digest = target->finish();
  if (!digest) return tl::unexpected(digest.error());
  if (auto done = db::finish_export(store, by, *made, 1, *digest); !done) return tl::unexpected(done.error());
  return kDone;
}

Result<int> show(Session& session, const ShowOptions& options) {
  auto reading = open_reading(session);
  if (!reading) return tl::unexpected(reading.error());
  auto& [store, person, opener] = *reading;
  const auto row = db::find_hit(*store, options.hit);
  if (!row) {
    say_more_may_be_held(session);
    return tl::unexpected(row.error());
  }
  const auto status = is_terminal(*session.out) ? show_on_terminal(session, options, *store, *row, person, opener)
                                                : show_elsewhere(session, options, *store, *row, person, opener);
  if (status) say_more_may_be_held(session);
  return status;
}

}  // namespace

void add_hits_show(CLI::App& parent, Session& session) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = parent.add_subcommand("show", "One hit in clear, on a terminal, with the reader's key");
  command->add_option("HIT", options->hit, "Its number in hits list")->required();
  command->add_flag("--evidence", options->evidence, "How it was captured, and the post as it stood in its page");
  add_grounds(*command, options->grounds);
  command->footer(
      "Example:\n  handlewatch hits show 17\nThat it was shown goes to the audit log. To a file or a pipe it is an "
      "export: JSON, with "
      "--case and --purpose.");
  command->callback([&session, options] { session.action = [&session, options] { return show(session, *options); }; });
}

}  // namespace hw::app
