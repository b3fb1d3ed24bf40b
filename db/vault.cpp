#include "db/vault.h"

#include "db/audit_writer.h"

namespace hw::db {
namespace {

RecordName name_of(Work& work, const RecordRow& row) {
  return {work.core().store_id, row.key_class, row.kind, row.owner, row.revision};
}

std::vector<SealedKey> keys_of(Work& work, std::int64_t record) {
  std::vector<SealedKey> keys;
  Query query(work, "SELECT key_id, box FROM sealed_key WHERE record = ?");
  query.number(record);
  while (query.next()) keys.push_back({query.blob_at(0), query.blob_at(1)});
  return keys;
}

std::int64_t number_of(RecordKind kind) { return static_cast<std::int64_t>(kind); }

// The log accounts for what is erased; a query that gives the leaves.
void note_erased(Work& work, Query& query) {
  while (query.next()) work.audit_tail().erased.push_back(query.number_at(0));
}

}  // namespace

void put_record(Work& work, const RecordRow& row, std::string_view plaintext) {
  const Sealer* sealer = work.sealer();
  if (sealer == nullptr) return;
  const SealedRecord sealed = sealer->seal(name_of(work, row), plaintext);
  const std::int64_t entry = append_seal(work, row, sealed.nonce, sealed.body);
  Query insert(work,
               "INSERT INTO sealed(class, kind, owner, revision, nonce, body, entry) VALUES (?, ?, ?, ?, ?, ?, ?)");
  insert.number(static_cast<std::int64_t>(row.key_class))
      .number(number_of(row.kind))
      .number(row.owner)
      .number(row.revision);
  const std::int64_t record = insert.blob(sealed.nonce).blob(sealed.body).number(entry).run_insert();
  Query insert_key(work, "INSERT INTO sealed_key(record, key_id, box) VALUES (?, ?, ?)");
  for (const SealedKey& key : sealed.keys) insert_key.number(record).blob(key.key_id).blob(key.box).run();
}

Result<std::string> open_record(Work& work, const Opener& opener, const RecordRow& row) {
  SealedRecord sealed;
  std::int64_t key_class = 0;
  {
    Query query(work, "SELECT record, class, nonce, body FROM sealed WHERE kind = ? AND owner = ? AND revision = ?");
    query.number(number_of(row.kind)).number(row.owner).number(row.revision);
    if (query.next()) {
      key_class = query.number_at(1);
      sealed.nonce = query.blob_at(2);
      sealed.body = query.blob_at(3);
      sealed.keys = keys_of(work, query.number_at(0));
    } else {
      work.fail({ErrorCode::tampered, "a sealed record that should be here is missing; restore a backup"});
    }
  }
  if (key_class != static_cast<std::int64_t>(row.key_class))
    work.fail({ErrorCode::tampered, "a sealed record carries the wrong class: it was changed; restore a backup"});
  if (work.failed()) return tl::unexpected(*work.error());
  auto plaintext = opener.open(name_of(work, row), sealed);
  if (!plaintext) work.fail(plaintext.error());
  return plaintext;
}

void adopt_records(Work& work) {
  Query all(work,
            "SELECT record, class, kind, owner, revision, nonce, body FROM sealed WHERE entry = 0 ORDER BY record");
  Query number(work, "UPDATE sealed SET entry = ? WHERE record = ?");
  while (all.next()) {
    const RecordRow row{static_cast<KeyClass>(all.number_at(1)), static_cast<RecordKind>(all.number_at(2)),
                        all.number_at(3), all.number_at(4)};
    number.number(append_seal(work, row, all.blob_at(5), all.blob_at(6))).number(all.number_at(0)).run();
  }
}

void seal_keys_anew(Work& work, const Opener& opener) {
  const Sealer* sealer = work.sealer();
  if (sealer == nullptr) return;
  Query all(work, "SELECT record, kind, owner, revision, nonce FROM sealed WHERE class = ? ORDER BY record");
  Query forget(work, "DELETE FROM sealed_key WHERE record = ?");
  Query insert_key(work, "INSERT INTO sealed_key(record, key_id, box) VALUES (?, ?, ?)");
  all.number(static_cast<std::int64_t>(opener.key_class()));
  while (all.next()) {
    const std::int64_t record = all.number_at(0);
    const RecordName name{work.core().store_id, opener.key_class(), static_cast<RecordKind>(all.number_at(1)),
                          all.number_at(2), all.number_at(3)};
    const SealedRecord sealed{all.blob_at(4), {}, keys_of(work, record)};
    const auto key = opener.record_key(name, sealed);
    if (!key) return work.fail(key.error());
    forget.number(record).run();
    for (const SealedKey& wrapped : sealer->wrap(name, sealed.nonce, *key))
      insert_key.number(record).blob(wrapped.key_id).blob(wrapped.box).run();
  }
}

std::size_t open_all(Work& work, const Opener& opener) {
  std::size_t opened = 0;
  Query all(work, "SELECT record, kind, owner, revision, nonce, body FROM sealed WHERE class = ? ORDER BY record");
  all.number(static_cast<std::int64_t>(opener.key_class()));
  for (; all.next(); ++opened) {
    const RecordName name{work.core().store_id, opener.key_class(), static_cast<RecordKind>(all.number_at(1)),
                          all.number_at(2), all.number_at(3)};
    auto plaintext = opener.open(name, {all.blob_at(4), all.blob_at(5), keys_of(work, all.number_at(0))});
    if (!plaintext) work.fail(plaintext.error());
    if (plaintext) wipe(*plaintext);
  }
  return opened;
}

std::vector<std::int64_t> revisions_of(Work& work, RecordKind kind, std::int64_t owner) {
  std::vector<std::int64_t> revisions;
  Query query(work, "SELECT revision FROM sealed WHERE kind = ? AND owner = ? ORDER BY revision");
  query.number(number_of(kind)).number(owner);
  while (query.next()) revisions.push_back(query.number_at(0));
  return revisions;
}

void erase_revision(Work& work, RecordKind kind, std::int64_t owner, std::int64_t revision) {
  Query query(work, "DELETE FROM sealed WHERE kind = ? AND owner = ? AND revision = ? RETURNING entry");
  query.number(number_of(kind)).number(owner).number(revision);
  note_erased(work, query);
}

void erase_records(Work& work, RecordKind kind, std::int64_t owner) {
  Query query(work, "DELETE FROM sealed WHERE kind = ? AND owner = ? RETURNING entry");
  query.number(number_of(kind)).number(owner);
  note_erased(work, query);
}

}  // namespace hw::db
