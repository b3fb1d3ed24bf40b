// Safeguarding's rows within a unit of work. Internal to db/.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "db/releases.h"
#include "db/work.h"

namespace hw::db {

struct HeldRow {
  std::int64_t held = 0;
  RecordKind kind = RecordKind::held_hit;
  Token token;  // in the hold domain
  std::optional<Token> version;
  std::int64_t revision = 0;
  std::string day;
  std::string since;  // concealed; empty in a store from before it was kept
  bool read = false;
};

void require_safeguarding(Work& work, const Opener& opener);
// One, or all, the longest waiting first. Fails with not_found where the one is not there.
std::vector<HeldRow> held_rows(Work& work, std::optional<std::int64_t> held);
std::optional<Referral> open_held(Work& work, const Opener& opener, const HeldRow& row);
// Seals a note of it to safeguarding and appends its digest to the audit log.
void note_act(Work& work, std::string_view action, const Person& by, const ReferralAct& act);
// Something that no hold concerns any more goes back to the review tables. Its rows in the queue are gone already.
void give_back(Work& work, const Referral& referral);

}  // namespace hw::db
