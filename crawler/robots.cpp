#include "crawler/robots.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "common/text.h"

namespace hw::crawler {
namespace {

struct Line {
  std::string_view key;
  std::string_view value;
  int number;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool unreserved(unsigned char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

// §2.2.2: octets outside ASCII are compared percent-encoded, and what was encoded without need is decoded.
void append_normalised(std::string& out, std::string_view text, std::size_t& at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  const int high = byte == '%' && at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
  const int low = high >= 0 ? hex_digit(text[at + 2]) : -1;
  if (low >= 0) {
    const auto decoded = static_cast<unsigned char>(high * 16 + low);
    if (unreserved(decoded))
      out += static_cast<char>(decoded);
    else
      out += fmt::format("%{:02X}", decoded);
    at += 3;
    return;
  }
  if (byte >= 0x80 || byte <= 0x20)
    out += fmt::format("%{:02X}", byte);
  else
    out += text[at];
  ++at;
}

std::string normalised_pattern(std::string_view text) {
  std::string out;
  if (text.front() != '/' && text.front() != '*') out = "/";  // what its author meant
  for (std::size_t at = 0; at < text.size();) append_normalised(out, text, at);
  return out;
}

// §2.2.3: in an address '*' and '$' are themselves, which a pattern writes %2A and %24.
std::string normalised_target(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '*' || text[at] == '$')
      out += text[at++] == '*' ? "%2A" : "%24";
    else
      append_normalised(out, text, at);
  }
  return out;
}

// Key and value without comment and blanks; a file whose author forgot the colon is understood.
std::optional<Line> read_line(std::string_view text, int number) {
  text = trim(text.substr(0, text.find('#')));
  auto separator = text.find(':');
  if (separator == std::string_view::npos) separator = text.find_first_of(" \t");
  if (separator == std::string_view::npos) return std::nullopt;
  return Line{trim(text.substr(0, separator)), trim(text.substr(separator + 1)), number};
}

// §2.2.1: the product token is letters, '-' and '_'; a version after it does not count.
std::string_view token_of(std::string_view value) {
  if (value == "*" || value.starts_with("* ") || value.starts_with("*\t")) return "*";
  std::size_t end = 0;
  while (end < value.size()) {
    const char lower = static_cast<char>(value[end] | 0x20);
    if (!(lower >= 'a' && lower <= 'z') && value[end] != '-' && value[end] != '_') break;
    ++end;
  }
  return value.substr(0, end);
}

std::optional<Duration> read_crawl_delay(std::string_view value) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error != std::errc{} || !(seconds >= 0)) return std::nullopt;
  constexpr double kMostSeconds = 86400;
  return Duration(static_cast<std::int64_t>(std::min(seconds, kMostSeconds) * 1000));
}

// Two groups are gathered at once, the product's own and everybody's: which one counts is known only at the end.
class Builder {
 public:
  explicit Builder(std::string_view product) : product_(product) {}

  void take(const Line& line) {
    if (equals_ignoring_case(line.key, "user-agent")) return name_agent(line.value);
    if (equals_ignoring_case(line.key, "allow")) return add_rule(RobotsVerb::allow, line);
    if (equals_ignoring_case(line.key, "disallow")) return add_rule(RobotsVerb::disallow, line);
    if (equals_ignoring_case(line.key, "crawl-delay")) return add_delay(line.value);
    if (equals_ignoring_case(line.key, "sitemap") && !line.value.empty()) sitemaps_.emplace_back(line.value);
  }

  Robots finish() {
    Robots& chosen = named_ ? own_ : everybody_;
    chosen.sitemaps = std::move(sitemaps_);
    return std::move(chosen);
  }

 private:
  void name_agent(std::string_view value) {
    if (rules_seen_) in_own_ = in_everybody_ = rules_seen_ = false;
    const std::string_view token = token_of(value);
    in_everybody_ |= token == "*";
    in_own_ |= equals_ignoring_case(token, product_);
    named_ |= in_own_;
  }

  void add_rule(RobotsVerb verb, const Line& line) {
    rules_seen_ = true;
    if (line.value.empty()) return;  // "Disallow:" forbids nothing
    if (in_own_) own_.rules.push_back({verb, normalised_pattern(line.value), line.number});
    if (in_everybody_) everybody_.rules.push_back({verb, normalised_pattern(line.value), line.number});
  }

  void add_delay(std::string_view value) {
    const auto delay = read_crawl_delay(value);
    if (!delay) return;
    if (in_own_) own_.crawl_delay = std::max(own_.crawl_delay.value_or(*delay), *delay);
    if (in_everybody_) everybody_.crawl_delay = std::max(everybody_.crawl_delay.value_or(*delay), *delay);
  }

  std::string_view product_;
  Robots own_;
  Robots everybody_;
  std::vector<std::string> sitemaps_;
  bool in_own_ = false;
  bool in_everybody_ = false;
  bool rules_seen_ = false;  // a user-agent line after rules begins a new group
  bool named_ = false;
};

// The pieces between the stars are sought from left to right, each at its first place: since a star takes anything, a
// later place never helps. memmem is linear, so a hostile pattern costs no more than its length.
bool matches(std::string_view pattern, std::string_view target) {
  const bool anchored = pattern.ends_with('$');
  if (anchored) pattern.remove_suffix(1);
  const auto star = pattern.find('*');
  const std::string_view head = pattern.substr(0, star);
  if (!target.starts_with(head)) return false;
  target.remove_prefix(head.size());
  if (star == std::string_view::npos) return !anchored || target.empty();
  pattern.remove_prefix(star + 1);
  for (auto next = pattern.find('*'); next != std::string_view::npos; next = pattern.find('*')) {
    const std::string_view piece = pattern.substr(0, next);
    const void* found = ::memmem(target.data(), target.size(), piece.data(), piece.size());
    if (found == nullptr) return false;
    target.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(found) - target.data()) + piece.size());
    pattern.remove_prefix(next + 1);
  }
  if (anchored) return target.ends_with(pattern);
  return ::memmem(target.data(), target.size(), pattern.data(), pattern.size()) != nullptr;
}

// §2.2.2: the most specific match wins, by octets; where they are equal, allow.
bool outranks(const RobotsRule& rule, const RobotsRule* best) {
  if (best == nullptr) return true;
  if (rule.pattern.size() != best->pattern.size()) return rule.pattern.size() > best->pattern.size();
  return rule.verb == RobotsVerb::allow && best->verb == RobotsVerb::disallow;
}

}  // namespace

Robots parse_robots(std::string_view body, std::string_view product) {
  body = body.substr(0, kMostRobotsBytes);
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  Builder builder(product);
  for (int number = 1; !body.empty(); ++number) {
    const auto end = body.find_first_of("\r\n");
    if (const auto line = read_line(body.substr(0, end), number)) builder.take(*line);
    if (end == std::string_view::npos) break;
    body.remove_prefix(end + (body.substr(end, 2) == "\r\n" ? 2 : 1));
  }
  return builder.finish();
}

RobotsDecision judge(const Robots& robots, std::string_view target) {
  const std::string wanted = normalised_target(target);
  if (wanted == "/robots.txt") return {};  // §2.2.2: implicitly allowed
  const RobotsRule* best = nullptr;
  for (const RobotsRule& rule : robots.rules)
    if (outranks(rule, best) && matches(rule.pattern, wanted)) best = &rule;
  if (best == nullptr) return {};
  const bool allowed = best->verb == RobotsVerb::allow;
  return {allowed, fmt::format("{}: {}", allowed ? "Allow" : "Disallow", best->pattern), best->line};
}

}  // namespace hw::crawler
