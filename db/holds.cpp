#include "db/holds.h"

#include <set>

#include "db/erasures.h"
#include "db/rows.h"

namespace hw::db {
namespace {

using Rows = std::set<std::int64_t>;

std::vector<Token> hold_tokens(Work& work, const HoldSubject& subject) {
  std::vector<Token> tokens;
  if (!subject.post.empty()) tokens.push_back(work.tokens().hold(subject.post));
  for (const Token& trace : subject.traces) tokens.push_back(work.tokens().hold(trace));
  return tokens;
}

void collect(Work& work, Rows& into, std::string_view sql, const Token& token) {
  Query query(work, sql);
  query.blob(token);
  while (query.next()) into.insert(query.number_at(0));
}

void collect(Work& work, Rows& into, std::string_view sql, std::int64_t row) {
  Query query(work, sql);
  query.number(row);
  while (query.next()) into.insert(query.number_at(0));
}

Rows hits_of(Work& work, const HoldSubject& subject) {
  Rows hits;
  collect(work, hits, "SELECT hit FROM hit WHERE post = ?", subject.post);
  for (const Token& trace : subject.traces) collect(work, hits, "SELECT hit FROM hit_trace WHERE token = ?", trace);
  return hits;
}

Rows bans_of(Work& work, const HoldSubject& subject) {
  Rows bans;
  constexpr std::string_view kBans = "SELECT ban FROM ban_token WHERE token = ? AND side = 2";
  for (const Token& trace : subject.traces) collect(work, bans, kBans, trace);
  return bans;
}

void withhold(Work& work, RecordKind kind, std::int64_t owner, const Token& token) {
  Query insert(work, "INSERT INTO withheld(kind, owner, token, day, since) VALUES (?, ?, ?, ?, ?)");
  insert.number(static_cast<std::int64_t>(kind)).number(owner).blob(work.tokens().hold(token));
  insert.number(work.core().today()).blob(concealed_now(work)).run();
}

Token token_of(Work& work, std::string_view sql, std::int64_t row) {
  Query query(work, sql);
  return query.number(row).next() ? query.blob_at(0) : Token{};
}

}  // namespace

bool is_concerned(Work& work, const HoldSubject& subject) {
  Query held(work, "SELECT 1 FROM hold_token WHERE token = ?");
  for (const Token& token : hold_tokens(work, subject)) {
    if (held.blob(token).next()) return true;
    held.rewind();
  }
  return false;
}

bool is_held(Work& work, const HoldSubject& subject) {
  if (is_concerned(work, subject)) return true;
  if (subject.post.empty()) return false;
  Query itself(work, "SELECT 1 FROM held WHERE token = ?1 UNION ALL SELECT 1 FROM withheld WHERE token = ?1");
  return itself.blob(work.tokens().hold(subject.post)).next();
}

bool withdraw_hit(Work& work, std::int64_t hit) {
  const Token post = token_of(work, "SELECT post FROM hit WHERE hit = ?", hit);
  if (post.empty()) return false;
  withhold(work, RecordKind::hit, hit, post);
  remove_hit_row(work, hit);
  return true;
}

bool withdraw_ban(Work& work, std::int64_t ban) {
  const Token event = token_of(work, "SELECT event FROM ban WHERE ban = ?", ban);
  if (event.empty()) return false;
  withhold(work, RecordKind::ban, ban, event);
  remove_ban_row(work, ban);
  return true;
}

namespace {

// Every hit and ban that a hold of the subject concerns; gives the handle rows that lost one.
std::vector<std::int64_t> withdraw(Work& work, const HoldSubject& subject) {
  Rows handles;
  for (const std::int64_t hit : hits_of(work, subject)) {
    collect(work, handles, "SELECT handle FROM advert WHERE hit = ?", hit);
    withdraw_hit(work, hit);
  }
  for (const std::int64_t ban : bans_of(work, subject)) withdraw_ban(work, ban);
  return {handles.begin(), handles.end()};
}

}  // namespace

std::vector<std::int64_t> place_hold(Work& work, const HoldSubject& subject) {
  const Token origin = work.tokens().hold(subject.post);
  Query insert(work, "INSERT INTO hold_token(token, origin) VALUES (?, ?) ON CONFLICT DO NOTHING");
  for (const Token& token : hold_tokens(work, subject))
    if (insert.blob(token).blob(origin).run_changes() > 0) note_erasure(work, ErasureKind::hold, token, origin);
  return withdraw(work, subject);
}

void lift_hold(Work& work, const HoldSubject& subject) {
  Query lift(work, "DELETE FROM hold_token WHERE origin = ?");
  lift.blob(work.tokens().hold(subject.post)).run();
  note_erasure(work, ErasureKind::lift, {}, work.tokens().hold(subject.post));
  Query older(work, "DELETE FROM hold_token WHERE token = ? AND origin = x''");
  for (const Token& token : hold_tokens(work, subject)) older.blob(token).run();
}

bool is_released(Work& work, const Token& post, const Token& version) {
  Query query(work, "SELECT 1 FROM released WHERE token = ? AND version = ?");
  return query.blob(work.tokens().hold(post)).blob(version).next();
}

HoldSubject subject_of(const TokenKey& tokens, const Judged& judged) {
  HoldSubject subject;
  subject.post = tokens.post(judged.post.platform, judged.post.id);
  for (const HandleFound& found : judged.verdict.handles)
    subject.traces.push_back(tokens.trace(tokens.handle(found.messenger, found.handle)));
  for (const Token& name : tokens.held_account({judged.post.platform, judged.post.author_id, judged.post.author}))
    subject.traces.push_back(tokens.trace(name));
  return subject;
}

std::size_t place_holds_of(Work& work, const std::vector<ForeignHold>& holds) {
  std::set<Token> fresh;
  Query insert(work, "INSERT INTO hold_token(token, origin) VALUES (?, ?) ON CONFLICT DO NOTHING");
  for (const ForeignHold& hold : holds)
    if (insert.blob(hold.token).blob(hold.origin).run_changes() > 0) {
      note_erasure(work, ErasureKind::hold, hold.token, hold.origin);
      fresh.insert(hold.token);
    }
  if (fresh.empty()) return 0;
  std::vector<HoldSubject> concerned;
  const auto look = [&](std::string_view sql, auto subject) {
    Query query(work, sql);
    while (query.next())
      if (fresh.contains(work.tokens().hold(query.blob_at(0)))) concerned.push_back(subject(query.blob_at(0)));
  };
  look("SELECT DISTINCT token FROM hit_trace", [](Token trace) { return HoldSubject{{}, {std::move(trace)}}; });
  look("SELECT token FROM ban_token WHERE side = 2", [](Token trace) { return HoldSubject{{}, {std::move(trace)}}; });
  look("SELECT post FROM hit", [](Token post) { return HoldSubject{std::move(post), {}}; });
  for (const HoldSubject& subject : concerned) withdraw(work, subject);
  return fresh.size();
}

HoldSubject subject_of_hit(Work& work, std::int64_t hit) {
  HoldSubject subject;
  subject.post = token_of(work, "SELECT post FROM hit WHERE hit = ?", hit);
  Query traces(work, "SELECT token FROM hit_trace WHERE hit = ?");
  traces.number(hit);
  while (traces.next()) subject.traces.push_back(traces.blob_at(0));
  return subject;
}

}  // namespace hw::db
