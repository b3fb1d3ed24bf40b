#include "db/releases.h"

#include <charconv>

#include <fmt/format.h>
#include <sodium.h>

#include "common/text.h"
#include "db/audit_writer.h"
#include "db/ban_taking.h"
#include "db/erased.h"
#include "db/erasures.h"
#include "db/holds.h"
#include "db/payload.h"
#include "db/recorder.h"
#include "db/referral_rows.h"
#include "db/vault.h"

namespace hw::db {
namespace {

std::string digest_of_note(Work& work, std::int64_t note) {
  Query query(work, "SELECT nonce, body FROM sealed WHERE kind = ? AND owner = ?");
  if (!query.number(static_cast<std::int64_t>(RecordKind::referral_note)).number(note).next()) return {};
  const std::string bytes = query.blob_at(0) + query.blob_at(1);
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return to_hex(digest);
}

// The reason as the log wants it.
Result<ReferralAct> checked(const ReferralAct& act) {
  const auto reason = audit_words("--reason", act.reason);
  if (!reason) return tl::unexpected(reason.error());
  ReferralAct fit{act.held, *reason};
  if (fit.reason.empty()) return fail(ErrorCode::usage, "--reason must say why");
  return fit;
}

HoldSubject subject_of(const TokenKey& tokens, const Referral& referral) {
  if (referral.judged) return subject_of(tokens, *referral.judged);
  const auto ban = ban_from_json(referral.ban);
  return ban ? subject_of(tokens, *ban) : HoldSubject{};
}

void erase_held(Work& work, const HeldRow& row) {
  erase_records(work, row.kind, row.held);
  Query gone(work, "DELETE FROM held WHERE held = ?");
  gone.number(row.held).run();
}

Token held_version(Work& work, const HeldRow& row, const Referral& referral) {
  return row.version.value_or(version_of(work.tokens(), *referral.judged));
}

void remember_release(Work& work, const HeldRow& row, const Referral& referral) {
  if (!referral.judged) return;
  Query insert(work, "INSERT INTO released(token, version) VALUES (?, ?) ON CONFLICT DO NOTHING");
  insert.blob(row.token).blob(held_version(work, row, referral)).run();
}

// The first of two people only asks. True: this is the second.
bool ask(Work& work, const Person& by, const ReferralAct& act) {
  Query before(work, "SELECT person = ?2 FROM release WHERE held = ?1 ORDER BY 1 DESC");
  bool others = false;
  if (before.number(act.held).text(by.name()).next()) {
    if (before.number_at(0) != 0)
      work.fail({ErrorCode::refused,
                 fmt::format("{} asked to release referral {} already; it takes somebody else", by.name(), act.held)});
    others = true;
  }
  before.rewind();
  Query insert(work, "INSERT INTO release(held, person) VALUES (?, ?) ON CONFLICT DO NOTHING");
  insert.number(act.held).text(by.name()).run();
  return others;
}

bool asked_for_a_hold(Work& work, const HeldRow& row) {
  Query query(work, "SELECT 1 FROM hold_token WHERE origin = ?");
  return query.blob(row.token).next();
}

struct Waiting {
  HeldRow row;
  Referral referral;
  HoldSubject subject;
};

// Every other one in the queue. A store from before holds knew their posts learns them here, from the flags.
std::vector<Waiting> others(Work& work, const Opener& opener, std::int64_t but) {
  std::vector<Waiting> all;
  for (HeldRow& row : held_rows(work, std::nullopt)) {
    if (row.held == but) continue;
    auto referral = open_held(work, opener, row);
    if (!referral) return all;
    HoldSubject subject = subject_of(work.tokens(), *referral);
    const bool flagged = referral->judged && referral->judged->verdict.held();
    if (flagged && !is_released(work, subject.post, held_version(work, row, *referral))) place_hold(work, subject);
    all.push_back({std::move(row), std::move(*referral), std::move(subject)});
  }
  return all;
}

Release lift(Work& work, const Opener& opener, const HeldRow& row, const Referral& referral) {
  Release release{Released::done, 0};
  const std::vector<Waiting> rest = others(work, opener, row.held);
  const HoldSubject subject = subject_of(work.tokens(), referral);
  lift_hold(work, subject);
  remember_release(work, row, referral);
  if (is_concerned(work, subject)) return {Released::still_held, 0};
  erase_held(work, row);
  give_back(work, referral);
  for (const Waiting& waiting : rest) {
    if (work.failed() || asked_for_a_hold(work, waiting.row) || is_concerned(work, waiting.subject)) continue;
    erase_held(work, waiting.row);
    give_back(work, waiting.referral);
    ++release.with_it;
  }
  return release;
}

}  // namespace

void note_act(Work& work, std::string_view action, const Person& by, const ReferralAct& act) {
  Query insert(work, "INSERT INTO referral_note(day) VALUES (?)");
  const std::int64_t note = insert.number(work.core().today()).run_insert();
  put_record(work, {KeyClass::safeguarding, RecordKind::referral_note, note},
             pack({std::to_string(to_millis(work.core().clock.now())), action, by.name(), std::to_string(act.held),
                   act.reason}));
  AuditRecord record("safeguarding");
  append_audit(work, record.number("note", note).text("sealed", digest_of_note(work, note)), by);
}

void give_back(Work& work, const Referral& referral) {
  if (referral.judged) return record_released(work, *referral.judged);
  if (const auto ban = ban_from_json(referral.ban)) take_released_ban(work, *ban);
}

Result<Release> release_referral(Store& store, const Opener& opener, const Person& by, const ReferralAct& wanted) {
  const auto act = checked(wanted);
  if (!act) return tl::unexpected(act.error());
  Work work(store.core(), Work::Access::write);
  require_safeguarding(work, opener);
  if (work.failed()) return tl::unexpected(*work.error());
  const std::vector<HeldRow> rows = held_rows(work, act->held);
  const auto referral = rows.empty() ? std::nullopt : open_held(work, opener, rows.front());
  if (!referral) return tl::unexpected(work.error().value_or(Error{ErrorCode::tampered, "it does not open"}));
  const bool second = ask(work, by, *act);
  note_act(work, "release", by, *act);
  Release release;
  if (second && !work.failed()) release = lift(work, opener, rows.front(), *referral);
  auto done = work.finish(release);
  if (!done) return done;
  if (auto written = write_erasures(store.core()); !written) return tl::unexpected(written.error());
  if (auto emptied = store.core().database.checkpoint(); !emptied) return tl::unexpected(emptied.error());
  return done;
}

Status close_referral(Store& store, const Opener& opener, const Person& by, const ReferralAct& wanted) {
  const auto act = checked(wanted);
  if (!act) return tl::unexpected(act.error());
  Work work(store.core(), Work::Access::write);
  require_safeguarding(work, opener);
  if (work.failed()) return tl::unexpected(*work.error());
  const std::vector<HeldRow> rows = held_rows(work, act->held);
  if (!rows.empty() && !rows.front().read)
    work.fail({ErrorCode::refused,
               fmt::format("nobody has read referral {}; see handlewatch referrals show {}", act->held, act->held)});
  if (work.failed()) return tl::unexpected(*work.error());
  erase_held(work, rows.front());
  note_erasure(work, ErasureKind::referral, rows.front().token);
  remember_erased(work, rows.front().token, work.core().today());
  note_act(work, "close", by, *act);
  if (auto done = work.finish(); !done) return done;
  if (auto written = write_erasures(store.core()); !written) return written;
  return store.core().database.checkpoint();
}

Result<std::vector<ReferralNote>> referral_notes(Store& store, const Opener& opener) {
  Work work(store.core(), Work::Access::read);
  require_safeguarding(work, opener);
  std::vector<ReferralNote> notes;
  Query query(work, "SELECT note FROM referral_note ORDER BY note");
  while (query.next()) {
    const std::int64_t note = query.number_at(0);
    const auto bytes = open_record(work, opener, {KeyClass::safeguarding, RecordKind::referral_note, note});
    const auto fields = bytes ? unpack(*bytes, 5) : Result<std::vector<std::string>>(tl::unexpected(bytes.error()));
    if (!fields) {
      work.fail(fields.error());
      break;
    }
    const auto number = [](const std::string& text) {
      std::int64_t value = 0;
      std::from_chars(text.data(), text.data() + text.size(), value);
      return value;
    };
    notes.push_back(
        {note, from_millis(number((*fields)[0])), (*fields)[1], (*fields)[2], number((*fields)[3]), (*fields)[4]});
  }
  return work.finish(std::move(notes));
}

}  // namespace hw::db
