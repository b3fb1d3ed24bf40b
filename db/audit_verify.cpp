// Following the whole log from its first entry, without any private key.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/text.h"
#include "db/audit.h"
#include "db/audit_reviews.h"
#include "db/audit_writer.h"
#include "db/counts.h"
#include "db/hex.h"
#include "db/merkle.h"
#include "db/people.h"
#include "db/vault.h"
#include "db/work.h"

namespace hw::db {
namespace {

std::string member(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

using Problems = std::vector<std::string>;

template <class... Parts>
void say(Problems& problems, fmt::format_string<Parts...> text, Parts&&... parts) {
  problems.push_back(fmt::format(text, std::forward<Parts>(parts)...));
}

// Who is who, as the log itself tells: the first entry makes the host known, the first person enrolls themself, and
// everybody else is enrolled by somebody who was.
class Signers {
 public:
  explicit Signers(std::string store_id) : store_id_(std::move(store_id)) {}

  // Whether the entry counts: it is signed by who it names.
  bool take(std::int64_t entry, std::string_view record, const nlohmann::json& json, Problems& problems) {
    const bool nobody_yet = known_.empty();
    const std::string action = member(json, "action");
    const auto newcomer = action == "key-add" ? newcomer_of(json) : std::nullopt;
    if (nobody_yet && !newcomer && member(json, "signature").empty()) return true;  // of the first version
    const std::string key = member(json, "key");
    const bool enrolls_themself = newcomer && newcomer->id() == key && may_enroll_themself(*newcomer);
    const PublicPerson* signer = enrolls_themself ? &*newcomer : active(key);
    if (signer == nullptr || signer->name != member(json, "by") || !signature_holds(entry, record, *signer)) {
      say(problems, "entry {} is not signed by who it names", entry);
      return false;
    }
    if (action.starts_with("key-") && is_host(*signer) && !enrolls_themself && a_person_enrolled_themself_)
      say(problems, "entry {} changes who is enrolled, and no person signed it", entry);
    if (enrolls_themself && !is_host(*newcomer)) a_person_enrolled_themself_ = true;
    if (newcomer) known_[newcomer->id()] = {*newcomer, false};
    if (action == "key-remove") known_[sign_key_id(bytes_of(json, "sign"))].removed = true;
    if (action == "key-rotate") known_[sign_key_id(bytes_of(json, "sign"))].person.box_key = bytes_of(json, "box");
    // A host that takes the place of this machine's signs for it from now on; the hosts of other machines, whose
    // bundles are taken here, take nobody's.
    if (enrolls_themself && newcomer->name == kHostName) remove_other_hosts(newcomer->id());
    return true;
  }

  // The table that the commands go by says the same.
  void compare(const std::vector<EnrolledPerson>& table, Problems& problems) const {
    std::size_t matched = 0;
    for (const EnrolledPerson& row : table) {
      const auto found = known_.find(row.person.id());
      if (found != known_.end() && same(found->second, row))
        ++matched;
      else
        say(problems, "{} is not enrolled as the log says", row.person.name);
    }
    if (matched == table.size() && matched != known_.size()) say(problems, "somebody whom the log enrolls is missing");
  }

 private:
  static std::string bytes_of(const nlohmann::json& json, const char* key) {
    return from_hex(member(json, key)).value_or("");
  }

  static bool is_host(const PublicPerson& person) { return person.roles == Roles{Role::collector}; }

  static bool same(const EnrolledPerson& a, const EnrolledPerson& b) {
    return a.removed == b.removed && a.person.name == b.person.name && a.person.roles == b.person.roles &&
           a.person.sign_key == b.person.sign_key && a.person.box_key == b.person.box_key;
  }

  static std::optional<PublicPerson> newcomer_of(const nlohmann::json& json) {
    const auto roles = Roles::parse(member(json, "roles"));
    PublicPerson person{member(json, "person"), roles.value_or(Roles{}), bytes_of(json, "sign"), bytes_of(json, "box")};
    if (!roles || person.sign_key.empty()) return std::nullopt;
    return person;
  }

  bool may_enroll_themself(const PublicPerson& newcomer) const {
    if (newcomer.name == kHostName && is_host(newcomer)) return true;
    return std::none_of(known_.begin(), known_.end(), [](const auto& known) { return !is_host(known.second.person); });
  }

  const PublicPerson* active(const std::string& key) const {
    const auto found = known_.find(key);
    return found == known_.end() || found->second.removed ? nullptr : &found->second.person;
  }

  void remove_other_hosts(const std::string& id) {
    for (auto& [other, enrolled] : known_)
      if (other != id && enrolled.person.name == kHostName) enrolled.removed = true;
  }

  bool signature_holds(std::int64_t entry, std::string_view record, const PublicPerson& signer) const {
    const auto at = record.rfind(R"(,"signature":")");
    if (at == std::string_view::npos) return false;
    const auto signature = from_hex(record.substr(at + 14, 128));
    return signature && record.size() == at + 14 + 128 + 2 &&
           signed_by(signer.sign_key, signed_text(store_id_, entry, std::string(record.substr(0, at)) + "}"),
                     *signature);
  }

  std::string store_id_;
  std::map<std::string, EnrolledPerson> known_;
  bool a_person_enrolled_themself_ = false;  // so hosts, which enroll on a collector, do not any more
};

// The leaves of sealed records, beside the records that are there.
class Seals {
 public:
  explicit Seals(Work& work)
      : rows_(work, "SELECT entry, class, kind, owner, revision, nonce, body FROM sealed ORDER BY record") {
    advance();
  }

  void take(std::int64_t entry, std::string_view leaf, std::optional<std::int64_t> erased, Problems& problems) {
    while (there_ && rows_.number_at(0) < entry) {
      say(problems, "a sealed record stands at a place that the log does not have");
      advance();
    }
    const bool here = there_ && rows_.number_at(0) == entry;
    if (here) {
      if (sealed_leaf(row(), rows_.blob_at(5), rows_.blob_at(6)) != leaf)
        say(problems, "the sealed record of entry {} is not what was sealed", entry);
      advance();
    }
    if (erased) erasures_[*erased].add(entry);
    if (here && erased) say(problems, "the sealed record of entry {} was erased, and is here", entry);
    if (!here && !erased) say(problems, "the sealed record of entry {} is missing", entry);
  }

  void finish(Problems& problems) {
    if (there_) say(problems, "a sealed record is here that the log does not have");
    for (const auto& [entry, erasure] : erasures_) {
      const auto said = said_.find(entry);
      if (said == said_.end() || said->second != erasure.digest())
        say(problems, "records are said to be erased by entry {}, which does not say so", entry);
    }
    for (const auto& [entry, digest] : said_)
      if (!erasures_.contains(entry)) say(problems, "what entry {} erased is not among the leaves", entry);
  }

  void hear_erasure(std::int64_t entry, std::string digest) { said_[entry] = std::move(digest); }

 private:
  void advance() { there_ = rows_.next(); }

  RecordRow row() const {
    return {static_cast<KeyClass>(rows_.number_at(1)), static_cast<RecordKind>(rows_.number_at(2)), rows_.number_at(3),
            rows_.number_at(4)};
  }

  Query rows_;
  bool there_ = false;
  std::map<std::int64_t, ErasedLeaves> erasures_;
  std::map<std::int64_t, std::string> said_;
};

// Walks the log once and remembers what does not fit.
class Verifier {
 public:
  Verifier(Work& work, std::span<const Checkpoint> kept)
      : kept_(kept.begin(), kept.end()), signers_(work.core().store_id), seals_(work), reviews_(work) {
    meet_checkpoints();
  }

  void take_entry(std::int64_t entry, Time at, std::string_view salt, std::string_view record, std::string_view leaf) {
    follow(entry, leaf);
    if (leaf_hash(std::string(salt) + std::string(record)) != leaf)
      say(problems_, "entry {} is not what was written", entry);
    const auto json = nlohmann::json::parse(record, nullptr, false);
    if (!json.is_object() || member(json, "at") != to_rfc3339(at))
      say(problems_, "entry {} carries another time than its record", entry);
    if (at < latest_) say(problems_, "the clock runs back at entry {}", entry);
    latest_ = std::max(latest_, at);
    if (!json.is_object()) return;
    if (signers_.take(entry, record, json, problems_)) reviews_.take(record);
    if (member(json, "action") == "erase") seals_.hear_erasure(entry, member(json, "leaves"));
  }

  void take_seal(std::int64_t entry, std::string_view leaf, std::optional<std::int64_t> erased) {
    follow(entry, leaf);
    seals_.take(entry, leaf, erased, problems_);
  }

  AuditReport finish(const MerkleEdge& head, const std::vector<EnrolledPerson>& people) {
    if (head.size() != edge_.size() || head.root() != edge_.root())
      say(problems_, "the log has {} entries and its head speaks of {}, or of others", edge_.size(), head.size());
    for (const Checkpoint& checkpoint : kept_)
      if (checkpoint.size > edge_.size())
        say(problems_, "a checkpoint of {} entries was kept and only {} are here", checkpoint.size, edge_.size());
    seals_.finish(problems_);
    signers_.compare(people, problems_);
    std::ranges::move(reviews_.problems(), std::back_inserter(problems_));
    return {{edge_.size(), to_hex(edge_.root())}, std::move(problems_)};
  }

 private:
  void follow(std::int64_t entry, std::string_view leaf) {
    ++expected_;
    if (entry != expected_) say(problems_, "entry {} is missing", expected_);
    expected_ = entry;
    edge_.append(std::string(leaf));
    meet_checkpoints();
  }

  void meet_checkpoints() {
    for (const Checkpoint& checkpoint : kept_)
      if (checkpoint.size == edge_.size() && checkpoint.root != to_hex(edge_.root()))
        say(problems_, "the first {} entries are not those of the checkpoint that was kept", checkpoint.size);
  }

  std::vector<Checkpoint> kept_;
  std::int64_t expected_ = 0;
  Time latest_{};
  MerkleEdge edge_;
  Problems problems_;
  Signers signers_;
  Seals seals_;
  ReviewsBesideLog reviews_;
};

// Both kinds of leaves in their common order.
void walk(Work& work, Verifier& verifier) {
  Query entries(work, "SELECT entry, at, salt, record, leaf FROM audit ORDER BY entry");
  Query seals(work, "SELECT entry, leaf, erased FROM seal_leaf ORDER BY entry");
  bool an_entry = entries.next();
  bool a_seal = seals.next();
  while (an_entry || a_seal) {
    if (an_entry && (!a_seal || entries.number_at(0) <= seals.number_at(0))) {
      verifier.take_entry(entries.number_at(0), from_millis(entries.number_at(1)), entries.blob_at(2),
                          entries.text_at(3), entries.blob_at(4));
      an_entry = entries.next();
    } else {
      verifier.take_seal(seals.number_at(0), seals.blob_at(1), seals.maybe_at(2));
      a_seal = seals.next();
    }
  }
}

}  // namespace

Result<AuditReport> verify_audit(Store& store, std::span<const Checkpoint> kept) {
  Work work(store.core(), Work::Access::read);
  AuditReport report;
  {
    Verifier verifier(work, kept);
    walk(work, verifier);
    report = verifier.finish(stored_edge(work), people_of(work));
  }
  for (const std::string& row : wrong_counts(work))
    report.problems.push_back(fmt::format("the verdicts of {} are not counted as they stand", row));
  return work.finish(std::move(report));
}

}  // namespace hw::db
