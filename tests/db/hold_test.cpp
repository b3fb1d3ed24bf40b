#include <doctest/doctest.h>

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

// Everything that the reader's side can show, in one string: what is held must not be in it.
std::string everything(TestStore& test) {
  std::string all;
  const db::Opener opener = test.opener();
  const auto hits = db::list_hits(*test.store, {.limit = 0});
  REQUIRE_OK(hits);
  for (const db::HitRow& row : *hits) {
    const auto opened = db::open_hit(*test.store, opener, row.hit);
    REQUIRE_OK(opened);
    all += "hit " + opened->post.author + " " + opened->post.text + "\n";
  }
  const auto handles = db::list_handles(*test.store, {.limit = 0});
  REQUIRE_OK(handles);
  for (const db::HandleRow& row : *handles) {
    const auto opened = db::open_handle(*test.store, opener, row.handle);
    REQUIRE_OK(opened);
    all += "handle " + opened->handle + " hits " + std::to_string(row.hits) + "\n";
    const auto graph = db::links(*test.store, {db::NodeKind::handle, row.handle}, {.depth = 5});
    REQUIRE_OK(graph);
    all += "graph " + std::to_string(graph->nodes.size()) + " " + std::to_string(graph->edges.size()) + "\n";
  }
  const auto accounts = db::list_accounts(*test.store, {.limit = 0});
  REQUIRE_OK(accounts);
  for (const db::AccountRow& row : *accounts) {
    const auto opened = db::open_account(*test.store, opener, row.account);
    REQUIRE_OK(opened);
    all += "account " + opened->name + " " + std::to_string(row.hits) + "\n";
  }
  const auto bans = db::list_bans(*test.store, 0);
  REQUIRE_OK(bans);
  for (const db::BanRow& row : *bans) {
    const auto opened = db::open_ban(*test.store, opener, row.ban);
    REQUIRE_OK(opened);
    all += "ban " + opened->login + opened->id + "\n";
  }
  const auto made = db::begin_export(*test.store, test.exporter(), {"handles", "c", "p", "csv"});
  REQUIRE_OK(made);
  REQUIRE_OK(db::export_handles(*test.store, opener, *made, [&](const db::ExportedHandle& handle) -> Status {
    all += "export " + handle.name.handle + "\n";
    return {};
  }));
  return all;
}

void confirm(TestStore& test, std::int64_t hit) {
  for (const char* who : {"alice", "bob"})
    REQUIRE_OK(
        db::review(*test.store, test.person(who), {hit, {}, db::ReviewVerdict::confirmed, db::Sign::conversation}));
}

std::vector<std::string> referred(TestStore& test) {
  const db::Opener opener = test.opener(db::KeyClass::safeguarding);
  const auto referrals = db::list_referrals(*test.store, opener);
  REQUIRE_OK(referrals);
  std::vector<std::string> ids;
  for (const db::Referral& referral : *referrals) ids.push_back(referral.judged ? referral.judged->post.id : "ban");
  return ids;
}

const Advert kMinor{.id = "m1", .author = "Young", .handle = "hwdemo_young", .flags = {Flag::possible_minor}};

db::BansImported import(TestStore& test, const std::string& text) {
  const auto imported =
      db::import_bans(*test.store, text, test.store->host(), {}, [](std::size_t, const std::string&) {});
  REQUIRE_OK(imported);
  return *imported;
}

}  // namespace

TEST_CASE("what is flagged is sealed to safeguarding alone and shows nowhere") {
  TestStore test;
  test.record(judged({}));
  const std::string before = everything(test);
  const db::Recorded recorded = test.record(judged(kMinor));
  CHECK(recorded.held == 1);
  CHECK(recorded.fresh + recorded.updated + recorded.known + recorded.suppressed == 0);
  CHECK(everything(test) == before);
  CHECK(referred(test) == std::vector<std::string>{"m1"});
}

TEST_CASE("the hold covers later hits of the handle, of the account and of the post") {
  TestStore test;
  test.record(judged(kMinor));
  const std::vector<db::Judged> later{
      judged({.id = "handle", .author = "Other", .handle = "hwdemo_young"}),
      judged({.id = "mentioned", .author = "Third", .handle = "hwdemo_young", .intent = Intent::mentioned}),
      judged({.id = "account", .author = "YOUNG", .handle = "hwdemo_else"}),
      judged({.id = "m1", .author = "", .handle = "hwdemo_edited"}),
  };
  CHECK(test.record(later).held == 4);
  CHECK(everything(test).find("hit") == std::string::npos);
  CHECK(referred(test) == std::vector<std::string>{"m1", "handle", "mentioned", "account"});
  // The hold is of the flagged handle and account, not of everything they ever stood beside.
  CHECK(test.record(judged({.id = "free", .author = "Other", .handle = "hwdemo_rose"})).fresh == 1);
}

TEST_CASE("the hold draws earlier hits out of sight at once and seals them anew when a reader unlocks") {
  TestStore test;
  test.record({
      judged({.id = "e1", .author = "Other", .handle = "hwdemo_young"}),
      judged({.id = "e2", .author = "Young", .handle = "hwdemo_else"}),
      judged({.id = "e3", .author = "Third", .handle = "hwdemo_young", .intent = Intent::mentioned}),
      judged({.id = "e4", .author = "Other", .handle = "hwdemo_else"}),
      judged({.id = "m1", .author = "Young", .handle = "hwdemo_third"}),
  });
  confirm(test, 1);
  confirm(test, 2);
  CHECK(everything(test).find("export hwdemo_young") != std::string::npos);
  CHECK(test.record(judged(kMinor)).held == 1);
  // Before any unlocking, in the clear part.
  CHECK(db::count_hits(*test.store, {}).value() == 1);
  CHECK(db::list_handles(*test.store, {})->size() == 1);
  {
    auto safeguarding = db::unlock(*test.store, test.owner(), db::KeyClass::safeguarding);
    REQUIRE_OK(safeguarding);
    CHECK(db::count_referrals(*test.store, *safeguarding)->waiting == 1);
    CHECK(db::count_referrals(*test.store, *safeguarding)->withdrawn == 4);
  }
  const std::string seen = everything(test);
  CHECK(seen.find("young") == std::string::npos);
  CHECK(seen.find("Young") == std::string::npos);
  CHECK(seen.find("export") == std::string::npos);  // hwdemo_else lost the hit that its confirmations stood on
  CHECK(seen.find("handle hwdemo_else hits 1\n") != std::string::npos);
  const auto ids = referred(test);
  CHECK(ids.size() == 4);  // m1's two versions are one referral
  auto safeguarding = db::unlock(*test.store, test.owner(), db::KeyClass::safeguarding);
  CHECK(db::count_referrals(*test.store, *safeguarding)->withdrawn == 0);
  CHECK(db::open_referral(*test.store, *safeguarding, 1)->size() == 2);
}

TEST_CASE("each version of a held post is kept, the same one once") {
  TestStore test;
  test.record(judged(kMinor));
  test.record(judged(kMinor));
  Advert edited = kMinor;
  edited.text = "my wickr is hwdemo_young, and more words";
  test.record(judged(edited));
  const db::Opener opener = test.opener(db::KeyClass::safeguarding);
  const auto versions = db::open_referral(*test.store, opener, 1);
  REQUIRE_OK(versions);
  REQUIRE(versions->size() == 2);
  CHECK((*versions)[1].judged->post.text == edited.text);
  CHECK(db::list_referrals(*test.store, opener)->front().judged->post.text == edited.text);
}

TEST_CASE("only the safeguarding key opens the queue") {
  TestStore test;
  test.record(judged(kMinor));
  const db::Opener reviewer = test.opener();
  CHECK(db::count_referrals(*test.store, reviewer).error().code == ErrorCode::no_key);
  CHECK(db::list_referrals(*test.store, reviewer).error().code == ErrorCode::no_key);
  CHECK(db::open_referral(*test.store, reviewer, 1).error().code == ErrorCode::no_key);
}

TEST_CASE("child_risk leads the queue") {
  TestStore test;
  test.record(judged(kMinor));
  test.record(judged({.id = "risk", .author = "Adult", .handle = "hwdemo_adult", .flags = {Flag::child_risk}}));
  CHECK(referred(test) == std::vector<std::string>{"risk", "m1"});
}

TEST_CASE("a reviewer sends what the machine missed to safeguarding, with its handle and account") {
  TestStore test;
  test.record({judged({.id = "p1", .author = "A", .handle = "hwdemo_a"}),
               judged({.id = "p2", .author = "B", .handle = "hwdemo_a"}),
               judged({.id = "p3", .author = "A", .handle = "hwdemo_c"}),
               judged({.id = "p4", .author = "D", .handle = "hwdemo_d"})});
  confirm(test, 1);
  everything(test);  // an export carries hwdemo_a
  const auto reviewed = db::review(*test.store, test.person("carol"), {1, {}, db::ReviewVerdict::safeguarding, {}});
  REQUIRE_OK(reviewed);
  CHECK(reviewed->recall == std::vector<std::int64_t>{1});
  CHECK(db::count_hits(*test.store, {}).value() == 1);
  const std::string seen = everything(test);
  CHECK(seen.find("hwdemo_a") == std::string::npos);
  CHECK(seen.find("hwdemo_c") == std::string::npos);
  CHECK(test.record(judged({.id = "p5", .author = "E", .handle = "hwdemo_a"})).held == 1);
  CHECK(test.record(judged({.id = "p6", .author = "a", .handle = "hwdemo_f"})).held == 1);
  CHECK(referred(test).size() == 5);
}

TEST_CASE("bans of what is held are no echo of it") {
  TestStore test;
  const std::string ban =
      R"({"schema":1,"event_id":"e1","platform":"forum.example","subject":{"type":"account","login":"young"},"action":"ban","decided_at":"2026-11-20T10:00:00Z","decided_by":"human"})";
  const std::string handle_ban =
      R"({"schema":1,"event_id":"e2","platform":"other.example","subject":{"type":"handle","messenger":"wickr","id":"@hwdemo_young"},"action":"ban","decided_at":"2026-11-20T10:00:00Z"})";
  SUBCASE("imported before") {
    import(test, ban + "\n" + handle_ban);
    CHECK(everything(test).find("ban young") != std::string::npos);
    test.record(judged(kMinor));
  }
  SUBCASE("imported after") {
    test.record(judged(kMinor));
    CHECK(import(test, ban + "\n" + handle_ban).taken == 2);
  }
  CHECK(db::list_bans(*test.store)->empty());
  CHECK(everything(test).find("oung") == std::string::npos);
  CHECK(import(test, ban + "\n" + handle_ban).known == 2);
  CHECK(referred(test).size() == 3);
}

TEST_CASE("what is held never expires unread") {
  TestStore test;
  test.record(judged({.id = "e1", .author = "Other", .handle = "hwdemo_young"}));
  test.record(judged(kMinor));
  test.clock.advance(std::chrono::days(4000));
  REQUIRE_OK(db::expire(*test.store, {}, db::Expiry::erase, test.store->host()));
  everything(test);  // a reader unlocks
  CHECK(referred(test).size() == 2);
  CHECK(test.record(judged({.id = "p9", .author = "Other", .handle = "hwdemo_young"})).held == 1);
}

TEST_CASE("the audit log does not tell that something was held by the machine") {
  TestStore test;
  const auto before = db::audit_log(*test.store)->size();
  test.record(judged(kMinor));
  CHECK(db::audit_log(*test.store)->size() == before);
}
