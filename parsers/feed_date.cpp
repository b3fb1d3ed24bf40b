#include <charconv>

#include "common/text.h"
#include "parsers/feed.h"

namespace hw::parsers::feed {
namespace {

bool shaped_like(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == '0' ? !digit : text[i] != shape[i]) return false;
  }
  return true;
}

// "2003-12-31T10:14" as far as it goes, completed to what RFC 3339 demands; the zone is kept apart.
std::string completed(std::string_view local) {
  const std::string text(local);
  if (shaped_like(local, "0000")) return text + "-01-01T00:00:00";
  if (shaped_like(local, "0000-00")) return text + "-01T00:00:00";
  if (shaped_like(local, "0000-00-00")) return text + "T00:00:00";
  if (shaped_like(local, "0000-00-00T00:00") || shaped_like(local, "0000-00-00 00:00")) return text + ":00";
  if (shaped_like(local, "00000000"))
    return text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6) + "T00:00:00";
  return text;
}

// Where the zone begins: 'Z', or a sign after the time of day.
std::size_t zone_in(std::string_view text) {
  const std::size_t time = text.find(':');
  if (time == std::string_view::npos) return text.size();
  const std::size_t zone = text.find_first_of("Zz+-", time);
  return zone == std::string_view::npos ? text.size() : zone;
}

}  // namespace

std::optional<Time> read_date(std::string_view text) {
  text = trim(text).substr(0, 100);
  if (text.empty()) return std::nullopt;
  const std::size_t at = zone_in(text);
  const std::string_view zone = at == text.size() ? std::string_view("Z") : text.substr(at);
  if (const auto time = parse_rfc3339(completed(trim(text.substr(0, at))) + std::string(zone))) return time;
  return parse_http_date(text);
}

}  // namespace hw::parsers::feed
