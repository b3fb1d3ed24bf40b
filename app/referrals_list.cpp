#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/listing.h"
#include "app/reading.h"
#include "app/referrals_command.h"
#include "db/releases.h"

namespace hw::app {
namespace {

// Why it is here, without a name.
std::string why(const db::Referral& referral) {
  if (!referral.judged) return "a ban of somebody held";
  std::vector<std::string_view> words;
  for (const Flag flag : {Flag::child_risk, Flag::possible_minor, Flag::seeks_help})
    if (referral.judged->verdict.has(flag)) words.push_back(to_string(flag));
  return words.empty() ? "sent by a reviewer, or the same handle or account"
                       : fmt::format("{}", fmt::join(words, ", "));
}

std::string hours_waiting(Session& session, const db::Referral& referral) {
  const auto waiting = session.clock->now() - referral.since;
  const auto hours = std::chrono::floor<std::chrono::hours>(waiting).count();
  const std::string words = hours < 48 ? fmt::format("{} h", hours) : fmt::format("{} days", hours / 24);
  return !referral.read && hours >= 24 ? words + ", OVERDUE" : words;
}

Result<int> list(Session& session) {
  if (auto allowed = require_terminal(session); !allowed) return tl::unexpected(allowed.error());
  const auto held = open_reading(session, db::KeyClass::safeguarding);
  if (!held) return tl::unexpected(held.error());
  const auto referrals = db::list_referrals(*held->store, held->opener);
  if (!referrals) return tl::unexpected(referrals.error());
  const auto queue = db::count_referrals(*held->store, held->opener);
  if (!queue) return tl::unexpected(queue.error());
  Listing listing({"referral", "why", "platform", "waiting", "read", "release asked by"}, Format::table, *session.out);
  for (const db::Referral& referral : *referrals)
    listing.add({referral.held, why(referral), referral.judged ? Cell(referral.judged->post.platform) : Cell(),
                 hours_waiting(session, referral), std::string(referral.read ? "yes" : "no"), referral.releases});
  listing.finish();
  if (referrals->empty()) *session.out << "Nothing waits.\n";
  if (queue->withdrawn > 0)
    *session.err << fmt::format(
        "{} more are on their way: they can be opened here once a reviewer has used the review key.\n",
        queue->withdrawn);
  return kDone;
}

Result<int> log(Session& session) {
  if (auto allowed = require_terminal(session); !allowed) return tl::unexpected(allowed.error());
  const auto held = open_reading(session, db::KeyClass::safeguarding);
  if (!held) return tl::unexpected(held.error());
  const auto notes = db::referral_notes(*held->store, held->opener);
  if (!notes) return tl::unexpected(notes.error());
  Listing listing({"at", "by", "action", "referral", "reason"}, Format::table, *session.out);
  for (const db::ReferralNote& note : *notes)
    listing.add({to_rfc3339(note.at), note.by, note.action, note.held, note.reason});
  return kDone;
}

}  // namespace

void add_referrals_list(CLI::App& parent, Session& session) {
  CLI::App* command =
      parent.add_subcommand("list", "What waits, a child at risk first, then the longest waiting; on a terminal");
  command->footer("Example:\n  handlewatch referrals list\nNames nobody: see one with handlewatch referrals show.");
  command->callback([&session] { session.action = [&session] { return list(session); }; });
  CLI::App* log_command = parent.add_subcommand("log", "What safeguarding did with referrals, and why; on a terminal");
  log_command->footer("Example:\n  handlewatch referrals log");
  log_command->callback([&session] { session.action = [&session] { return log(session); }; });
}

}  // namespace hw::app
