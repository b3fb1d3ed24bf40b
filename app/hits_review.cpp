#include <memory>
#include <optional>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/hits_command.h"
#include "app/reading.h"
#include "db/reviews.h"

namespace hw::app {
namespace {

struct ReviewOptions {
  std::vector<std::int64_t> hits;
  std::optional<std::int64_t> handle;
  std::string verdict;
  std::string sign;
};

std::string outcome_words(const db::Review& review, const db::Reviewed& reviewed) {
  if (review.verdict == db::ReviewVerdict::safeguarding)
    return fmt::format("hit {} and what its handles and account posted went to safeguarding", review.hit);
  std::string words = fmt::format("hit {} is {}", review.hit, to_string(reviewed.state));
  if (review.verdict == db::ReviewVerdict::confirmed) {
    words += fmt::format("; the handle is confirmed by {} of {} reviewers", reviewed.confirmations, reviewed.needed);
    if (reviewed.confirmations < reviewed.needed) words += ", somebody else has to look at it too";
  }
  return words;
}

void report_outcome(Session& session, const db::Review& review, const db::Reviewed& reviewed) {
  *session.out << outcome_words(review, reviewed) << '\n';
  if (reviewed.recall.empty()) return;
  *session.err << fmt::format("The verdict overturns what was exported: recall export {}, see handlewatch audit log\n",
                              fmt::join(reviewed.recall, ", "));
}

Result<int> review(Session& session, const ReviewOptions& options) {
  const auto verdict = db::parse_review_verdict(options.verdict);
  if (options.hits.size() > 1 && *verdict == db::ReviewVerdict::confirmed)
    return fail(ErrorCode::usage, "hits are confirmed one by one; only a rejection may name several");
  if (options.hits.size() > 1 && options.handle)
    return fail(ErrorCode::usage, "--handle belongs to one hit; name that one alone");
  auto acting = open_acting(session);
  if (!acting) return tl::unexpected(acting.error());
  auto& [store, person] = *acting;
  bool all_well = true;
  for (const std::int64_t hit : options.hits) {
    const db::Review review{hit, options.handle, *verdict, db::parse_sign(options.sign)};
    const auto reviewed = db::review(*store, person, review);
    if (reviewed) {
      report_outcome(session, review, *reviewed);
      continue;
    }
    if (reviewed.error().code != ErrorCode::not_found) return tl::unexpected(reviewed.error());
    complain(session, reviewed.error().message);
    all_well = false;
  }
  return all_well ? kDone : kSomethingFailed;
}

}  // namespace

void add_hits_review(CLI::App& parent, Session& session) {
  auto options = std::make_shared<ReviewOptions>();
  CLI::App* command = parent.add_subcommand("review", "What a person says of a hit, handle by handle");
  command->add_option("HIT", options->hits, "Its number in hits list; several only to reject them")->required();
  command
      ->add_option("--verdict", options->verdict,
                   "confirmed, rejected, seed (watch it) or safeguarding (perhaps a minor or a victim)")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>{"confirmed", "rejected", "seed", "safeguarding"}).description(""))
      ->type_name("VERDICT");
  command->add_option("--handle", options->handle, "The row of the handle meant, where the hit advertises several")
      ->type_name("ROW");
  std::vector<std::string> known;
  for (const std::string_view sign : db::signs()) known.emplace_back(sign);
  command
      ->add_option("--sign", options->sign,
                   fmt::format("What a confirmation rests on beyond the words: {}", fmt::join(known, ", ")))
      ->check(CLI::IsMember(known).description(""))
      ->type_name("SIGN");
  command->footer(
      "Examples:\n  handlewatch hits review 17 --verdict confirmed --handle 3 --sign profile --as alice\n  handlewatch "
      "hits review 18 19 20 "
      "--verdict rejected --as alice\nYour key signs it. A handle is exported only after two different people "
      "confirmed it "
      "(review.confirmations in the "
      "configuration).");
  command->callback(
      [&session, options] { session.action = [&session, options] { return review(session, *options); }; });
}

}  // namespace hw::app
