#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/reading.h"
#include "app/referrals_command.h"
#include "db/releases.h"

namespace hw::app {
namespace {

std::string outcome_words(std::int64_t referral, const db::Release& release) {
  switch (release.outcome) {
    case db::Released::needs_another:
      return fmt::format("referral {} stays held until somebody else releases it, too", referral);
    case db::Released::still_held:
      return fmt::format(
          "referral {} asks for no hold any more, and stays here because another referral of the same handle or "
          "account "
          "does",
          referral);
    case db::Released::done:
      break;
  }
  if (release.with_it == 0) return fmt::format("referral {} is among the hits again, as new", referral);
  return fmt::format("referral {} is among the hits again, as new, and {} more that its hold had drawn in", referral,
                     release.with_it);
}

Result<int> release(Session& session, const db::ReferralAct& act) {
  const auto held = open_reading(session, db::KeyClass::safeguarding);
  if (!held) return tl::unexpected(held.error());
  const auto released = db::release_referral(*held->store, held->opener, held->person, act);
  if (!released) return tl::unexpected(released.error());
  *session.out << outcome_words(act.held, *released) << '\n';
  return kDone;
}

Result<int> close(Session& session, const db::ReferralAct& act) {
  const auto held = open_reading(session, db::KeyClass::safeguarding);
  if (!held) return tl::unexpected(held.error());
  if (auto closed = db::close_referral(*held->store, held->opener, held->person, act); !closed)
    return tl::unexpected(closed.error());
  *session.out << fmt::format("referral {} is closed and erased; its handles and account stay held\n", act.held);
  return kDone;
}

using Act = Result<int> (*)(Session&, const db::ReferralAct&);

CLI::App* add_act(CLI::App& parent, Session& session, const std::string& name, const std::string& what, Act act) {
  auto wanted = std::make_shared<db::ReferralAct>();
  CLI::App* command = parent.add_subcommand(name, what);
  command->add_option("REFERRAL", wanted->held, "Its number in referrals list")->required();
  command->add_option("--reason", wanted->reason, "Why")->required()->type_name("TEXT");
  command->callback(
      [&session, wanted, act] { session.action = [&session, wanted, act] { return act(session, *wanted); }; });
  return command;
}

}  // namespace

void add_referrals_release(CLI::App& parent, Session& session) {
  add_act(parent, session, "release", "Gives one back to the reviewers; takes two different people, each with a reason",
          release)
      ->footer(
          "Example:\n  handlewatch referrals release 4 --as dana --reason \"author is an adult: company page\"\nLifts "
          "the "
          "hold that "
          "this one asked for. What it had drawn in goes back, too, unless another referral holds it.");
  add_act(parent, session, "close", "Ends one that was handled: its record is erased, the hold stays", close)
      ->footer(
          "Example:\n  handlewatch referrals close 4 --as dana --reason \"report 2026-31 sent\"\nOnly what somebody "
          "has "
          "read can be closed.");
}

}  // namespace hw::app
