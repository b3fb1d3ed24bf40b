// Moderators' decisions in the store: taken in once per (platform, event_id), superseded by later ones, shown beside
// the accounts and handles that they concern. A ban is that platform's opinion, not truth.
//
// A collector may import: the subject is sealed to reviewers. A ban of something held goes to safeguarding alone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "db/ban_reader.h"
#include "db/person.h"
#include "db/store.h"

namespace hw::db {

// A handle's canonical form for its messenger; what the classifier stores.
using Canonical = std::function<std::string(std::string_view messenger, std::string_view handle)>;

struct BansImported {
  std::size_t taken = 0;
  std::size_t known = 0;
  std::size_t refused = 0;
  std::size_t passed_over = 0;  // of a tool's list: what concerns no account
};

// Reads the whole text (db/ban_reader.h) and takes in what is new, in one transaction; `refuse` hears of each bad line.
// `platform` is that of a list which does not say it. `canonical` may be empty: then a handle is taken as it stands,
// without "@", and in lower and upper case too.
Result<BansImported> import_bans(Store& store, std::string_view text, const Person& by, const Canonical& canonical,
                                 const std::function<void(std::size_t line, const std::string& why)>& refuse,
                                 std::string_view platform = {});

struct BanRow {
  std::int64_t ban = 0;
  std::string platform;
  BanSubject subject = BanSubject::account;
  BanAction action = BanAction::ban;
  bool standing = false;  // bans, and nothing took it back, and it is not over
  bool ours = false;      // it followed a lead of ours: no independent sign
  std::string decided_day;
  std::string expires_day;            // empty: never
  std::vector<std::int64_t> handles;  // rows it concerns
  std::vector<std::int64_t> accounts;
};

// Newest first, those before row `before` (0: from the newest); limit 0: all.
Result<std::vector<BanRow>> list_bans(Store& store, std::size_t limit = 50, std::int64_t before = 0);
Result<Ban> open_ban(Store& store, const Opener& opener, std::int64_t ban);

}  // namespace hw::db
