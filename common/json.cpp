#include "common/json.h"

#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/post_reader.h"
#include "common/text.h"

namespace hw {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> kStates{"live", "edited", "deleted"};

Result<json> parse_object(std::string_view line) {
  json value = json::parse(line, nullptr, false);
  if (value.is_discarded()) value = json::parse(mend_json(line), nullptr, false);
  if (value.is_discarded()) return fail(ErrorCode::malformed, "not JSON");
  if (!value.is_object()) return fail(ErrorCode::malformed, "not a JSON object");
  return value;
}

// Reads typed members and remembers the first that is wrong.
class Members {
 public:
  explicit Members(const json& object) : object_(object) {}

  const json* find(const char* key) const {
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  void text(const char* key, std::string& into) {
    const json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_string()) return wrong(key, "must be a string");
    into = value->get<std::string>();
  }

  void required_text(const char* key, std::string& into) {
    if (find(key) == nullptr) return wrong(key, "is required");
    text(key, into);
  }

  void texts(const char* key, std::vector<std::string>& into) {
    const json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_array()) return wrong(key, "must be an array of strings");
    for (const json& item : *value) {
      if (!item.is_string()) return wrong(key, "must be an array of strings");
      into.push_back(item.get<std::string>());
    }
  }

  void links(const char* key, std::vector<Link>& into) {
    const json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_array()) return wrong(key, "must be an array of {\"url\", \"text\"}");
    for (const json& item : *value) {
      if (!item.is_object()) return wrong(key, "must be an array of {\"url\", \"text\"}");
      Link link;
      Members members(item);
      members.required_text("url", link.url);
      members.text("text", link.text);
      if (!members.error().empty()) return wrong(key, "must be an array of {\"url\", \"text\"}");
      into.push_back(std::move(link));
    }
  }

  void wrong(std::string_view key, std::string_view why) {
    if (error_.empty()) error_ = fmt::format("\"{}\" {}", key, why);
  }
  const std::string& error() const { return error_; }

 private:
  const json& object_;
  std::string error_;
};

void put(ordered_json& into, const char* key, const std::string& value) {
  if (!value.empty()) into[key] = value;
}

std::string dump(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

ordered_json span_json(Span span) { return ordered_json::array({span.from, span.to}); }

void require(bool holds) {
  if (!holds) throw json::other_error::create(501, "not a verdict", nullptr);
}

Span span_of(const json& value) {
  const json& from = value.at(0);
  const json& to = value.at(1);
  require(from.is_number_unsigned() && to.is_number_unsigned() && from <= to);
  return {from.get<std::size_t>(), to.get<std::size_t>()};
}

template <class T>
T known(std::optional<T> value) {
  require(value.has_value());
  return *value;
}

HandleFound handle_of(const json& value) {
  HandleFound handle;
  handle.messenger = value.at("messenger").get<std::string>();
  handle.type = known(parse_handle_type(value.at("type").get<std::string>()));
  handle.handle = value.at("handle").get<std::string>();
  handle.raw = value.at("raw").get<std::string>();
  handle.field = value.at("field").get<std::string>();
  handle.span = span_of(value.at("span"));
  handle.intent = known(parse_intent(value.at("intent").get<std::string>()));
  handle.confidence = value.at("confidence").get<double>();
  return handle;
}

RuleFired rule_of(const json& value) {
  return {value.at("id").get<std::string>(), value.at("field").get<std::string>(), span_of(value.at("span")),
          value.at("weight").get<double>()};
}

Verdict verdict_of(const json& value) {
  Verdict verdict;
  verdict.post_id = value.at("id").get<std::string>();
  verdict.band = known(parse_band(value.at("band").get<std::string>()));
  verdict.score = value.at("score").get<double>();
  for (const json& item : value.at("handles")) verdict.handles.push_back(handle_of(item));
  for (const json& item : value.at("rules")) verdict.rules.push_back(rule_of(item));
  for (const json& item : value.at("flags")) verdict.flags.push_back(known(parse_flag(item.get<std::string>())));
  verdict.reasons = value.at("reasons").get<std::vector<std::string>>();
  return verdict;
}

// The number in the \uXXXX that begins at `at`; nothing where none does.
std::optional<int> escaped_unit(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  int value = 0;
  const char* const end = text.data() + at + 6;
  const auto [read, error] = std::from_chars(end - 4, end, value, 16);
  if (error != std::errc{} || read != end || end[-4] == '-') return std::nullopt;
  return value;
}

bool is_high_surrogate(std::optional<int> unit) { return unit && *unit >= 0xD800 && *unit <= 0xDBFF; }
bool is_low_surrogate(std::optional<int> unit) { return unit && *unit >= 0xDC00 && *unit <= 0xDFFF; }

}  // namespace

// Only what fails to parse takes this path.
std::string mend_json(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out += text[at++];
      continue;
    }
    const std::optional<int> unit = escaped_unit(text, at);
    const bool paired = is_high_surrogate(unit) && is_low_surrogate(escaped_unit(text, at + 6));
    const bool lone = !paired && (is_high_surrogate(unit) || is_low_surrogate(unit));
    const std::size_t length = paired ? 12 : unit ? 6 : 2;
    out += lone ? "\\ufffd" : text.substr(at, length);
    at += length;
  }
  return repair_utf8(out);
}

std::string to_json(const Post& post) {
  ordered_json out;
  out["id"] = post.id;
  put(out, "platform", post.platform);
  put(out, "source", post.source);
  put(out, "url", post.url);
  put(out, "author", post.author);
  put(out, "author_id", post.author_id);
  put(out, "author_display", post.author_display);
  put(out, "author_bio", post.author_bio);
  put(out, "title", post.title);
  out["text"] = post.text;
  if (!post.tags.empty()) out["tags"] = post.tags;
  for (const Link& link : post.links) out["links"].push_back(ordered_json{{"url", link.url}, {"text", link.text}});
  if (!post.quotes.empty()) out["quotes"] = post.quotes;
  if (post.created_at) out["created_at"] = to_rfc3339(*post.created_at);
  put(out, "lang", post.lang);
  put(out, "reply_to", post.reply_to);
  out["state"] = kStates[static_cast<std::size_t>(post.state)];
  return dump(out);
}

Result<Post> post_from_json(std::string_view line) {
  if (auto post = read_plain_post(line)) return std::move(*post);
  return read_any_post(line);
}

Result<Post> read_any_post(std::string_view line) {
  const auto object = parse_object(line);
  if (!object) return tl::unexpected(object.error());
  Post post;
  Members members(*object);
  members.required_text("id", post.id);
  members.required_text("text", post.text);
  members.text("platform", post.platform);
  members.text("source", post.source);
  members.text("url", post.url);
  members.text("author", post.author);
  members.text("author_id", post.author_id);
  members.text("author_display", post.author_display);
  members.text("author_bio", post.author_bio);
  members.text("title", post.title);
  members.texts("tags", post.tags);
  members.links("links", post.links);
  members.texts("quotes", post.quotes);
  members.text("lang", post.lang);
  members.text("reply_to", post.reply_to);
  std::string created;
  members.text("created_at", created);
  if (!created.empty()) {
    post.created_at = parse_rfc3339(created);
    if (!post.created_at) members.wrong("created_at", "must be an RFC 3339 time such as 2026-11-22T10:00:00Z");
  }
  std::string state = "live";
  members.text("state", state);
  const auto known_state = std::find(kStates.begin(), kStates.end(), state);
  if (known_state == kStates.end())
    members.wrong("state", "must be live, edited or deleted");
  else
    post.state = static_cast<PostState>(known_state - kStates.begin());
  if (post.id.empty()) members.wrong("id", "must not be empty");
  if (!members.error().empty()) return fail(ErrorCode::malformed, members.error());
  return post;
}

namespace {

// Nearly every post: nothing in it. What the general way would write, without building it first.
std::string nothing_found(const Verdict& verdict) {
  return R"({"id":)" + json(verdict.post_id).dump(-1, ' ', false, json::error_handler_t::replace) +
         R"(,"band":"none","score":0.0,"handles":[],"rules":[],"flags":[],"reasons":[]})";
}

bool is_plainly_nothing(const Verdict& verdict) {
  return verdict.band == Band::none && verdict.score == 0.0 && verdict.handles.empty() && verdict.rules.empty() &&
         verdict.flags.empty() && verdict.reasons.empty();
}

}  // namespace

std::string to_json(const Verdict& verdict) {
  if (is_plainly_nothing(verdict)) return nothing_found(verdict);
  ordered_json out;
  out["id"] = verdict.post_id;
  out["band"] = to_string(verdict.band);
  out["score"] = verdict.score;
  out["handles"] = ordered_json::array();
  for (const HandleFound& handle : verdict.handles)
    out["handles"].push_back(ordered_json{{"messenger", handle.messenger},
                                          {"type", to_string(handle.type)},
                                          {"handle", handle.handle},
                                          {"raw", handle.raw},
                                          {"field", handle.field},
                                          {"span", span_json(handle.span)},
                                          {"intent", to_string(handle.intent)},
                                          {"confidence", handle.confidence}});
  out["rules"] = ordered_json::array();
  for (const RuleFired& rule : verdict.rules)
    out["rules"].push_back(
        ordered_json{{"id", rule.id}, {"field", rule.field}, {"span", span_json(rule.span)}, {"weight", rule.weight}});
  out["flags"] = ordered_json::array();
  for (const Flag flag : verdict.flags) out["flags"].push_back(to_string(flag));
  out["reasons"] = verdict.reasons;
  return dump(out);
}

Result<Verdict> verdict_from_json(std::string_view line) {
  const auto object = parse_object(line);
  if (!object) return tl::unexpected(object.error());
  try {
    return verdict_of(*object);
  } catch (const json::exception&) {
    return fail(ErrorCode::malformed, "not a verdict");
  }
}

}  // namespace hw
