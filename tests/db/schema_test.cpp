// Upgrading: a store of every earlier version, with rows of that version in it, becomes the newest and loses nothing.
#include "db/schema.h"

#include <map>
#include <set>

#include <doctest/doctest.h>

#include "common/sqlite.h"
#include "db/audit.h"
#include "db/exports.h"
#include "db/handles.h"
#include "db/hits.h"
#include "db/key_file.h"
#include "db/payload.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;

namespace {

// Tables whose rows the log vouches for; the test cannot make them up.
const std::set<std::string> kVouchedFor{"audit", "audit_head", "person", "seal_leaf"};

// What a migration's rows are called: the file of db/migrations/ itself.
std::vector<std::string> migration_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "db/migrations"))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::int64_t number(Database& database, const std::string& sql) {
  auto statement = database.prepare(sql);
  REQUIRE_OK(statement);
  const auto row = statement->step();
  REQUIRE_OK(row);
  return *row ? statement->integer(0) : -1;
}

std::vector<std::string> texts(Database& database, const std::string& sql) {
  std::vector<std::string> rows;
  auto statement = database.prepare(sql);
  REQUIRE_OK(statement);
  for (auto row = statement->step(); row && *row; row = statement->step()) rows.emplace_back(statement->text(0));
  return rows;
}

std::map<std::string, std::int64_t> rows_by_table(Database& database) {
  std::map<std::string, std::int64_t> rows;
  for (const std::string& table :
       texts(database, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"))
    rows[table] = number(database, "SELECT COUNT(*) FROM \"" + table + "\"");
  return rows;
}

// A store of an early version, written by that version's migrations.
class EarlyStore {
 public:
  EarlyStore() {
    std::filesystem::create_directory(folder_);
    REQUIRE_OK(db::create_keys(folder_));
    for (const db::KeyClass key_class : {db::KeyClass::review, db::KeyClass::safeguarding}) write_class_key(key_class);
    auto opened = Database::open(folder_ / "store.db", Durability::full);
    REQUIRE_OK(opened);
    database_.emplace(std::move(*opened));
  }

  void advance(std::size_t version, const std::string& name) {
    REQUIRE_OK(database_->execute(db::migrations()[version - 1]));
    REQUIRE_OK(database_->execute("PRAGMA user_version=" + std::to_string(version)));
    if (version == 1) write_sealed_rows();
    const std::filesystem::path rows = fixture("schema/" + name);
    REQUIRE_MESSAGE(std::filesystem::exists(rows), "no rows for " << name << ": add " << rows.string());
    REQUIRE_OK(database_->execute(read_file(rows)));
  }

  Database& database() { return *database_; }
  const std::filesystem::path& folder() const { return folder_; }
  void close() { database_.reset(); }

 private:
  // The first version had a key pair for each class.
  void write_class_key(db::KeyClass key_class) {
    const std::string name(db::to_string(key_class));
    const std::string secret = db::random_secret();
    const auto opener = db::Opener::create(key_class, secret);
    REQUIRE_OK(opener);
    write_file(folder_ / "keys" / (name + ".pub"), db::write_public_keys(key_class, {opener->public_key()}));
    const auto file = folder_ / "keys" / (name + ".key");
    write_file(file, db::write_open_key("class " + name, secret));
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }

  void write_sealed_rows() {
    const auto tokens = db::load_token_key(folder_);
    REQUIRE_OK(tokens);
    insert("INSERT INTO meta VALUES (1, ?, ?)", {kStoreId, tokens->check()});
    const db::Judged post = judged({});
    const auto met = tokens->met({post.post.platform, "", post.post.author});
    insert("INSERT INTO account VALUES (1, ?, NULL, 'forum.example', 1)", {met.at(0)});
    const db::Token handle = tokens->handle("wickr", "hwdemo_rose");
    insert("INSERT INTO handle(handle, token) VALUES (1, ?)", {handle});
    insert(
        R"(INSERT INTO hit(hit, post, content, judged, account, platform, source, band, flags, day, last_day, touched_day)
              VALUES (1, ?, ?, ?, 1, 'forum.example', 'garden', 2, '', 20414, 20415, 20416))",
        {tokens->post(post.post.platform, post.post.id), tokens->content(post.post), "judged"});
    insert("INSERT INTO advert(hit, handle, account, platform) VALUES (1, 1, 1, 'forum.example')", {});
    insert("INSERT INTO hit_trace VALUES (?, 1)", {tokens->trace(handle)});
    seal(db::KeyClass::review, db::RecordKind::hit, db::pack_judged(post));
    seal(db::KeyClass::review, db::RecordKind::handle, db::pack({"wickr", "hwdemo_rose"}));
    seal(db::KeyClass::review, db::RecordKind::account, db::pack({"forum.example", "", "Gardener", ""}));
    insert("INSERT INTO held VALUES (1, 5, ?, NULL, 1, 20412)", {tokens->hold("held post")});
    seal(db::KeyClass::safeguarding, db::RecordKind::held_hit, db::pack_judged(judged({.id = "held"})));
  }

  void seal(db::KeyClass key_class, db::RecordKind kind, const std::string& plaintext) {
    const auto recipients = db::load_class_keys(folder_);
    REQUIRE_OK(recipients);
    const auto sealer = db::Sealer::create(*recipients);
    REQUIRE_OK(sealer);
    const db::SealedRecord sealed = sealer->seal({kStoreId, key_class, kind, 1, 1}, plaintext);
    insert("INSERT INTO sealed(class, kind, owner, revision, nonce, body) VALUES (" +
               std::to_string(static_cast<int>(key_class)) + "," + std::to_string(static_cast<int>(kind)) +
               ", 1, 1, ?, ?)",
           {sealed.nonce, sealed.body});
    const std::int64_t record = database_->last_row_id();
    for (const db::SealedKey& key : sealed.keys)
      insert("INSERT INTO sealed_key VALUES (" + std::to_string(record) + ", ?, ?)", {key.key_id, key.box});
  }

  void insert(const std::string& sql, const std::vector<std::string>& blobs) {
    auto statement = database_->prepare(sql);
    REQUIRE_OK(statement);
    for (const std::string& blob : blobs) statement->bind_blob(blob);
    REQUIRE_OK(statement->run());
  }

  static inline const std::string kStoreId = std::string(16, 's');
  TemporaryFolder parent_;
  std::filesystem::path folder_ = parent_ / "data";
  std::optional<Database> database_;
};

// Everything that makes up the schema.
std::set<std::string> shape(Database& database) {
  std::set<std::string> shape;
  const auto parts = texts(database, "SELECT type || ' ' || name || ' ' || IFNULL(sql, '') FROM sqlite_schema");
  shape.insert(parts.begin(), parts.end());
  return shape;
}

}  // namespace

TEST_CASE("a store of every earlier version, with rows in it, becomes the newest and loses none of them") {
  const std::vector<std::string> names = migration_names();
  REQUIRE(names.size() == db::migrations().size());
  TestStore fresh;
  auto newest = Database::open(fresh.folder / "store.db", Durability::normal);
  REQUIRE_OK(newest);
  for (std::size_t version = 1; version <= names.size(); ++version) {
    CAPTURE(version);
    EarlyStore early;
    for (std::size_t i = 1; i <= version; ++i) early.advance(i, names[i - 1]);
    const auto before = rows_by_table(early.database());
    for (const auto& [table, rows] : before)
      CHECK_MESSAGE((rows > 0 || kVouchedFor.contains(table)), table << " has no row in tests/fixtures/schema/");
    early.close();

    const FakeClock clock;
    auto store = db::Store::open(early.folder(), clock);
    REQUIRE_OK(store);
    auto after = Database::open(early.folder() / "store.db", Durability::normal);
    REQUIRE_OK(after);
    CHECK(number(*after, "PRAGMA user_version") == static_cast<std::int64_t>(names.size()));
    CHECK(texts(*after, "PRAGMA integrity_check") == std::vector<std::string>{"ok"});
    CHECK(number(*after, "SELECT COUNT(*) FROM pragma_foreign_key_check") == 0);
    CHECK(shape(*after) == shape(*newest));
    const auto now = rows_by_table(*after);
    for (const auto& [table, rows] : before)
      if (now.contains(table) && table != "erasure")  // which opening moves to the journal
        CHECK_MESSAGE(now.at(table) >= rows, table);

    auto opener = db::load_class_opener(early.folder(), db::KeyClass::review, {});
    REQUIRE_OK(opener);
    const auto hit = db::open_hit(**store, *opener, 1);
    REQUIRE_OK(hit);
    CHECK(hit->post == judged({}).post);
    CHECK(db::find_hit(**store, 1)->state == db::HitState::confirmed);
    CHECK(db::open_handle(**store, *opener, 1)->handle == "hwdemo_rose");
    CHECK(db::open_account(**store, *opener, 1)->name == "Gardener");
    const auto safeguarding = db::load_class_opener(early.folder(), db::KeyClass::safeguarding, {});
    REQUIRE_OK(safeguarding);
    const auto referral = db::open_referral(**store, *safeguarding, 1);
    REQUIRE_OK(referral);
    CHECK(referral->front().judged->post.id == "held");
    CHECK(db::list_exports(**store)->size() == 2);
    REQUIRE_OK((*store)->record(std::vector{judged({.id = "later", .author = "Later", .handle = "hwdemo_later"})}));
    CHECK(db::count_hits(**store, {}).value() == static_cast<std::size_t>(before.at("hit")) + 1);
    // The log is whole; the fixtures' verdicts are rows that no entry gave, and the check says just that.
    CHECK(db::verify_audit(**store, {})->problems ==
          std::vector<std::string>{"the verdict of alice on hit 1 is not one that the log says",
                                   "the verdict of bob on hit 1 is not one that the log says"});
  }
}

TEST_CASE("an upgrade that is interrupted goes on where it stopped") {
  const TemporaryFolder folder;
  const std::vector<std::string_view> steps{"CREATE TABLE first(x INTEGER) STRICT;",
                                            "INSERT INTO first VALUES (1); CREATE TABLE second(x INTEGER) STRICT;"};
  const std::vector<std::string_view> broken{steps[0], "INSERT INTO first VALUES (1); INSERT INTO nowhere VALUES (1);"};
  auto database = Database::open(folder / "x.db", Durability::full);
  REQUIRE_OK(database);
  CHECK_FALSE(database->migrate(broken).has_value());
  CHECK(number(*database, "PRAGMA user_version") == 1);
  CHECK(number(*database, "SELECT COUNT(*) FROM first") == 0);
  REQUIRE_OK(database->migrate(steps));
  REQUIRE_OK(database->migrate(steps));
  CHECK(number(*database, "SELECT COUNT(*) FROM first") == 1);
}
