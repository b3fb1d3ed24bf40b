#include "db/audit.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include "common/text.h"
#include "db/audit_writer.h"
#include "db/merkle.h"
#include "db/vault.h"

namespace hw::db {
namespace {

constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kLongestWords = 200;
// A clock that is set back by less is a clock being corrected, not one being turned.
constexpr Duration kCorrection = std::chrono::seconds(2);

std::string as_json(std::string_view text) {
  return nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string random_salt() {
  std::string salt(kSaltSize, '\0');
  randombytes_buf(salt.data(), salt.size());
  return salt;
}

Time last_time(Work& work) {
  Query query(work, "SELECT at FROM audit ORDER BY entry DESC LIMIT 1");
  return query.next() ? from_millis(query.number_at(0)) : Time{};
}

Time entry_time(Work& work) {
  const Time now = work.core().clock.now();
  const Time last = last_time(work);
  return last > now && last - now <= kCorrection ? last : now;
}

std::string signed_record(Work& work, std::int64_t entry, Time at, const AuditRecord& record, const Person& by) {
  std::string json = fmt::format(R"({{"at":"{}","by":"{}","key":"{}")", to_rfc3339(at), by.name(), by.face().id());
  for (const auto& [key, value] : record.fields()) json += fmt::format(R"(,"{}":{})", key, value);
  const std::string signature = by.sign(signed_text(work.core().store_id, entry, json + "}"));
  return fmt::format(R"({},"signature":"{}"}})", json, to_hex(signature));
}

std::string member(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// The tree's edge as this unit of work left it.
MerkleEdge& edge_of(Work& work) {
  AuditTail& tail = work.audit_tail();
  if (!tail.edge) tail.edge = stored_edge(work);
  return *tail.edge;
}

std::int64_t append_leaf(Work& work, Digest leaf) {
  MerkleEdge& edge = edge_of(work);
  edge.append(std::move(leaf));
  work.audit_tail().changed = true;
  return static_cast<std::int64_t>(edge.size());
}

void append_number(std::string& into, std::int64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) into += static_cast<char>((value >> shift) & 0xFF);
}

void account_for_erasures(Work& work) {
  std::vector<std::int64_t>& erased = work.audit_tail().erased;
  if (erased.empty()) return;
  std::ranges::sort(erased);
  ErasedLeaves erasure;
  for (const std::int64_t leaf : erased) erasure.add(leaf);
  AuditRecord record("erase");
  record.text("leaves", erasure.digest());
  const std::int64_t entry = append_audit(work, record);
  Query mark(work, "UPDATE seal_leaf SET erased = ? WHERE entry = ?");
  for (const std::int64_t leaf : erased) mark.number(entry).number(leaf).run();
  erased.clear();
}

}  // namespace

std::optional<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Checkpoint checkpoint;
  const auto [end, error] = std::from_chars(text.data(), text.data() + colon, checkpoint.size);
  checkpoint.root = to_lower(text.substr(colon + 1));
  const bool hex = checkpoint.root.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (error != std::errc{} || end != text.data() + colon || checkpoint.root.size() != 64 || !hex) return std::nullopt;
  return checkpoint;
}

AuditRecord::AuditRecord(std::string_view action) { text("action", action); }

AuditRecord& AuditRecord::text(std::string_view key, std::string_view value) {
  fields_.emplace_back(key, as_json(value));
  return *this;
}

AuditRecord& AuditRecord::number(std::string_view key, std::int64_t value) {
  fields_.emplace_back(key, std::to_string(value));
  return *this;
}

std::int64_t append_audit(Work& work, const AuditRecord& record) {
  return append_audit(work, record, work.core().host);
}

std::int64_t append_audit(Work& work, const AuditRecord& record, const Person& by) {
  const auto entry = static_cast<std::int64_t>(edge_of(work).size()) + 1;
  const Time at = entry_time(work);
  const std::string json = signed_record(work, entry, at, record, by);
  const std::string salt = random_salt();
  const Digest leaf = leaf_hash(salt + json);
  append_leaf(work, leaf);
  Query insert(work, "INSERT INTO audit(entry, at, salt, record, leaf) VALUES (?, ?, ?, ?, ?)");
  insert.number(entry).number(to_millis(at)).blob(salt).text(json).blob(leaf).run();
  return entry;
}

Checkpoint current_checkpoint(Work& work) {
  const MerkleEdge& edge = edge_of(work);
  return {edge.size(), to_hex(edge.root())};
}

Digest sealed_leaf(const RecordRow& row, std::string_view nonce, std::string_view body) {
  std::string record = "handlewatch sealed 1\n";
  for (const std::int64_t part : {static_cast<std::int64_t>(row.key_class), static_cast<std::int64_t>(row.kind),
                                  row.owner, row.revision, static_cast<std::int64_t>(nonce.size())})
    append_number(record, part);
  record += nonce;
  record += body;
  return leaf_hash(record);
}

std::int64_t append_seal(Work& work, const RecordRow& row, std::string_view nonce, std::string_view body) {
  const Digest leaf = sealed_leaf(row, nonce, body);
  const std::int64_t entry = append_leaf(work, leaf);
  Query insert(work, "INSERT INTO seal_leaf(entry, leaf) VALUES (?, ?)");
  insert.number(entry).blob(leaf).run();
  return entry;
}

void settle_audit(Work& work) {
  account_for_erasures(work);
  if (!work.audit_tail().changed || work.failed()) return;
  const MerkleEdge& edge = edge_of(work);
  Query head(
      work,
      "INSERT INTO audit_head(one, size, edge) VALUES (1, ?1, ?2) ON CONFLICT DO UPDATE SET size = ?1, edge = ?2");
  head.number(static_cast<std::int64_t>(edge.size())).blob(edge.bytes()).run();
}

void ErasedLeaves::add(std::int64_t leaf) { append_number(bytes_, leaf); }

std::string ErasedLeaves::digest() const { return to_hex(sha256(bytes_)); }

std::string signed_text(std::string_view store_id, std::int64_t entry, std::string_view record) {
  return fmt::format("handlewatch audit 1\n{}\n{}\n{}", to_hex(store_id), entry, record);
}

MerkleEdge stored_edge(Work& work) {
  Query query(work, "SELECT size, edge FROM audit_head");
  if (!query.next()) return {};
  return MerkleEdge::restore(static_cast<std::uint64_t>(query.number_at(0)), query.blob_at(1));
}

Result<std::vector<AuditEntry>> audit_log(Store& store, std::int64_t after, std::size_t limit) {
  Work work(store.core(), Work::Access::read);
  std::vector<AuditEntry> entries;
  Query query(work, "SELECT entry, at, record FROM audit WHERE entry > ? ORDER BY entry LIMIT ?");
  query.number(after).number(limit == 0 ? -1 : static_cast<std::int64_t>(limit));
  while (query.next()) {
    AuditEntry entry{query.number_at(0), from_millis(query.number_at(1)), {}, {}, query.text_at(2)};
    const auto json = nlohmann::json::parse(entry.record, nullptr, false);
    if (json.is_object()) entry.action = member(json, "action");
    if (json.is_object()) entry.by = member(json, "by");
    entries.push_back(std::move(entry));
  }
  return work.finish(std::move(entries));
}

Result<Checkpoint> audit_checkpoint(Store& store) {
  Work work(store.core(), Work::Access::read);
  return work.finish(current_checkpoint(work));
}

Status note_reveal(Store& store, const Person& by, std::string_view what, std::int64_t row) {
  Work work(store.core(), Work::Access::write);
  append_audit(work, AuditRecord("reveal").number(what, row), by);
  return work.finish();
}

Status note_configuration(Store& store, std::string_view sha256) {
  {
    Work look(store.core(), Work::Access::read);
    Query before(look, "SELECT configuration FROM meta");
    const bool same = before.next() && before.text_at(0) == sha256;
    before.rewind();
    if (auto done = look.finish(); !done || same) return done;
  }
  Work work(store.core(), Work::Access::write);
  const Policy& policy = store.core().policy;
  AuditRecord record("configuration");
  record.text("sha256", sha256).number("confirmations", policy.confirmations);
  append_audit(work, record.text("one_person", policy.one_person ? "yes" : "no"));
  Query update(work, "UPDATE meta SET configuration = ?");
  update.text(sha256).run();
  return work.finish();
}

Result<std::string> noted_configuration(Store& store) {
  Work work(store.core(), Work::Access::read);
  std::string digest;
  {
    Query query(work, "SELECT configuration FROM meta");
    if (query.next()) digest = query.text_at(0);
  }
  return work.finish(std::move(digest));
}

Result<std::string> audit_words(std::string_view option, std::string_view words) {
  const std::string_view trimmed = trim(words);
  if (trimmed.empty())
    return fail(ErrorCode::usage, fmt::format("{} must not be empty: it stands in the audit log", option));
  if (trimmed.size() > kLongestWords)
    return fail(ErrorCode::usage, fmt::format("{} is longer than {} bytes", option, kLongestWords));
  if (!valid_utf8(trimmed) || escape_for_terminal(trimmed) != trimmed)
    return fail(ErrorCode::usage, fmt::format("{} holds control or invisible characters", option));
  return std::string(trimmed);
}

}  // namespace hw::db
