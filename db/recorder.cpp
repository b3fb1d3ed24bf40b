#include "db/recorder.h"

#include <algorithm>
#include <map>

#include "common/json.h"
#include "db/counts.h"
#include "db/holds.h"
#include "db/likeness.h"
#include "db/media.h"
#include "db/payload.h"
#include "db/rows.h"
#include "db/sighting_writer.h"
#include "db/vault.h"

namespace hw::db {
namespace {

constexpr std::size_t kMostRevisions = 20;  // of one post that somebody keeps editing

// A hit on its way into the store: what is sealed and the tokens that stand for it.
struct Candidate {
  const Judged& judged;
  Token post;
  Token content;
  Token verdict;
  std::map<Token, const HandleFound*> adverts;
  HoldSubject subject;
  std::string payload;
};

Candidate candidate_of(const TokenKey& tokens, const Judged& judged, const Token& content) {
  const Post& post = judged.post;
  Candidate candidate{judged,
                      tokens.post(post.platform, post.id),
                      content,
                      tokens.verdict(to_json(judged.verdict), judged.verdict.rules_hash),
                      {},
                      subject_of(tokens, judged),
                      pack_judged(judged)};
  for (const HandleFound& found : judged.verdict.handles)
    if (found.intent == Intent::advertised)
      candidate.adverts.emplace(tokens.handle(found.messenger, found.handle), &found);
  return candidate;
}

// What the store knows of the post already.
struct KnownHit {
  std::int64_t hit = 0;
  Token content;
  Token judged;
  std::int64_t revision = 0;
  std::optional<std::int64_t> account;
};

std::optional<KnownHit> find_hit(Work& work, const Token& post) {
  Query query(work, "SELECT hit, content, judged, revision, account FROM hit WHERE post = ?");
  if (!query.blob(post).next()) return std::nullopt;
  return KnownHit{query.number_at(0), query.blob_at(1), query.blob_at(2), query.number_at(3), query.maybe_at(4)};
}

bool do_not_raise(Work& work, const Candidate& candidate) {
  Query query(work, "UPDATE do_not_raise SET day = ? WHERE token = ?");
  return query.number(work.core().today())
             .blob(work.tokens().do_not_raise(candidate.post, candidate.content))
             .run_changes() > 0;
}

std::string joined_flags(const Verdict& verdict) {
  std::string flags;
  for (const Flag flag : verdict.flags) {
    if (!flags.empty()) flags += ',';
    flags += to_string(flag);
  }
  return flags;
}

void write_rules(Work& work, std::int64_t hit, const Verdict& verdict) {
  Query forget(work, "DELETE FROM hit_rule WHERE hit = ?");
  forget.number(hit).run();
  Query insert(work, "INSERT INTO hit_rule(hit, rule) VALUES (?, ?) ON CONFLICT DO NOTHING");
  for (const RuleFired& rule : verdict.rules) insert.number(hit).text(rule.id).run();
}

void write_links(Work& work, std::int64_t hit, std::optional<std::int64_t> account, const Candidate& candidate) {
  Query trace(work, "INSERT INTO hit_trace(token, hit) VALUES (?, ?) ON CONFLICT DO NOTHING");
  for (const Token& token : candidate.subject.traces) trace.blob(token).number(hit).run();
  const BannedUntil until = account ? banned_until(work, *account) : BannedUntil{};
  Query advert(work, R"(INSERT INTO advert(hit, handle, account, platform, banned_until, others_until)
      VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING)");
  for (const auto& [token, found] : candidate.adverts) {
    const std::int64_t handle = handle_row(work, token, found->messenger, found->handle);
    advert.number(hit).number(handle).maybe(account).text(candidate.judged.post.platform);
    advert.number(until.anybody).number(until.others).run();
  }
}

void seal_hit(Work& work, std::int64_t hit, std::int64_t revision, const Candidate& candidate) {
  put_record(work, {KeyClass::review, RecordKind::hit, hit, revision}, candidate.payload);
}

void insert_hit(Work& work, const Candidate& candidate) {
  const Post& post = candidate.judged.post;
  const Verdict& verdict = candidate.judged.verdict;
  const Time seen_at = candidate.judged.seen_at;
  const auto account = account_row(work, post);
  const std::int64_t day = day_number(seen_at);
  Query insert(
      work,
      R"(INSERT INTO hit(post, content, judged, account, platform, source, band, flags, day, last_day, touched_day)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))");
  insert.blob(candidate.post).blob(candidate.content).blob(candidate.verdict).maybe(account).text(post.platform);
  insert.text(post.source).number(static_cast<std::int64_t>(verdict.band)).text(joined_flags(verdict));
  const std::int64_t hit = insert.number(day).number(day).number(work.core().today()).run_insert();
  write_rules(work, hit, verdict);
  write_links(work, hit, account, candidate);
  seal_hit(work, hit, 1, candidate);
  if (candidate.judged.likeness) write_likeness(work, hit, *candidate.judged.likeness);
}

bool has_review(Work& work, std::int64_t hit, std::string_view condition) {
  const std::string sql = "SELECT 1 FROM review WHERE hit = ? AND " + std::string(condition);
  Query query(work, sql);
  return query.number(hit).next();
}

std::vector<std::int64_t> advertised(Work& work, std::int64_t hit) {
  std::vector<std::int64_t> handles;
  Query query(work, "SELECT handle FROM advert WHERE hit = ?");
  query.number(hit);
  while (query.next()) handles.push_back(query.number_at(0));
  return handles;
}

// The links of the earlier version go, and with them what people said of it.
void forget_links(Work& work, std::int64_t hit) {
  for (const std::string_view sql : {"DELETE FROM advert WHERE hit = ?", "DELETE FROM hit_trace WHERE hit = ?",
                                     "DELETE FROM review WHERE hit = ?"}) {
    Query query(work, sql);
    query.number(hit).run();
  }
}

// An author must not be able to edit away what people relied on: once somebody confirmed, kept or disputed the hit,
// earlier versions, their handles and the account stay beside the new one. A mere rejection was of words that are gone.
bool is_relied_on(Work& work, const KnownHit& known, bool same_content) {
  return has_review(work, known.hit, same_content ? "TRUE" : "verdict IN ('confirmed', 'seed')");
}

void make_room(Work& work, const KnownHit& known, bool same_content, bool relied_on) {
  if (!relied_on) forget_links(work, known.hit);
  if (!relied_on && !same_content) return erase_records(work, RecordKind::hit, known.hit);
  if (same_content || revisions_of(work, RecordKind::hit, known.hit).size() >= kMostRevisions)
    erase_revision(work, RecordKind::hit, known.hit, known.revision);
}

void update_hit(Work& work, const KnownHit& known, const Candidate& candidate) {
  const Post& post = candidate.judged.post;
  const Verdict& verdict = candidate.judged.verdict;
  const Time seen_at = candidate.judged.seen_at;
  const bool same_content = known.content == candidate.content;
  const bool relied_on = is_relied_on(work, known, same_content);
  const std::vector<std::int64_t> handles = advertised(work, known.hit);
  make_room(work, known, same_content, relied_on);
  const auto account = relied_on && known.account ? known.account : account_row(work, post);
  Query update(work,
               R"(UPDATE hit SET content = ?, judged = ?, revision = ?, account = ?, source = ?, band = ?, flags = ?,
      last_day = MAX(last_day, ?), touched_day = ? WHERE hit = ?)");
  update.blob(candidate.content).blob(candidate.verdict).number(known.revision + 1).maybe(account).text(post.source);
  update.number(static_cast<std::int64_t>(verdict.band)).text(joined_flags(verdict)).number(day_number(seen_at));
  update.number(work.core().today()).number(known.hit).run();
  if (!same_content) note_sighting(work, known.hit, Sighting::edited, seen_at);
  write_rules(work, known.hit, verdict);
  write_links(work, known.hit, account, candidate);
  seal_hit(work, known.hit, known.revision + 1, candidate);
  forget_likeness(work, known.hit);
  if (candidate.judged.likeness) write_likeness(work, known.hit, *candidate.judged.likeness);
  remove_orphans(work, handles, known.account);
  for (const std::int64_t handle : handles) recount_handle(work, handle);
  recount_hit(work, known.hit);
}

void touch_hit(Work& work, std::int64_t hit, Time seen_at) {
  Query update(work, "UPDATE hit SET last_day = ?1 WHERE hit = ?2 AND last_day < ?1");
  update.number(day_number(seen_at)).number(hit).run();
}

// True where the handles and the words all stand in the author's profile, which is the same beside each of their posts.
bool is_of_profile(const Verdict& verdict) {
  const auto in_profile = [](std::string_view field) { return field.starts_with("author_"); };
  return std::all_of(
             verdict.handles.begin(), verdict.handles.end(),
             [&](const auto& found) { return found.intent != Intent::advertised || in_profile(found.field); }) &&
         std::all_of(verdict.rules.begin(), verdict.rules.end(),
                     [&](const auto& rule) { return rule.weight <= 0 || in_profile(rule.field); });
}

// A profile is raised with the first post that it stands beside; with the others that hit is seen again. True: it was.
bool touch_profile(Work& work, const Candidate& candidate) {
  const Post& post = candidate.judged.post;
  const std::vector<Token> met = work.tokens().met({post.platform, post.author_id, post.author});
  if (met.empty() || candidate.adverts.empty() || !is_of_profile(candidate.judged.verdict)) return false;
  std::vector<std::int64_t> hits;
  for (const auto& [token, found] : candidate.adverts) {
    Query find(work, R"(SELECT max(advert.hit) FROM handle JOIN advert USING (handle) JOIN account USING (account)
        JOIN hit USING (hit) WHERE handle.token = ? AND account.identity = ? AND hit.band >= ?)");
    find.blob(token).blob(met[0]).number(static_cast<std::int64_t>(candidate.judged.verdict.band));
    const auto hit = find.next() ? find.maybe_at(0) : std::nullopt;
    if (!hit) return false;
    hits.push_back(*hit);
  }
  for (const std::int64_t hit : hits) touch_hit(work, hit, candidate.judged.seen_at);
  return true;
}

// Handles that are exempt are not raised; true where a post advertises no other.
bool drop_exempt(Work& work, Candidate& candidate) {
  const std::size_t before = candidate.adverts.size();
  Query query(work, "SELECT 1 FROM exempt WHERE token = ?");
  std::erase_if(candidate.adverts, [&](const auto& advert) {
    const bool exempt = query.blob(advert.first).next();
    query.rewind();
    return exempt;
  });
  return before > 0 && candidate.adverts.empty();
}

// True: it went to safeguarding, and there is no more to do.
bool hold_back(Work& work, const Candidate& candidate) {
  const Token version = work.tokens().version(candidate.content, candidate.verdict);
  const bool flagged = candidate.judged.verdict.held() && !is_released(work, candidate.post, version);
  if (flagged) place_hold(work, candidate.subject);
  if (!flagged && !is_held(work, candidate.subject)) return false;
  queue_held(work, RecordKind::held_hit, work.tokens().hold(candidate.post), version, candidate.payload);
  return true;
}

void record_for_review(Work& work, Candidate& candidate, Recorded& recorded) {
  if (drop_exempt(work, candidate)) {
    ++recorded.suppressed;
    return;
  }
  const auto known = find_hit(work, candidate.post);
  if (known && known->content == candidate.content && known->judged == candidate.verdict) {
    touch_hit(work, known->hit, candidate.judged.seen_at);
    ++recorded.known;
  } else if (known) {
    update_hit(work, *known, candidate);
    ++recorded.updated;
  } else if (do_not_raise(work, candidate)) {
    ++recorded.suppressed;
  } else if (touch_profile(work, candidate)) {
    ++recorded.known;
  } else {
    insert_hit(work, candidate);
    ++recorded.fresh;
  }
}

}  // namespace

Token version_of(const TokenKey& tokens, const Judged& judged) {
  return tokens.version(tokens.content(judged.post),
                        tokens.verdict(to_json(judged.verdict), judged.verdict.rules_hash));
}

void record_released(Work& work, const Judged& judged) {
  Recorded ignored;
  Candidate candidate = candidate_of(work.tokens(), judged, work.tokens().content(judged.post));
  record_for_review(work, candidate, ignored);
}

void queue_held(Work& work, RecordKind kind, const Token& held_token, const std::optional<Token>& version,
                std::string_view payload, const std::optional<std::string>& since) {
  const std::string waits_since = since ? *since : concealed_now(work);
  const std::int64_t day = day_number(revealed_time(work, waits_since).value_or(work.core().clock.now()));
  std::int64_t held = 0;
  std::int64_t revision = 1;
  {
    Query find(work, "SELECT held, revision, version FROM held WHERE token = ?");
    if (find.blob(held_token).next()) {
      if (version && find.blob_at(2) == *version) return;
      held = find.number_at(0);
      revision = find.number_at(1) + 1;
    }
  }
  if (held == 0) {
    Query insert(work, "INSERT INTO held(kind, token, version, revision, day, since) VALUES (?, ?, ?, ?, ?, ?)");
    insert.number(static_cast<std::int64_t>(kind)).blob(held_token).maybe_blob(version).number(revision);
    held = insert.number(day).blob(waits_since).run_insert();
  } else {
    // A further version has to be read too; what was waiting goes on waiting since it came.
    Query update(work, R"(UPDATE held SET version = ?1, revision = ?2, since = IIF(read, ?3, since),
        day = IIF(read, ?4, day), read = 0 WHERE held = ?5)");
    update.maybe_blob(version).number(revision).blob(waits_since).number(day).number(held).run();
  }
  put_record(work, {KeyClass::safeguarding, kind, held, revision}, payload);
}

void record_post(Work& work, const Judged& judged, Recorded& recorded) {
  const Token content = work.tokens().content(judged.post);
  Query fingerprint(work, "INSERT INTO fingerprint(token, day) VALUES (?, ?) ON CONFLICT DO NOTHING");
  fingerprint.blob(work.tokens().fingerprint(judged.post, judged.verdict.rules_hash)).number(work.core().today()).run();
  if (!judged.verdict.hit()) return;
  Judged kept = judged;
  cut_media(kept.post, kept.verdict);
  Candidate candidate = candidate_of(work.tokens(), kept, content);
  if (hold_back(work, candidate))
    ++recorded.held;
  else
    record_for_review(work, candidate, recorded);
}

}  // namespace hw::db
