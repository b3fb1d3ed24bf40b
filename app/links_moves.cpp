#include <map>
#include <memory>
#include <optional>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/links_command.h"
#include "app/listing.h"
#include "app/reading.h"
#include "config/embedded.h"
#include "config/messengers.h"
#include "db/audit.h"
#include "db/links.h"

namespace hw::app {
namespace {

struct Options {
  std::optional<std::int64_t> account;
  std::string from;
  bool each = false;
  Format format = Format::automatic;
};

// One account, from one messenger to another.
struct Move {
  std::int64_t account = 0;
  db::Presence from;
  db::Presence to;
  bool alongside = false;  // the old one was still advertised after the new one appeared
};

// To each messenger that an account was not seen with before, from the one it was last seen with until then.
std::vector<Move> moves_of(const db::Timeline& timeline) {
  std::vector<Move> moves;
  std::map<std::string, db::Presence> seen;
  for (const db::Presence& presence : timeline.presences) {
    if (const auto known = seen.find(presence.messenger); known != seen.end()) {
      if (known->second.last_day < presence.last_day) known->second = presence;
      continue;
    }
    const db::Presence* latest = nullptr;
    for (const auto& [messenger, earlier] : seen)
      if (latest == nullptr || earlier.last_day > latest->last_day) latest = &earlier;
    if (latest != nullptr)
      moves.push_back({timeline.account, *latest, presence, latest->last_day >= presence.first_day});
    seen[presence.messenger] = presence;
  }
  return moves;
}

// When each messenger's service ended, where it did.
std::map<std::string, std::string> closing_days() {
  std::map<std::string, std::string> days;
  const auto messengers = config::parse_messengers(config::embedded_messengers(), "messengers.yaml (built in)");
  if (!messengers) return days;
  for (const config::Messenger& messenger : messengers->all)
    if (!messenger.service.closed.empty()) days[messenger.id] = messenger.service.closed;
  return days;
}

struct Stream {
  std::int64_t moved = 0;
  std::int64_t alongside = 0;
  std::string first_day;
  std::string last_day;
};

void add(Stream& stream, const Move& move) {
  ++(move.alongside ? stream.alongside : stream.moved);
  if (stream.first_day.empty() || move.to.first_day < stream.first_day) stream.first_day = move.to.first_day;
  if (move.to.first_day > stream.last_day) stream.last_day = move.to.first_day;
}

void list_streams(Session& session, const std::vector<Move>& moves, Format format) {
  std::map<std::pair<std::string, std::string>, Stream> streams;
  for (const Move& move : moves) add(streams[{move.from.messenger, move.to.messenger}], move);
  const auto closed = closing_days();
  Listing listing({"from", "closed", "to", "moved", "alongside", "first_seen", "last_seen"}, format, *session.out);
  for (const auto& [ends, stream] : streams) {
    const auto end = closed.find(ends.first);
    listing.add({ends.first, end == closed.end() ? Cell() : Cell(end->second), ends.second, stream.moved,
                 stream.alongside, stream.first_day, stream.last_day});
  }
}

void list_moves(Session& session, const std::vector<Move>& moves, Format format) {
  Listing listing({"account_row", "from", "from_handle_row", "last_seen", "to", "to_handle_row", "first_seen", "kind"},
                  format, *session.out);
  for (const Move& move : moves)
    listing.add({move.account, move.from.messenger, move.from.handle, move.from.last_day, move.to.messenger,
                 move.to.handle, move.to.first_day, std::string(move.alongside ? "alongside" : "moved")});
}

Result<int> moves(Session& session, const Options& options) {
  auto reading = open_reading(session);
  if (!reading) return tl::unexpected(reading.error());
  auto& [store, person, opener] = *reading;
  if (auto noted = db::note_reveal(*store, person, "moves", options.account.value_or(0)); !noted)
    return tl::unexpected(noted.error());
  const auto timelines = db::timelines(*store, opener, options.account.value_or(0));
  if (!timelines) return tl::unexpected(timelines.error());
  std::vector<Move> all;
  for (const db::Timeline& timeline : *timelines)
    for (Move& move : moves_of(timeline))
      if (options.from.empty() || move.from.messenger == options.from) all.push_back(std::move(move));
  if (options.each || options.account)
    list_moves(session, all, options.format);
  else
    list_streams(session, all, options.format);
  say_more_may_be_held(session);
  return kDone;
}

}  // namespace

void add_links_moves(CLI::App& parent, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand(
      "moves", "Which messengers accounts went to, and from which; takes the reader's key, names no handle");
  command->add_option("--account", options->account, "This row of accounts list alone")->type_name("ROW");
  command->add_option("--from", options->from, "From this messenger alone: wickr")->type_name("MESSENGER");
  command->add_flag("--each", options->each, "Every account's move instead of how many");
  add_format_option(*command, options->format);
  command->footer(
      "Examples:\n  handlewatch links moves --from wickr\n  handlewatch links moves --account 7\nmoved: the old handle "
      "was not "
      "advertised any more when the new one appeared. alongside: it still was.");
  command->callback([&session, options] { session.action = [&session, options] { return moves(session, *options); }; });
}

}  // namespace hw::app
