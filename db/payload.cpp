#include "db/payload.h"

#include <charconv>

#include "common/json.h"

namespace hw::db {
namespace {

tl::unexpected<Error> unreadable() {
  return fail(ErrorCode::tampered, "a sealed record opens and does not hold what this handlewatch writes");
}

}  // namespace

std::string pack(std::initializer_list<std::string_view> fields) {
  std::string bytes;
  for (const std::string_view field : fields) {
    bytes += std::to_string(field.size());
    bytes += ':';
    bytes += field;
  }
  return bytes;
}

Result<std::vector<std::string>> unpack(std::string_view bytes, std::size_t fields) {
  return unpack(bytes, fields, fields);
}

Result<std::vector<std::string>> unpack(std::string_view bytes, std::size_t least, std::size_t most) {
  std::vector<std::string> values;
  while (!bytes.empty()) {
    std::size_t length = 0;
    const char* end = bytes.data() + bytes.size();
    const auto [at, error] = std::from_chars(bytes.data(), end, length);
    if (error != std::errc{} || at == end || *at != ':') return unreadable();
    bytes.remove_prefix(static_cast<std::size_t>(at - bytes.data()) + 1);
    if (length > bytes.size()) return unreadable();
    values.emplace_back(bytes.substr(0, length));
    bytes.remove_prefix(length);
  }
  if (values.size() < least || values.size() > most) return unreadable();
  values.resize(most);
  return values;
}

std::string pack_judged(const Judged& judged) {
  return pack({to_json(judged.post), to_json(judged.verdict), judged.verdict.rules_hash,
               std::to_string(to_millis(judged.seen_at)), judged.post.as_served, judged.capture, judged.page});
}

Result<Judged> unpack_judged(std::string_view bytes) {
  const auto fields = unpack(bytes, 4, 7);
  if (!fields) return tl::unexpected(fields.error());
  auto post = post_from_json((*fields)[0]);
  auto verdict = verdict_from_json((*fields)[1]);
  std::int64_t millis = 0;
  const std::string& seen = (*fields)[3];
  if (!post || !verdict || std::from_chars(seen.data(), seen.data() + seen.size(), millis).ec != std::errc{})
    return unreadable();
  verdict->rules_hash = (*fields)[2];
  post->as_served = (*fields)[4];
  return Judged{std::move(*post), std::move(*verdict), from_millis(millis), (*fields)[5], (*fields)[6]};
}

}  // namespace hw::db
