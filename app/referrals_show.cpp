#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/hit_view.h"
#include "app/reading.h"
#include "app/referrals_command.h"
#include "app/terminal.h"
#include "common/text.h"
#include "db/releases.h"

namespace hw::app {
namespace {

struct ShowOptions {
  std::int64_t referral = 0;
};

void print_referral(std::ostream& out, const db::Referral& referral, std::size_t version, std::size_t of) {
  out << style(out, Style::bold) << "referral " << referral.held << style(out, Style::plain)
      << fmt::format(" · waits since {}", to_rfc3339(referral.since));
  if (of > 1) out << fmt::format(" · version {} of {}", version, of);
  out << '\n';
  if (referral.judged)
    print_judged(out, *referral.judged);
  else
    out << "  a ban: " << escape_for_terminal(without_live_links(referral.ban)) << '\n';
}

Result<int> show(Session& session, const ShowOptions& options) {
  if (auto allowed = require_terminal(session); !allowed) return tl::unexpected(allowed.error());
  const auto held = open_reading(session, db::KeyClass::safeguarding);
  if (!held) return tl::unexpected(held.error());
  const auto versions = db::read_referral(*held->store, held->opener, held->person, options.referral);
  if (!versions) return tl::unexpected(versions.error());
  for (std::size_t i = 0; i < versions->size(); ++i)
    print_referral(*session.out, (*versions)[i], i + 1, versions->size());
  if (!versions->back().releases.empty())
    *session.out << "  release asked by "
                 << escape_for_terminal(fmt::format("{}", fmt::join(versions->back().releases, ", "))) << '\n';
  *session.out << fmt::format(
      "If a child is in danger now, call the police. Handled: handlewatch referrals close {0} --reason "
      "\"…\"; an "
      "adult\n"
      "beyond doubt: handlewatch referrals release {0} --reason \"…\" (two people).\n",
      options.referral);
  return kDone;
}

}  // namespace

void add_referrals_show(CLI::App& parent, Session& session) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = parent.add_subcommand("show", "One referral in clear, every version of it, on a terminal");
  command->add_option("REFERRAL", options->referral, "Its number in referrals list")->required();
  command->footer("Example:\n  handlewatch referrals show 4\nIt counts as read from then on.");
  command->callback([&session, options] { session.action = [&session, options] { return show(session, *options); }; });
}

}  // namespace hw::app
