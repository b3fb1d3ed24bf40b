#include "db/likeness.h"

#include <bit>
#include <charconv>
#include <set>

#include "db/link_sql.h"

namespace hw::db {
namespace {

constexpr std::int64_t kCandidatesPerBand = 16;
constexpr std::size_t kMostPairs = 16;  // of one hit; a template that is posted a thousand times still hangs together

std::uint64_t band(std::uint64_t bits, int number) {
  constexpr int kBits = 64 / kLikenessBands;
  return (bits >> (number * kBits)) & ((std::uint64_t{1} << kBits) - 1);
}

std::set<std::int64_t> candidates(Work& work, std::uint64_t bits) {
  std::set<std::int64_t> hits;
  Query query(work, sql::kSameBand);
  for (int i = 0; i < kLikenessBands; ++i) {
    query.blob(work.tokens().likeness(i, band(bits, i))).number(kCandidatesPerBand);
    while (query.next()) hits.insert(query.number_at(0));
    query.rewind();
  }
  return hits;
}

std::optional<std::uint64_t> bits_of(Work& work, std::int64_t hit) {
  Query query(work, "SELECT bits FROM likeness WHERE hit = ?");
  if (!query.number(hit).next()) return std::nullopt;
  const auto text = work.tokens().reveal(query.blob_at(0));
  std::uint64_t bits = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), bits).ec != std::errc{}) return std::nullopt;
  return bits;
}

void write_pair(Work& work, std::int64_t hit, std::int64_t other, int distance) {
  Query insert(work, "INSERT INTO alike(hit, other, distance) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  insert.number(hit).number(other).number(distance).run();
  insert.number(other).number(hit).number(distance).run();
}

}  // namespace

void write_likeness(Work& work, std::int64_t hit, std::uint64_t bits) {
  std::size_t pairs = 0;
  const std::set<std::int64_t> found = candidates(work, bits);
  for (auto other = found.rbegin(); other != found.rend() && pairs < kMostPairs; ++other) {
    const auto theirs = bits_of(work, *other);
    const int distance = theirs ? std::popcount(bits ^ *theirs) : 64;
    if (distance > kMostBitsApart) continue;
    write_pair(work, hit, *other, distance);
    ++pairs;
  }
  Query insert(work, "INSERT INTO likeness(hit, bits) VALUES (?, ?)");
  insert.number(hit).blob(work.tokens().conceal(std::to_string(bits))).run();
  Query file(work, "INSERT INTO likeness_band(token, hit) VALUES (?, ?)");
  for (int i = 0; i < kLikenessBands; ++i) file.blob(work.tokens().likeness(i, band(bits, i))).number(hit).run();
}

void forget_likeness(Work& work, std::int64_t hit) {
  for (const std::string_view sql : {"DELETE FROM likeness WHERE hit = ?", "DELETE FROM likeness_band WHERE hit = ?",
                                     "DELETE FROM alike WHERE hit = ?", "DELETE FROM alike WHERE other = ?"}) {
    Query query(work, sql);
    query.number(hit).run();
  }
}

}  // namespace hw::db
