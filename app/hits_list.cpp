#include <functional>
#include <memory>
#include <optional>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/export_stream.h"
#include "app/hit_view.h"
#include "app/hits_command.h"
#include "app/listing.h"
#include "app/reading.h"
#include "common/text.h"
#include "db/referrals.h"

namespace hw::app {
namespace {

constexpr std::size_t kRowsAtATime = 500;

struct ListOptions {
  std::string state;
  bool deleted = false;
  std::string band = "low";
  std::string platform;
  std::string source;
  std::string since;
  std::optional<std::size_t> limit;
  Format format = Format::automatic;
  bool reveal = false;
  Grounds grounds;
};

Result<db::HitFilter> filter_of(const ListOptions& options, Format format) {
  db::HitFilter filter;
  if (!options.state.empty()) filter.state = db::parse_hit_state(options.state);
  filter.deleted = options.deleted;
  filter.at_least = parse_band(options.band).value_or(Band::low);
  filter.platform = options.platform;
  filter.source = options.source;
  if (!options.since.empty()) {
    filter.since = parse_rfc3339(options.since + "T00:00:00Z");
    if (!filter.since) return fail(ErrorCode::usage, "--since must be a day such as 2026-11-22");
  }
  filter.limit = resolved_limit(options.limit, format);
  return filter;
}

// Every row of the filter, newest first, a few hundred in memory at a time. Gives how many there were.
Result<std::size_t> for_each_hit(db::Store& store, db::HitFilter filter,
                                 const std::function<Status(const db::HitRow&)>& take) {
  const std::size_t wanted = filter.limit == 0 ? SIZE_MAX : filter.limit;
  std::size_t count = 0;
  while (count < wanted) {
    filter.limit = std::min(kRowsAtATime, wanted - count);
    const auto rows = db::list_hits(store, filter);
    if (!rows) return tl::unexpected(rows.error());
    for (const db::HitRow& row : *rows)
      if (auto taken = take(row); !taken) return tl::unexpected(taken.error());
    count += rows->size();
    if (rows->size() < filter.limit) break;
    filter.before = rows->back().hit;
  }
  return count;
}

void say_how_many(Session& session, db::Store& store, const db::HitFilter& filter, std::size_t shown) {
  const auto all = db::count_hits(store, filter);
  if (all && *all > shown) *session.err << fmt::format("{} of {} shown; --limit 0 shows all\n", shown, *all);
  if (all && *all == 0) *session.err << "No hits.\n";
}

Result<int> list_in_clear_part(Session& session, const ListOptions& options, db::Store& store,
                               const db::HitFilter& filter, Format format) {
  Listing listing(
      {"hit", "band", "state", "platform", "source", "day", "rules", "flags", "marks", "handle_rows", "account_row"},
      format, *session.out);
  const auto shown = for_each_hit(store, filter, [&](const db::HitRow& row) -> Status {
    listing.add({row.hit, std::string(to_string(row.band)), std::string(to_string(row.state)), row.platform, row.source,
                 row.day, row.rules, row.flags, mark_words(row.marks), row.handles,
                 row.account ? Cell(*row.account) : Cell()});
    return {};
  });
  listing.finish();
  if (!shown) return tl::unexpected(shown.error());
  if (format == Format::table && !options.limit) say_how_many(session, store, filter, *shown);
  say_more_may_be_held(session);
  return kDone;
}

// A terminal has room for what a person acts on; CSV and JSON Lines carry everything.
const std::vector<std::string> kRevealedTable{"hit",   "band",    "state",  "platform", "day",
                                              "marks", "handles", "author", "text"};
const std::vector<std::string> kRevealedAll{"hit",     "band",    "score",      "state", "platform", "source",
                                            "post_id", "seen_at", "created_at", "rules", "flags",    "marks",
                                            "handles", "author",  "url",        "text"};

std::vector<Cell> revealed_row(const db::HitRow& row, const db::Judged& judged, Format format) {
  std::vector<std::string> handles;
  for (const HandleFound& handle : judged.verdict.handles)
    if (handle.intent == Intent::advertised) handles.push_back(handle.messenger + ":" + handle.handle);
  const Post& post = judged.post;
  if (format == Format::table)
    return {row.hit,
            std::string(to_string(row.band)),
            std::string(to_string(row.state)),
            row.platform,
            row.day,
            mark_words(row.marks),
            handles,
            post.author,
            post.text};
  return {row.hit,
          std::string(to_string(row.band)),
          judged.verdict.score,
          std::string(to_string(row.state)),
          row.platform,
          row.source,
          post.id,
          to_rfc3339(judged.seen_at),
          post.created_at ? to_rfc3339(*post.created_at) : std::string(),
          row.rules,
          row.flags,
          mark_words(row.marks),
          handles,
          post.author,
          defang(post.url),
          post.text};
}

// More than one hit in clear is an export, whatever it is shown on.
Result<int> list_revealed(Session& session, const ListOptions& options, db::Store& store, const db::HitFilter& filter,
                          Format format) {
  const Grounds& grounds = options.grounds;
  const auto person = unlock_person(session, store);
  if (!person) return tl::unexpected(person.error());
  const auto opener = db::unlock(store, *person, db::KeyClass::review);
  if (!opener) return tl::unexpected(opener.error());
  const auto made = db::begin_export(store, *person,
                                     {"hits", grounds.case_name, grounds.purpose,
                                      format == Format::csv     ? "csv"
                                      : format == Format::jsonl ? "jsonl"
                                                                : "table"});
  if (!made) return tl::unexpected(made.error());
  auto target = ExportStream::open("-", *session.out);
  if (!target) return tl::unexpected(target.error());
  std::optional<Listing> listing;
  if (format != Format::jsonl)
    listing.emplace(format == Format::table ? kRevealedTable : kRevealedAll, format, target->stream());
  const auto shown = for_each_hit(store, filter, [&](const db::HitRow& row) -> Status {
    const auto judged = db::open_hit(store, *opener, row.hit);
    if (!judged) return tl::unexpected(judged.error());
    if (listing)
      listing->add(revealed_row(row, *judged, format));
    else
      target->stream() << hit_json(row, *judged) << '\n';
    return {};
  });
  if (listing) listing->finish();
  if (!shown) return tl::unexpected(shown.error());
  const auto digest = target->finish();
  if (!digest) return tl::unexpected(digest.error());
  if (auto done = db::finish_export(store, *person, *made, *shown, *digest); !done) return tl::unexpected(done.error());
  *session.err << fmt::format("export {}, audit checkpoint {}\n", made->id, made->checkpoint.text());
  say_more_may_be_held(session);
  return kDone;
}

Result<int> list(Session& session, const ListOptions& options) {
  const Format format = resolved(options.format, session);
  const auto filter = filter_of(options, format);
  if (!filter) return tl::unexpected(filter.error());
  if (options.grounds.given() && !options.reveal)
    return fail(ErrorCode::usage,
                "--case and --purpose go with --reveal: the list in clear, which counts as an export");
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  return options.reveal ? list_revealed(session, options, **store, *filter, format)
                        : list_in_clear_part(session, options, **store, *filter, format);
}

}  // namespace

void add_hits_list(CLI::App& parent, Session& session) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = parent.add_subcommand("list", "What was found: the part that stands in the clear, without a key");
  command->add_option("--state", options->state, "new, confirmed, seed, rejected or disputed")
      ->check(CLI::IsMember({"new", "confirmed", "seed", "rejected", "disputed"}).description(""))
      ->type_name("STATE");
  command->add_flag("--deleted", options->deleted,
                    "Confirmed, and since then seen deleted at the source: to be reviewed again before it leaves");
  command->add_option("--band", options->band, "At least this band: low, medium or high")
      ->check(CLI::IsMember({"low", "medium", "high"}).description(""))
      ->capture_default_str()
      ->type_name("BAND");
  command->add_option("--platform", options->platform, "Posts of this platform");
  command->add_option("--source", options->source, "Posts of this source");
  command->add_option("--since", options->since, "First seen on this day or later")->type_name("DAY");
  command->add_option("--limit", options->limit, "At most so many rows, 0 for all (50 in a table, else all)");
  add_format_option(*command, options->format);
  command->add_flag("--reveal", options->reveal, "In clear, with the reader's key: counts as an export");
  add_grounds(*command, options->grounds);
  command->footer(
      "Examples:\n  handlewatch hits list --band medium --state new\n  handlewatch hits list --reveal --as erin --case "
      "2026-17 --purpose "
      "\"court request\" --format jsonl");
  command->callback([&session, options] { session.action = [&session, options] { return list(session, *options); }; });
}

}  // namespace hw::app
