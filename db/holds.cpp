#include "db/holds.h"

#include <set>

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
  Query insert(work, "INSERT INTO withheld(kind, owner, token, day) VALUES (?, ?, ?, ?)");
  insert.number(static_cast<std::int64_t>(kind))
      .number(owner)
      .blob(work.tokens().hold(token))
      .number(work.core().today())
      .run();
}

Token token_of(Work& work, std::string_view sql, std::int64_t row) {
  Query query(work, sql);
  return query.number(row).next() ? query.blob_at(0) : Token{};
}

}  // namespace

bool is_held(Work& work, const HoldSubject& subject) {
  Query held(work, "SELECT 1 FROM hold_token WHERE token = ?");
  for (const Token& token : hold_tokens(work, subject)) {
    if (held.blob(token).next()) return true;
    held.rewind();
  }
  if (subject.post.empty()) return false;
  Query itself(work, "SELECT 1 FROM held WHERE token = ?1 UNION ALL SELECT 1 FROM withheld WHERE token = ?1");
  return itself.blob(work.tokens().hold(subject.post)).next();
}

std::vector<std::int64_t> place_hold(Work& work, const HoldSubject& subject) {
  Query insert(work, "INSERT INTO hold_token(token) VALUES (?) ON CONFLICT DO NOTHING");
  for (const Token& token : hold_tokens(work, subject)) insert.blob(token).run();
  Rows handles;
  for (const std::int64_t hit : hits_of(work, subject)) {
    collect(work, handles, "SELECT handle FROM advert WHERE hit = ?", hit);
    withhold(work, RecordKind::hit, hit, token_of(work, "SELECT post FROM hit WHERE hit = ?", hit));
    remove_hit_row(work, hit);
  }
  for (const std::int64_t ban : bans_of(work, subject)) {
    withhold(work, RecordKind::ban, ban, token_of(work, "SELECT event FROM ban WHERE ban = ?", ban));
    remove_ban_row(work, ban);
  }
  return {handles.begin(), handles.end()};
}

std::size_t place_holds_of(Work& work, const std::vector<Token>& tokens) {
  std::set<Token> fresh;
  Query insert(work, "INSERT INTO hold_token(token) VALUES (?) ON CONFLICT DO NOTHING");
  for (const Token& token : tokens)
    if (insert.blob(token).run_changes() > 0) fresh.insert(token);
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
  for (const HoldSubject& subject : concerned) place_hold(work, subject);
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
