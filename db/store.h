// The sealed store, as a collector sees it: it can write hits and cannot read them back.
//
// open() needs the token key and the host's, no person's. Doing the same posts twice changes nothing. A Store
// serves one thread; any number of processes may have the same folder open. What a reader does stands in the other
// headers of db/ (hits, handles, reviews, bans, exports, audit, referrals, retention), each a few functions on a Store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/post.h"
#include "common/time.h"
#include "common/verdict.h"
#include "config/settings.h"
#include "db/keys.h"
#include "db/person.h"
#include "db/roster.h"

namespace hw::db {

struct Judged {
  Post post;  // platform and source are filled
  Verdict verdict;
  Time seen_at{};
  std::string capture{};  // how it came here, a JSON object (app/capture.h); sealed with the post, as is post.as_served
  std::string page{};     // the whole page as text, where the operator chose to keep it
  // A SimHash of the folded text without its handles, where there is text enough to tell anything (app/pipeline).
  std::optional<std::uint64_t> likeness{};
};

struct Recorded {
  std::size_t fresh = 0;
  std::size_t held = 0;  // for the caller's own use; never shown to anybody
  std::size_t updated = 0;
  std::size_t suppressed = 0;  // a person rejected this very post before
  std::size_t known = 0;
};

struct Policy {
  int confirmations = 2;    // different reviewers that must confirm a handle
  bool one_person = false;  // whoever judges hits may also export them
};

// Who is enrolled when a store is made.
struct FirstPerson {
  std::string name = "owner";
  Roles roles = Roles::everything();
};

struct Core;

class Store {
 public:
  // Makes the folder (0700), its keys, an empty store and its first person. Refused where a store is already; an
  // interrupted create() may be run again.
  static Status create(const std::filesystem::path& folder, const Clock& clock, const KeyProtection& protection,
                       const FirstPerson& first = {});
  // A host that can write and never read: keys of its own, the roster's token key, its readers and hosts enrolled.
  // usage where the roster has no token key or nobody who reads a class.
  static Status create_collector(const std::filesystem::path& folder, const Clock& clock, const Roster& roster);
  // Fails with not_found (no store here), no_key, denied, busy, from_future, tampered.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder, const Clock& clock,
                                             Policy policy = {});
  // The same with another file than the folder's own: a backup.
  static Result<std::unique_ptr<Store>> open_file(const std::filesystem::path& folder,
                                                  const std::filesystem::path& file, const Clock& clock);
  ~Store();

  // For each post, in order: was this very content already judged under these rules?
  Result<std::vector<bool>> judged_before(std::span<const Post> posts, std::string_view rules_hash);
  // One transaction: the fingerprint of each, and the hits among them, sealed. An edited post updates its hit in place.
  // A held verdict, or anything that a hold concerns, goes to safeguarding alone and draws earlier hits of the same
  // handle or account out of sight.
  Result<Recorded> record(std::span<const Judged> posts);

  // Erases what is past its time (db/retention.h has the details and a preview); gives how many hits and bans went.
  Result<std::size_t> expire(const config::Retention& retention);

  const std::filesystem::path& folder() const;
  const Person& host() const;      // signs what nobody in particular does
  Core& core() { return *core_; }  // for the other headers of db/

 private:
  explicit Store(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace hw::db
