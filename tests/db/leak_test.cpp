// What lies on a collector's disk, byte by byte, and what a row that was changed is worth.
#include <map>
#include <random>
#include <set>
#include <span>

#include <doctest/doctest.h>

#include "common/sqlite.h"
#include "db/bans.h"
#include "db/handles.h"
#include "db/hits.h"
#include "db/reviews.h"
#include "tests/db/helpers.h"
#include "tests/support/traces.h"

using namespace hw;
using namespace hw::test;

namespace {

std::map<std::string, std::string> files_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files[entry.path().filename().string()] = read_file(entry.path());
  return files;
}

struct Secrets {
  std::vector<db::Judged> posts;
  std::set<std::string> words;
};

Secrets many_hits(int count = 300) {
  Secrets secrets;
  for (int i = 0; i < count; ++i) {
    const std::string n = std::to_string(10'000 + i);
    Advert advert{.id = "postid" + n,
                  .author = "AuthorName" + n,
                  .handle = "hwdemo_secret" + n,
                  .author_id = i % 2 == 0 ? "authorid" + n : ""};
    if (i % 10 == 0) advert.flags = {Flag::possible_minor};
    if (i % 11 == 0) advert.flags = {Flag::seeks_help};
    advert.text = "the sentence number" + n + " says wickr is " + advert.handle;
    db::Judged post = judged(advert);
    post.post.author_bio = "biography" + n;
    post.post.author_display = "Displayed" + n;
    post.post.quotes = {"quotation" + n};
    post.post.tags = {"tagword" + n};
    post.post.links = {{"https://forum.example/linkpath" + n, "linktext" + n}};
    for (const std::string& word :
         {advert.id, advert.author, advert.handle, advert.author_id, post.post.author_bio, post.post.author_display,
          post.post.quotes[0], post.post.tags[0], "linkpath" + n, "linktext" + n, "number" + n})
      if (!word.empty()) secrets.words.insert(word);
    secrets.posts.push_back(std::move(post));
  }
  for (const char* word :
       {"viewtopic", "T09:30:00", "T08:30:00", "nolimits swap", "the sentence", "wickr", "handle advertised"})
    secrets.words.insert(word);
  return secrets;
}

void check_nothing_readable(const std::filesystem::path& folder, const std::set<std::string>& words,
                            const std::string& when) {
  const TraceFinder finder(words);
  const auto files = files_of(folder);
  CHECK(files.contains("store.db"));
  for (const auto& [name, bytes] : files)
    for (const std::string& word : finder.find(bytes))
      FAIL_CHECK(when << ": \"" << word << "\" can be read in " << name);
}

void check_nothing_readable(const TestStore& test, const std::set<std::string>& words, const std::string& when) {
  check_nothing_readable(test.folder, words, when);
}

}  // namespace

TEST_CASE("nothing of a hit can be read in any file, in any writing") {
  const Secrets secrets = many_hits();
  TestStore test({.confirmations = 1});
  test.record(secrets.posts);
  std::set<std::string> words = secrets.words;
  check_nothing_readable(test, words, "after recording");
  const std::string bans =
      R"({"event_id":"eventname77","platform":"reddit","subject":{"type":"account","id":"banid77","login":"BannedLogin77"},"action":"ban","reason_code":"reasoncode77","decided_at":"2026-11-20T10:11:12Z"}
{"event_id":"eventname78","platform":"reddit","subject":{"type":"handle","messenger":"wickr","id":"hwdemo_banned78"},"action":"ban","decided_at":"2026-11-20T10:11:12Z"})";
  REQUIRE_OK(db::import_bans(*test.store, bans, test.store->host(), {}, [](std::size_t, const std::string&) {}));
  for (const char* word :
       {"eventname77", "banid77", "BannedLogin77", "bannedlogin77", "reasoncode77", "hwdemo_banned78", "10:11:12"})
    words.insert(word);
  const auto rows = db::list_hits(*test.store, {.limit = 0});
  REQUIRE_OK(rows);
  for (std::size_t i = 0; i < 20; ++i)
    REQUIRE_OK(db::review(*test.store, test.person("alice"),
                          {(*rows)[i].hit, {}, db::ReviewVerdict::confirmed, db::Sign::profile}));
  REQUIRE_OK(db::review(*test.store, test.person("alice"), {(*rows)[20].hit, {}, db::ReviewVerdict::safeguarding, {}}));
  std::vector<db::Judged> edited = secrets.posts;
  for (db::Judged& post : edited) post.post.text += " edited";
  test.record(edited);
  test.opener();  // seals anew what was withdrawn
  check_nothing_readable(test, words, "after reviews, bans and edits");
  // The search itself finds what is there.
  CHECK(files_of(test.folder)["store.db"].find("forum.example") != std::string::npos);
}

TEST_CASE("the search finds what is there, in every writing") {
  // RFC 4648, section 10
  CHECK(written_forms("foobar")[5] == "Zm9vYmFy");
  const TraceFinder finder({"hwdemo_secret1"});
  for (const std::string& form : written_forms("hwdemo_secret1"))
    CHECK(finder.find("before" + form + "after").size() == 1);
  CHECK(finder.find("hwdemo_secret").empty());
}

TEST_CASE("ten thousand hits leave nothing readable on a collector's disk") {
  const Secrets secrets = many_hits(10'000);
  TestStore reader;
  db::Roster roster;
  roster.people.push_back(reader.owner().face());
  roster.token_key = *db::token_key_bytes(reader.folder);
  const std::filesystem::path folder = reader.parent / "collector";
  REQUIRE_OK(db::Store::create_collector(folder, reader.clock, roster));
  auto store = db::Store::open(folder, reader.clock);
  REQUIRE_OK(store);
  for (std::size_t from = 0; from < secrets.posts.size(); from += 500)
    REQUIRE_OK((*store)->record(std::span(secrets.posts).subspan(from, 500)));
  // The write-ahead log is still full.
  CHECK(std::filesystem::file_size(folder / "store.db-wal") > 0);
  check_nothing_readable(folder, secrets.words, "after ten thousand hits");
  store->reset();
  check_nothing_readable(folder, secrets.words, "after closing");
  CHECK(files_of(folder)["store.db"].find("forum.example") != std::string::npos);
}

TEST_CASE("nothing of a post that is no hit is kept, not even sealed") {
  TestStore test;
  auto rows = [&](const char* table) {
    auto database = Database::open(test.folder / "store.db", Durability::normal);
    REQUIRE_OK(database);
    auto statement = database->prepare(std::string("SELECT COUNT(*) FROM ") + table);
    REQUIRE_OK(statement);
    REQUIRE_OK(statement->step());
    return statement->integer(0);
  };
  std::vector<db::Judged> posts;
  for (int i = 0; i < 100; ++i) posts.push_back(no_hit("p" + std::to_string(i), "neutral words"));
  test.record(posts);
  CHECK(rows("fingerprint") == 100);
  for (const char* table :
       {"sealed", "sealed_key", "hit", "handle", "account", "advert", "hit_trace", "held", "hold_token"})
    CHECK(rows(table) == 0);
}

TEST_CASE("every key that a collector has opens nothing") {
  TestStore test;
  test.record(
      {judged({}), judged({.id = "held", .author = "Y", .handle = "hwdemo_y", .flags = {Flag::possible_minor}})});
  test.store.reset();
  std::filesystem::remove_all(test.folder / "keys/people");
  test.reopen();  // still records
  CHECK(test.record(judged({.id = "p2", .author = "B"})).fresh == 1);
  CHECK(db::unlock_person(*test.store, "owner", {}).error().code == ErrorCode::no_key);
  for (const db::KeyClass key_class : {db::KeyClass::review, db::KeyClass::safeguarding})
    CHECK(db::unlock(*test.store, test.store->host(), key_class).error().code == ErrorCode::no_key);
  // The bytes that are there, taken as private keys.
  for (const std::string& bytes :
       {read_file(test.folder / "keys/token.key"), (*db::list_people(*test.store))[1].person.box_key}) {
    for (const db::KeyClass key_class : {db::KeyClass::review, db::KeyClass::safeguarding}) {
      const auto opener = db::Opener::create(key_class, bytes);
      REQUIRE_OK(opener);
      CHECK_FALSE(db::open_hit(*test.store, *opener, 1).has_value());
      CHECK_FALSE(db::open_handle(*test.store, *opener, 1).has_value());
      CHECK_FALSE(db::list_referrals(*test.store, *opener).has_value());
    }
  }
}

TEST_CASE("a row that was moved, swapped, put back or changed is noticed when it is opened") {
  TestStore test;
  test.record({judged({.id = "a", .author = "A", .handle = "hwdemo_a"}),
               judged({.id = "b", .author = "B", .handle = "hwdemo_b"})});
  const db::Opener opener = test.opener();
  auto database = Database::open(test.folder / "store.db", Durability::normal);
  REQUIRE_OK(database);
  const auto run = [&](const std::string& sql) { REQUIRE_OK(database->execute(sql)); };
  ErrorCode expected = ErrorCode::tampered;
  SUBCASE("records of two hits swapped") {
    run("UPDATE sealed SET owner = 99 WHERE kind = 1 AND owner = 1; UPDATE sealed SET owner = 1 WHERE kind = 1 AND "
        "owner = 2;"
        "UPDATE sealed SET owner = 2 WHERE kind = 1 AND owner = 99");
  }
  SUBCASE("the content of one under the name of the other") {
    run("UPDATE sealed SET (nonce, body) = (SELECT nonce, body FROM sealed WHERE kind = 1 AND owner = 2) WHERE kind = "
        "1 AND owner = 1");
  }
  SUBCASE("another record's keys") {
    run("UPDATE sealed_key SET box = (SELECT box FROM sealed_key JOIN sealed USING (record) WHERE kind = 1 AND owner = "
        "2) "
        "WHERE record = (SELECT record FROM sealed WHERE kind = 1 AND owner = 1)");
  }
  SUBCASE("an older version put back") {
    run("CREATE TEMP TABLE old AS SELECT s.nonce, s.body, k.box FROM sealed s JOIN sealed_key k USING (record) WHERE "
        "kind = 1 AND owner = 1");
    test.record(judged({.id = "a", .author = "A", .handle = "hwdemo_a", .text = "another text, wickr hwdemo_a"}));
    run("UPDATE sealed SET (nonce, body) = (SELECT nonce, body FROM old) WHERE kind = 1 AND owner = 1;"
        "UPDATE sealed_key SET box = (SELECT box FROM old) WHERE record = (SELECT record FROM sealed WHERE kind = 1 "
        "AND owner = 1)");
  }
  SUBCASE("the class relabelled") { run("UPDATE sealed SET class = 2 WHERE kind = 1 AND owner = 1"); }
  SUBCASE("the record gone") { run("DELETE FROM sealed WHERE kind = 1 AND owner = 1"); }
  SUBCASE("the platform in clear changed") { run("UPDATE hit SET platform = 'elsewhere' WHERE hit = 1"); }
  SUBCASE("the band in clear changed") { run("UPDATE hit SET band = 1 WHERE hit = 1"); }
  SUBCASE("the flags in clear changed") { run("UPDATE hit SET flags = 'news' WHERE hit = 1"); }
  SUBCASE("a rule in clear changed") { run("UPDATE hit_rule SET rule = 'other' WHERE hit = 1"); }
  SUBCASE("the row number changed") {
    run("PRAGMA foreign_keys = OFF; UPDATE hit SET hit = 3 WHERE hit = 2; UPDATE hit SET hit = 2 WHERE hit = 1; UPDATE "
        "hit SET hit = 1 WHERE hit = 3");
  }
  SUBCASE("the keys gone") {
    run("DELETE FROM sealed_key WHERE record = (SELECT record FROM sealed WHERE kind = 1 AND owner = 1)");
    expected = ErrorCode::no_key;
  }
  const auto opened = db::open_hit(*test.store, opener, 1);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == expected);
}

TEST_CASE("the names of handles and accounts do not open under another row") {
  TestStore test;
  test.record({judged({.id = "a", .author = "A", .handle = "hwdemo_a"}),
               judged({.id = "b", .author = "B", .handle = "hwdemo_b"})});
  const db::Opener opener = test.opener();
  auto database = Database::open(test.folder / "store.db", Durability::normal);
  REQUIRE_OK(database);
  for (const std::string kind : {"2", "3"})
    REQUIRE_OK(database->execute("UPDATE sealed SET owner = 99 WHERE kind = " + kind +
                                 " AND owner = 1; UPDATE sealed SET owner = 1 WHERE kind = " + kind +
                                 " AND owner = 2; UPDATE sealed SET owner = 2 WHERE kind = " + kind +
                                 " AND owner = 99"));
  CHECK(db::open_handle(*test.store, opener, 1).error().code == ErrorCode::tampered);
  CHECK(db::open_account(*test.store, opener, 2).error().code == ErrorCode::tampered);
}

TEST_CASE("media addresses never reach a record") {
  TestStore test;
  db::Judged post = judged({});
  post.post.links = {{"https://cdn.example/picture.jpg", "look"}};
  post.post.text += " https://cdn.example/film.mp4 data:image/png;base64,AAAA";
  test.record(post);
  CHECK(test.record(post).known == 1);
  const auto opened = db::open_hit(*test.store, test.opener(), 1);
  REQUIRE_OK(opened);
  CHECK(opened->post.links[0].url.empty());
  CHECK(opened->post.text.find("cdn.example") == std::string::npos);
  CHECK(opened->post.text.find("base64") == std::string::npos);
  const HandleFound& handle = opened->verdict.handles[0];
  CHECK(opened->post.text.substr(handle.span.from, handle.span.to - handle.span.from) == "hwdemo_rose");
}
