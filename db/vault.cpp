#include "db/vault.h"

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

}  // namespace

void put_record(Work& work, const RecordRow& row, std::string_view plaintext) {
  if (work.failed()) return;
  const SealedRecord sealed = work.core().sealer.seal(name_of(work, row), plaintext);
  Query insert(work, "INSERT INTO sealed(class, kind, owner, revision, nonce, body) VALUES (?, ?, ?, ?, ?, ?)");
  insert.number(static_cast<std::int64_t>(row.key_class))
      .number(number_of(row.kind))
      .number(row.owner)
      .number(row.revision);
  const std::int64_t record = insert.blob(sealed.nonce).blob(sealed.body).run_insert();
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

std::vector<std::int64_t> revisions_of(Work& work, RecordKind kind, std::int64_t owner) {
  std::vector<std::int64_t> revisions;
  Query query(work, "SELECT revision FROM sealed WHERE kind = ? AND owner = ? ORDER BY revision");
  query.number(number_of(kind)).number(owner);
  while (query.next()) revisions.push_back(query.number_at(0));
  return revisions;
}

void erase_revision(Work& work, RecordKind kind, std::int64_t owner, std::int64_t revision) {
  Query query(work, "DELETE FROM sealed WHERE kind = ? AND owner = ? AND revision = ?");
  query.number(number_of(kind)).number(owner).number(revision).run();
}

void erase_records(Work& work, RecordKind kind, std::int64_t owner) {
  Query query(work, "DELETE FROM sealed WHERE kind = ? AND owner = ?");
  query.number(number_of(kind)).number(owner).run();
}

}  // namespace hw::db
