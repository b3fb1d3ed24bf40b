#include <doctest/doctest.h>

#include "db/bans.h"
#include "db/handles.h"
#include "db/hits.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;
using db::Mark;

namespace {

struct Line {
  std::string event;
  std::string action = "ban";
  std::string subject = R"({"type":"account","id":null,"login":"gardener"})";
  std::string decided_at = "2026-11-20T10:00:00Z";
  std::string by = "human";
  std::string lead = "null";
  std::string platform = "forum.example";
  std::string expires = "null";
};

std::string jsonl(const Line& line) {
  return R"({"schema":1,"event_id":")" + line.event + R"(","platform":")" + line.platform + R"(","subject":)" +
         line.subject + R"(,"action":")" + line.action + R"(","reason_code":"x","decided_at":")" + line.decided_at +
         R"(","expires_at":)" + line.expires + R"(,"decided_by":")" + line.by + R"(","lead_id":)" + line.lead + "}\n";
}

struct Imported {
  db::BansImported counts;
  std::vector<std::pair<std::size_t, std::string>> refused;
};

Imported import(TestStore& test, const std::string& text) {
  Imported imported;
  const auto counts =
      db::import_bans(*test.store, text, test.store->host(), {},
                      [&](std::size_t line, const std::string& why) { imported.refused.emplace_back(line, why); });
  REQUIRE_OK(counts);
  imported.counts = *counts;
  CHECK(imported.refused.size() == counts->refused);
  return imported;
}

// Whether the account of the store's one hit shows a standing ban.
bool banned(TestStore& test) {
  const auto rows = db::list_accounts(*test.store, {});
  REQUIRE_OK(rows);
  REQUIRE(rows->size() == 1);
  return !rows->front().bans.empty();
}

std::vector<Mark> marks_of(TestStore& test, std::int64_t hit) {
  const auto row = db::find_hit(*test.store, hit);
  REQUIRE_OK(row);
  return row->marks;
}

Band band_of(TestStore& test, std::int64_t hit) { return db::find_hit(*test.store, hit)->band; }

bool has(const std::vector<Mark>& marks, Mark mark) {
  return std::find(marks.begin(), marks.end(), mark) != marks.end();
}

}  // namespace

TEST_CASE("a ban is taken in once, shown beside its account, and opened with the reader's key") {
  TestStore test;
  test.record(judged({}));
  CHECK(import(test, jsonl({.event = "1"})).counts.taken == 1);
  CHECK(import(test, jsonl({.event = "1"})).counts.known == 1);
  CHECK(banned(test));
  CHECK(has(marks_of(test, 1), Mark::banned));
  const auto rows = db::list_bans(*test.store);
  REQUIRE_OK(rows);
  REQUIRE(rows->size() == 1);
  CHECK(rows->front().standing);
  CHECK(rows->front().accounts == std::vector<std::int64_t>{1});
  const auto opened = db::open_ban(*test.store, test.opener(), 1);
  REQUIRE_OK(opened);
  CHECK(opened->login == "gardener");
  CHECK(opened->reason_code == "x");
  CHECK(opened->human);
}

TEST_CASE("CSV: the same record, quoted, with a byte order mark, CRLF and columns nobody needs") {
  TestStore test;
  test.record(judged({}));
  const auto imported =
      import(test,
             "\xEF\xBB\xBF"
             "event_id,platform,type,login,ip,email,action,decided_at,decided_by\r\n"
             "1,forum.example,account,\"Gardener\",192.0.2.1,someone@example.org,ban,2026-11-20T10:00:00Z,human\r\n"
             "2,forum.example,handle,,,,ban,2026-11-20T10:00:00Z,human\r\n");
  CHECK(imported.counts.taken == 1);
  REQUIRE(imported.refused.size() == 1);
  CHECK(imported.refused[0].first == 3);
  CHECK(banned(test));
  const std::string kept = db::ban_to_json(*db::open_ban(*test.store, test.opener(), 1));
  CHECK(kept.find("192.0.2.1") == std::string::npos);
  CHECK(kept.find("someone@") == std::string::npos);
}

TEST_CASE(
    "unban, accepted appeal and false positive take a ban back, by the time of the decision, in whatever order they "
    "come") {
  for (const char* lift : {"unban", "appeal_accept", "false_positive"}) {
    TestStore test;
    test.record(judged({}));
    const std::string ban = jsonl({.event = "1", .decided_at = "2026-11-20T10:00:00Z"});
    const std::string back = jsonl({.event = "2", .action = lift, .decided_at = "2026-11-20T11:00:00Z"});
    SUBCASE("in order") {
      import(test, ban);
      CHECK(banned(test));
      import(test, back);
    }
    SUBCASE("the other way round") {
      import(test, back);
      import(test, ban);
    }
    SUBCASE("at once") { import(test, back + ban); }
    CHECK_FALSE(banned(test));
    CHECK(marks_of(test, 1).empty());
    import(test, jsonl({.event = "3", .decided_at = "2026-11-20T12:00:00Z"}));
    CHECK(banned(test));
    import(test, jsonl({.event = "4", .action = "appeal_reject", .decided_at = "2026-11-20T13:00:00Z"}));
    CHECK(banned(test));
  }
}

TEST_CASE("what a person set by hand is not undone by a machine") {
  TestStore test;
  test.record(judged({}));
  import(test, jsonl({.event = "1"}) +
                   jsonl({.event = "2", .action = "unban", .decided_at = "2026-11-21T10:00:00Z", .by = "auto"}));
  CHECK(banned(test));
  import(test, jsonl({.event = "3", .action = "unban", .decided_at = "2026-11-21T11:00:00Z"}));
  CHECK_FALSE(banned(test));
  import(test, jsonl({.event = "4", .decided_at = "2026-11-21T12:00:00Z", .by = "auto"}));
  CHECK_FALSE(banned(test));
  import(test, jsonl({.event = "5", .decided_at = "2026-11-21T13:00:00Z"}));
  CHECK(banned(test));
}

TEST_CASE("a ban is over when it says so") {
  TestStore test;
  test.record(judged({}));
  import(test, jsonl({.event = "1", .expires = R"("2026-11-24T00:00:00Z")"}));
  CHECK(banned(test));
  test.clock.advance(std::chrono::hours(24 + 13));
  CHECK(banned(test));
  test.clock.advance(std::chrono::hours(1));
  CHECK_FALSE(banned(test));
  CHECK_FALSE(db::list_bans(*test.store)->front().standing);
}

TEST_CASE("a ban meets the account that comes after it, by id and by name") {
  TestStore test;
  import(test, jsonl({.event = "1", .subject = R"({"type":"account","id":"77","login":"old"})"}));
  test.record(judged({.id = "a", .author = "renamed", .author_id = "77"}));
  CHECK(has(marks_of(test, 1), Mark::banned));
  test.record(judged({.id = "b", .author = "old", .handle = "hwdemo_b", .author_id = "78"}));
  CHECK_FALSE(has(marks_of(test, 2), Mark::banned));
}

TEST_CASE("a banned account's handle under another account is marked and raises medium to high") {
  TestStore test;
  test.record(
      {judged({.id = "a", .author = "Gardener"}), judged({.id = "b", .author = "Gardener", .handle = "hwdemo_lily"})});
  import(test, jsonl({.event = "1"}));
  CHECK(band_of(test, 1) == Band::medium);  // a ban of itself is no second sign
  CHECK_FALSE(has(marks_of(test, 1), Mark::banned_handle_back));
  test.record(judged({.id = "c", .author = "Newcomer", .platform = "other.example"}));
  CHECK(has(marks_of(test, 3), Mark::banned_handle_back));
  CHECK_FALSE(has(marks_of(test, 3), Mark::banned));
  CHECK(band_of(test, 3) == Band::high);
  CHECK(db::find_hit(*test.store, 3)->judged == Band::medium);
  CHECK(db::find_hit(*test.store, 2)->band == Band::medium);
}

TEST_CASE("a banned handle is marked where it stood, and as back under another account") {
  TestStore test;
  test.record(judged({.id = "a", .author = "Gardener"}));
  import(test, jsonl({.event = "1", .subject = R"({"type":"handle","messenger":"Wickr","id":"@HWdemo_rose"})"}));
  CHECK(marks_of(test, 1) == std::vector<Mark>{Mark::banned});
  CHECK(db::find_handle(*test.store, 1)->bans.size() == 1);
  test.record(judged({.id = "b", .author = "Newcomer"}));
  const auto back = marks_of(test, 2);
  CHECK(has(back, Mark::banned));
  CHECK(has(back, Mark::banned_handle_back));
  CHECK(has(back, Mark::several_accounts));
  CHECK_FALSE(has(marks_of(test, 1), Mark::banned_handle_back));
  CHECK(band_of(test, 2) == Band::high);
}

TEST_CASE("a ban of a handle on another platform makes it one that is back") {
  TestStore test;
  test.record(judged({}));
  import(test, jsonl({.event = "1",
                      .subject = R"({"type":"handle","messenger":"wickr","id":"hwdemo_rose"})",
                      .platform = "reddit"}));
  CHECK(has(marks_of(test, 1), Mark::banned_handle_back));
  CHECK(band_of(test, 1) == Band::high);
}

TEST_CASE("a ban that followed our own lead is shown and never counts as a sign") {
  TestStore test;
  test.record(judged({.platform = "other.example"}));
  import(test, jsonl({.event = "1",
                      .subject = R"({"type":"handle","messenger":"wickr","id":"hwdemo_rose"})",
                      .lead = R"("17")",
                      .platform = "reddit"}));
  CHECK(has(marks_of(test, 1), Mark::banned_handle_back));
  CHECK(band_of(test, 1) == Band::medium);
}

TEST_CASE("one platform does not take back what another decided about a handle") {
  TestStore test;
  test.record(judged({}));
  const std::string handle = R"({"type":"handle","messenger":"wickr","id":"hwdemo_rose"})";
  import(test, jsonl({.event = "1", .subject = handle}) + jsonl({.event = "2",
                                                                 .action = "unban",
                                                                 .subject = handle,
                                                                 .decided_at = "2026-11-21T10:00:00Z",
                                                                 .platform = "reddit"}));
  CHECK(db::find_handle(*test.store, 1)->bans.size() == 1);
  import(test, jsonl({.event = "3", .action = "unban", .subject = handle, .decided_at = "2026-11-21T10:00:00Z"}));
  CHECK(db::find_handle(*test.store, 1)->bans.empty());
}

TEST_CASE("low is never raised") {
  TestStore test;
  test.record(
      {judged({.id = "a", .author = "A", .band = Band::low}), judged({.id = "b", .author = "B", .band = Band::low})});
  CHECK(band_of(test, 1) == Band::low);
  CHECK(has(marks_of(test, 1), Mark::several_accounts));
}

TEST_CASE("poisoned lines are each named, and the rest is taken in") {
  TestStore test;
  const std::string good = jsonl({.event = "good"});
  const std::string text =
      good + std::string(100'000, 'x') + "\n" + "{\n" + "[]\n" + "{}\n" + jsonl({.event = "bad", .action = "explode"}) +
      jsonl({.event = "bad", .decided_at = "yesterday"}) + jsonl({.event = "bad\\u0007"}) +
      jsonl({.event = "bad", .subject = "17"}) + jsonl({.event = "bad", .subject = R"({"type":"account"})"}) +
      jsonl({.event = "bad", .subject = R"({"type":"handle","id":"x"})"}) +
      jsonl({.event = "bad", .subject = R"({"type":"account","login":{"a":1}})"}) +
      jsonl({.event = "bad", .by = "nobody"}) +
      jsonl({.event = "bad", .subject = R"x({"type":"account","login":"=HYPERLINK(1)"})x"}) +
      jsonl({.event = std::string(600, 'e')}) + jsonl({.event = "bad\\u202e"}) + jsonl({.event = "also good"});
  const auto imported = import(test, text);
  CHECK(imported.counts.taken == 2);
  CHECK(imported.refused.size() == 15);
  for (std::size_t i = 0; i < imported.refused.size(); ++i) {
    CHECK(imported.refused[i].first == i + 2);
    CHECK(imported.refused[i].second.find("HYPERLINK") == std::string::npos);
    CHECK(imported.refused[i].second.find('\n') == std::string::npos);
  }
}

TEST_CASE("a CSV without the needed columns fails as a whole and takes nothing in") {
  TestStore test;
  const auto imported =
      db::import_bans(*test.store, "name,date\nx,y\n", test.store->host(), {}, [](std::size_t, const std::string&) {});
  CHECK(imported.error().code == ErrorCode::malformed);
  CHECK(db::list_bans(*test.store)->empty());
}

TEST_CASE("numbers as ids, broken UTF-8 and lone surrogates are read as a platform may write them") {
  TestStore test;
  const auto imported =
      import(test, jsonl({.event = "1", .subject = R"({"type":"account","id":12345})"}) +
                       jsonl({.event = "2", .subject = "{\"type\":\"account\",\"login\":\"caf\xE9\"}"}) +
                       jsonl({.event = "3", .subject = R"({"type":"account","login":"x\ud800"})"}));
  CHECK(imported.counts.taken == 3);
  CHECK(db::open_ban(*test.store, test.opener(), 1)->id == "12345");
}

TEST_CASE("thousands of decisions about one account are settled in reasonable time") {
  TestStore test;
  test.record(judged({}));
  std::string text;
  for (int i = 0; i < 3'000; ++i)
    text += jsonl({.event = std::to_string(i),
                   .action = i % 2 == 0 ? "ban" : "unban",
                   .decided_at = to_rfc3339(*parse_rfc3339("2026-11-01T00:00:00Z") + std::chrono::seconds(i))});
  const auto begin = std::chrono::steady_clock::now();
  CHECK(import(test, text).counts.taken == 3'000);
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK_FALSE(banned(test));  // the last one is an unban
  CHECK(took < std::chrono::seconds(60));
  MESSAGE("3,000 decisions about one account took "
          << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms");
}

TEST_CASE("a record survives being written and read again") {
  const auto ban = db::ban_from_json(jsonl({.event = "1",
                                            .subject = R"({"type":"handle","messenger":"kik","id":"hwdemo.x"})",
                                            .lead = R"("9")",
                                            .expires = R"("2027-01-01T00:00:00Z")"}));
  REQUIRE_OK(ban);
  CHECK(*db::ban_from_json(db::ban_to_json(*ban)) == *ban);
}

TEST_CASE("what moderators' own tools write is read, again without effect, and nothing but accounts is kept") {
  struct Expected {
    const char* file;
    std::size_t taken;
    std::size_t passed_over;
    std::size_t refused;
    const char* banned;  // an account that stays so: its id or its name
  };
  for (const Expected& list : {Expected{"discourse.csv", 3, 1, 1, "gardener"},
                               {"reddit.csv", 2, 0, 0, "gardener"},
                               {"mastodon.csv", 0, 1, 0, ""},
                               {"lemmy.json", 2, 0, 1, "17"},
                               {"phpbb.csv", 2, 3, 0, "17"}}) {
    CAPTURE(list.file);
    TestStore test;
    const bool by_id = std::string(list.banned) == "17";
    test.record({judged({.id = "a", .author = by_id ? "someone" : "Gardener", .author_id = by_id ? "17" : ""}),
                 judged({.id = "b", .author = "baker", .handle = "hwdemo_b", .author_id = by_id ? "18" : ""})});
    const std::string text = read_file(fixture(std::string("bans/") + list.file));
    const auto import = [&](std::string_view platform) {
      return db::import_bans(*test.store, text, test.owner(), {}, [](std::size_t, const std::string&) {}, platform);
    };
    CHECK(import("").error().code == ErrorCode::usage);
    const auto first = import("Forum.example");
    REQUIRE_OK(first);
    CHECK(first->taken == list.taken);
    CHECK(first->passed_over == list.passed_over);
    CHECK(first->refused == list.refused);
    test.clock.advance(std::chrono::hours(30));
    const auto again = import("forum.example");
    REQUIRE_OK(again);
    CHECK(again->taken == 0);
    CHECK(again->known == list.taken);
    const auto accounts = db::list_accounts(*test.store, {});
    REQUIRE_OK(accounts);
    for (const db::AccountRow& account : *accounts)
      if (account.account == 1) CHECK(account.bans.size() == (list.taken > 0 ? 1 : 0));
    std::string kept;
    for (std::int64_t ban = 1; ban <= static_cast<std::int64_t>(list.taken); ++ban)
      kept += db::ban_to_json(*db::open_ban(*test.store, test.opener(), ban)) + "\n";
    for (const char* dropped : {"192.0.2.7", "mail", "spam", "words", "moderator1"})
      CHECK_MESSAGE(kept.find(dropped) == std::string::npos, kept);
  }
}

TEST_CASE("times of a tool's list: a ban that was taken back, one with an end") {
  TestStore test;
  test.record(
      {judged({.id = "a", .author = "Gardener"}), judged({.id = "b", .author = "baker", .handle = "hwdemo_b"})});
  REQUIRE_OK(db::import_bans(
      *test.store, read_file(fixture("bans/discourse.csv")), test.owner(), {}, [](std::size_t, const std::string&) {},
      "forum.example"));
  const auto accounts = db::list_accounts(*test.store, {});
  REQUIRE_OK(accounts);
  CHECK(accounts->size() == 2);
  for (const db::AccountRow& account : *accounts)
    CHECK(account.bans.size() == (account.account == 1 ? 1 : 0));  // the baker's was taken back
  const auto suspended = db::open_ban(*test.store, test.opener(), 1);
  REQUIRE_OK(suspended);
  CHECK(suspended->action == db::BanAction::suspend);
  CHECK(to_rfc3339(suspended->decided_at) == "2026-11-20T10:11:12Z");
  CHECK(suspended->human);
  CHECK_FALSE(db::open_ban(*test.store, test.opener(), 2)->human);
}

TEST_CASE("a time that cannot be read is never taken for another, nor for a ban without end") {
  const std::string discourse = "staff_user,action,subject,created_at,details,context\n";
  const std::string phpbb = "ban_id,ban_userid,ban_ip,ban_email,ban_start,ban_end,ban_exclude\n";
  for (const std::string& text :
       {discourse + "mod,suspend_user,gardener,2026-11-21\x89" + "00:00:00 UTC,,",
        discourse + "mod,suspend_user,gardener,2026-11-21x00:00:00 UTC,,", discourse + "mod,suspend_user,gardener,,,",
        phpbb + "1,17,,,1795255872,soon,0", phpbb + "1,17,,,1795255872,99999999999999,0"}) {
    CAPTURE(text);
    TestStore test;
    std::string why;
    const auto imported = db::import_bans(
        *test.store, text, test.owner(), {}, [&](std::size_t, const std::string& words) { why = words; },
        "forum.example");
    REQUIRE_OK(imported);
    CHECK(imported->taken == 0);
    CHECK(imported->refused == 1);
    CHECK_MESSAGE(why.find("is no time") != std::string::npos, why);
  }
}
