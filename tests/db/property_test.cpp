// Random histories of recording, reviewing, banning, holding and expiring: what must hold after each step holds.
#include <random>
#include <set>

#include <doctest/doctest.h>

#include "common/sqlite.h"
#include "db/audit.h"
#include "db/bans.h"
#include "db/exports.h"
#include "db/handles.h"
#include "db/hits.h"
#include "db/links.h"
#include "db/retention.h"
#include "db/reviews.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;

namespace {

// A small world, so that things meet: few names, few handles, few posts.
class History {
 public:
  explicit History(unsigned seed) : random_(seed) {}

  void step() {
    switch (pick(10)) {
      case 0:
      case 1:
      case 2:
      case 3:
        record();
        break;
      case 4:
      case 5:
      case 6:
        review();
        break;
      case 7:
        ban();
        break;
      case 8:
        test_.clock.advance(std::chrono::hours(pick(72)));
        break;
      default:
        REQUIRE_OK(db::expire(*test_.store, {}, db::Expiry::erase, test_.store->host()));
    }
  }

  void check() {
    check_references();
    const db::Opener opener = test_.opener();
    check_hits(opener);
    check_handles(opener);
    check_export(opener);
    check_held();
    CHECK(db::verify_audit(*test_.store, {})->problems.empty());
  }

 private:
  std::size_t pick(std::size_t below) { return random_() % below; }
  std::string name(const char* prefix, std::size_t of) { return prefix + std::to_string(pick(of)); }

  void record() {
    std::vector<db::Judged> posts;
    for (std::size_t i = 0; i < 1 + pick(3); ++i) {
      Advert advert{
          .id = name("p", 40), .author = name("a", 12), .handle = name("hwdemo_", 12), .platform = name("forum", 3)};
      if (pick(25) == 0) advert.flags = {pick(2) == 0 ? Flag::possible_minor : Flag::child_risk};
      if (pick(6) == 0) advert.intent = Intent::mentioned;
      if (pick(5) == 0) advert.author_id = name("id", 8);
      db::Judged post = judged(advert, test_.clock.now());
      if (post.verdict.held()) remember_held(post);
      posts.push_back(std::move(post));
    }
    test_.record(posts);
  }

  void remember_held(const db::Judged& post) {
    held_handles_.insert(post.verdict.handles[0].handle);
    held_accounts_.insert(post.post.platform + "/" + post.post.author);
  }

  void review() {
    const auto rows = db::list_hits(*test_.store, {.limit = 0});
    REQUIRE_OK(rows);
    if (rows->empty()) return;
    const db::HitRow& row = (*rows)[pick(rows->size())];
    const auto verdict = static_cast<db::ReviewVerdict>(pick(20) == 0 ? 3 : pick(3));
    if (verdict == db::ReviewVerdict::safeguarding) {
      const auto opened = db::open_hit(*test_.store, test_.opener(), row.hit);
      REQUIRE_OK(opened);
      remember_held(*opened);
    }
    const auto reviewed =
        db::review(*test_.store, test_.person(name("r", 3)), {row.hit, {}, verdict, db::Sign::conversation});
    if (!reviewed) CHECK(reviewed.error().code == ErrorCode::usage);  // nothing advertised, nothing to confirm
  }

  void ban() {
    const char* const actions[] = {"ban", "ban", "unban", "appeal_accept"};
    const std::string subject = pick(2) == 0
                                    ? R"({"type":"account","login":")" + name("a", 12) + R"("})"
                                    : R"({"type":"handle","messenger":"wickr","id":")" + name("hwdemo_", 12) + R"("})";
    const std::string line = R"({"event_id":")" + name("e", 1000) + R"(","platform":")" + name("forum", 3) +
                             R"(","subject":)" + subject + R"(,"action":")" + actions[pick(4)] + R"(","decided_at":")" +
                             to_rfc3339(test_.clock.now()) + R"("})";
    REQUIRE_OK(db::import_bans(*test_.store, line, test_.store->host(), {},
                               [](std::size_t, const std::string& why) { FAIL_CHECK(why); }));
  }

  std::int64_t count(const std::string& sql) {
    auto database = Database::open(test_.folder / "store.db", Durability::normal);
    REQUIRE_OK(database);
    auto statement = database->prepare("SELECT COUNT(*) FROM " + sql);
    REQUIRE_OK(statement);
    REQUIRE_OK(statement->step());
    return statement->integer(0);
  }

  // No row hangs in the air, and every row's sealed record is there, and no other.
  void check_references() {
    CHECK(count("pragma_foreign_key_check") == 0);
    CHECK(count("handle h WHERE NOT EXISTS (SELECT 1 FROM advert WHERE handle = h.handle)") == 0);
    CHECK(count("account a WHERE NOT EXISTS (SELECT 1 FROM hit WHERE account = a.account)") == 0);
    for (const auto& [kind, table] : {std::pair{"1", "hit"}, {"2", "handle"}, {"3", "account"}, {"4", "ban"}})
      CHECK(count(std::string(table) + " t WHERE NOT EXISTS (SELECT 1 FROM sealed WHERE kind = " + kind +
                  " AND owner = t." + table + ")") == 0);
    CHECK(
        count(
            "sealed s WHERE NOT (CASE kind WHEN 1 THEN EXISTS (SELECT 1 FROM hit WHERE hit = owner) WHEN 2 THEN EXISTS "
            "(SELECT 1 FROM handle WHERE handle = owner) WHEN 3 THEN EXISTS (SELECT 1 FROM account WHERE account = "
            "owner) WHEN 4 THEN "
            "EXISTS (SELECT 1 FROM ban WHERE ban = owner) ELSE EXISTS (SELECT 1 FROM held WHERE held = owner) END) AND "
            "NOT EXISTS "
            "(SELECT 1 FROM withheld w WHERE w.kind = s.kind AND w.owner = s.owner)") == 0);
    CHECK(count("sealed WHERE (kind >= 5) <> (class = 2)") == 0);
    CHECK(count("review r WHERE handle <> 0 AND NOT EXISTS (SELECT 1 FROM advert a WHERE a.hit = r.hit AND a.handle = "
                "r.handle)") == 0);
    CHECK(count("handle h WHERE confirmed <> (SELECT COUNT(DISTINCT reviewer) FROM review r WHERE r.handle = h.handle "
                "AND verdict = 'confirmed')") == 0);
  }

  void check_hits(const db::Opener& opener) {
    const auto rows = db::list_hits(*test_.store, {.limit = 0});
    REQUIRE_OK(rows);
    std::set<std::string> posts;
    for (const db::HitRow& row : *rows) {
      const auto opened = db::open_hit(*test_.store, opener, row.hit);
      REQUIRE_OK(opened);
      CHECK(posts.insert(opened->post.platform + "/" + opened->post.id).second);
      CHECK_FALSE(held_handles_.contains(opened->verdict.handles[0].handle));
      CHECK_FALSE(held_accounts_.contains(opened->post.platform + "/" + opened->post.author));
    }
  }

  void check_handles(const db::Opener& opener) {
    const auto rows = db::list_handles(*test_.store, {.limit = 0});
    REQUIRE_OK(rows);
    for (const db::HandleRow& row : *rows) {
      const auto opened = db::open_handle(*test_.store, opener, row.handle);
      REQUIRE_OK(opened);
      CHECK_FALSE(held_handles_.contains(opened->handle));
      CHECK(row.hits > 0);
      const auto graph = db::links(*test_.store, {db::NodeKind::handle, row.handle}, {.depth = 3});
      REQUIRE_OK(graph);
      for (const db::Edge& edge : graph->edges) CHECK(edge.adverts > 0);
    }
    const auto bans = db::list_bans(*test_.store, 0);
    REQUIRE_OK(bans);
    for (const db::BanRow& row : *bans) {
      const auto opened = db::open_ban(*test_.store, opener, row.ban);
      REQUIRE_OK(opened);
      CHECK_FALSE(held_handles_.contains(opened->id));
      CHECK_FALSE(held_accounts_.contains(opened->platform + "/" + opened->login));
    }
  }

  void check_export(const db::Opener& opener) {
    const auto made = db::begin_export(*test_.store, test_.exporter(), {"handles", "c", "p", "csv"});
    REQUIRE_OK(made);
    REQUIRE_OK(db::export_handles(*test_.store, opener, *made, [&](const db::ExportedHandle& handle) -> Status {
      CHECK(handle.row.confirmations >= 2);
      CHECK(handle.row.state == db::HitState::confirmed);
      CHECK_FALSE(held_handles_.contains(handle.name.handle));
      ++exported_;
      return {};
    }));
  }

  // Nothing held is ever lost: each hold's own record is there, and it opens.
  void check_held() {
    const db::Opener opener = test_.opener(db::KeyClass::safeguarding);
    const auto referrals = db::list_referrals(*test_.store, opener);
    REQUIRE_OK(referrals);
    std::set<std::string> handles;
    for (const db::Referral& referral : *referrals) {
      const auto versions = db::open_referral(*test_.store, opener, referral.held);
      REQUIRE_OK(versions);
      for (const db::Referral& version : *versions)
        if (version.judged) handles.insert(version.judged->verdict.handles[0].handle);
    }
    for (const std::string& handle : held_handles_) CHECK_MESSAGE(handles.contains(handle), handle);
    CHECK(db::count_referrals(*test_.store, opener)->withdrawn == 0);
  }

  TestStore test_;
  std::mt19937 random_;
  std::set<std::string> held_handles_;
  std::set<std::string> held_accounts_;

 public:
  std::size_t exported_ = 0;
};

}  // namespace

TEST_CASE("whatever the order of events, the invariants hold") {
  std::size_t exported = 0;
  for (unsigned seed = 1; seed <= 6; ++seed) {
    History history(seed);
    for (int i = 0; i < 120; ++i) {
      history.step();
      if (i % 8 == 7) history.check();
    }
    exported += history.exported_;
  }
  CHECK(exported > 0);  // the histories do reach an export
}
