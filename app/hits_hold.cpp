#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/hits_command.h"
#include "app/listing.h"
#include "app/reading.h"
#include "db/legal_holds.h"

namespace hw::app {
namespace {

struct Options {
  std::int64_t hit = 0;
  std::string reason;
  int days = 90;
};

Result<int> hold(Session& session, const Options& options) {
  auto acting = open_acting(session);
  if (!acting) return tl::unexpected(acting.error());
  auto& [store, person] = *acting;
  auto held = db::place_legal_hold(*store, person, options.hit, options.reason, options.days);
  if (!held) say_more_may_be_held(session);
  if (!held) return tl::unexpected(held.error());
  *session.out << fmt::format("hit {} stays until the legal hold ends; it is to be reviewed in {} days\n", options.hit,
                              options.days);
  return kDone;
}

Result<int> unhold(Session& session, const Options& options) {
  auto acting = open_acting(session);
  if (!acting) return tl::unexpected(acting.error());
  auto& [store, person] = *acting;
  auto ended = db::end_legal_hold(*store, person, options.hit, options.reason);
  if (!ended) say_more_may_be_held(session);
  if (!ended) return tl::unexpected(ended.error());
  *session.out << fmt::format("the legal hold of hit {} ended; it is erased when its time is over\n", options.hit);
  return kDone;
}

Result<int> list(Session& session, Format format) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const auto holds = db::legal_holds(**store);
  if (!holds) return tl::unexpected(holds.error());
  Listing listing({"hit", "by", "since", "review_on", "due", "reason"}, format, *session.out);
  for (const db::LegalHold& held : *holds)
    listing.add({held.hit, held.person, held.day, held.review_day, held.due, held.reason});
  listing.finish();
  say_more_may_be_held(session);
  return kDone;
}

CLI::App* add_act(CLI::App& parent, Session& session, const std::string& name, const std::string& what,
                  Result<int> (*act)(Session&, const Options&), const std::shared_ptr<Options>& options) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->add_option("HIT", options->hit, "Its number in hits list")->required();
  command->add_option("--reason", options->reason, "Why; stands in the audit log, so no name in it")
      ->required()
      ->type_name("TEXT");
  command->callback(
      [&session, options, act] { session.action = [&session, options, act] { return act(session, *options); }; });
  return command;
}

}  // namespace

void add_hits_hold(CLI::App& parent, Session& session) {
  auto held = std::make_shared<Options>();
  CLI::App* command =
      add_act(parent, session, "hold", "A legal hold: keeps a hit past its time, for a court or a case", hold, held);
  command->add_option("--days", held->days, "After how many days somebody looks at the hold again")
      ->check(CLI::Range(1, 366).description(""))
      ->capture_default_str();
  command->footer("Example:\n  handlewatch hits hold 17 --as alex --reason \"court order 4-17\"");
  add_act(parent, session, "unhold", "Ends a legal hold", unhold, std::make_shared<Options>())
      ->footer("Example:\n  handlewatch hits unhold 17 --as alex --reason \"the case is closed\"");
  auto format = std::make_shared<Format>(Format::automatic);
  CLI::App* list_command = parent.add_subcommand("holds", "The legal holds, the first due for review first");
  add_format_option(*list_command, *format);
  list_command->footer("Example:\n  handlewatch hits holds");
  list_command->callback(
      [&session, format] { session.action = [&session, format] { return list(session, *format); }; });
}

}  // namespace hw::app
