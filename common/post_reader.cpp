#include "common/post_reader.h"

#include <algorithm>
#include <array>

#include <simdjson.h>

namespace hw {
namespace {

namespace dom = simdjson::dom;

constexpr std::array<std::string_view, 16> kKeys{
    "id",    "platform", "source", "url",      "author",     "author_id", "author_display", "author_bio",
    "title", "text",     "lang",   "reply_to", "created_at", "state",     "tags",           "links"};
constexpr std::string_view kQuotes = "quotes";

// simdjson writes a lone low surrogate as the three bytes that UTF-8 forbids, and they begin so.
bool may_hold_surrogates(std::string_view text) { return text.find('\xED') != std::string_view::npos; }

// The members that a post has, each the last of its name, as in nlohmann/json. Nulls are absent.
struct Members {
  std::array<dom::element, kKeys.size()> values;
  std::array<bool, kKeys.size()> present{};
  dom::element quotes;
  bool has_quotes = false;

  void take(std::string_view key, dom::element value) {
    if (key == kQuotes) {
      quotes = value;
      has_quotes = !value.is_null();
      return;
    }
    const auto found = std::find(kKeys.begin(), kKeys.end(), key);
    if (found == kKeys.end()) return;
    const auto place = static_cast<std::size_t>(found - kKeys.begin());
    values[place] = value;
    present[place] = !value.is_null();
  }
};

bool read_text(dom::element value, std::string& into) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS || may_hold_surrogates(text)) return false;
  into = text;
  return true;
}

bool read_texts(dom::element value, std::vector<std::string>& into) {
  dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return false;
  for (const dom::element item : array)
    if (!read_text(item, into.emplace_back())) return false;
  return true;
}

// Whatever is in the least unusual about a link is left to the thorough reader.
bool read_links(dom::element value, std::vector<Link>& into) {
  dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return false;
  for (const dom::element item : array) {
    dom::object object;
    if (item.get(object) != simdjson::SUCCESS || object.size() > 2) return false;
    Link link;
    bool has_url = false;
    for (const auto& [key, member] : object) {
      if (key != "url" && key != "text") return false;
      if (!read_text(member, key == "url" ? link.url : link.text)) return false;
      has_url = has_url || key == "url";
    }
    if (!has_url) return false;
    into.push_back(std::move(link));
  }
  return true;
}

std::optional<PostState> state_named(std::string_view name) {
  if (name == "live") return PostState::live;
  if (name == "edited") return PostState::edited;
  return name == "deleted" ? std::optional(PostState::deleted) : std::nullopt;
}

bool fill(const Members& members, Post& post) {
  const std::array<std::string*, 12> texts{&post.id,     &post.platform,  &post.source,         &post.url,
                                           &post.author, &post.author_id, &post.author_display, &post.author_bio,
                                           &post.title,  &post.text,      &post.lang,           &post.reply_to};
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (members.present[i] && !read_text(members.values[i], *texts[i])) return false;
  std::string written;
  if (members.present[12]) {
    if (!read_text(members.values[12], written)) return false;
    post.created_at = parse_rfc3339(written);
    if (!post.created_at && !written.empty()) return false;
  }
  if (members.present[13]) {
    const bool read = read_text(members.values[13], written);
    const auto state = read ? state_named(written) : std::nullopt;
    if (!state) return false;
    post.state = *state;
  }
  if (members.present[14] && !read_texts(members.values[14], post.tags)) return false;
  if (members.present[15] && !read_links(members.values[15], post.links)) return false;
  if (members.has_quotes && !read_texts(members.quotes, post.quotes)) return false;
  return members.present[9] && !post.id.empty();
}

}  // namespace

std::optional<Post> read_plain_post(std::string_view line) {
  if (line.empty()) return std::nullopt;  // its pointer may be null, which simdjson copies from
  static thread_local dom::parser parser;
  dom::element root;
  dom::object object;
  if (parser.parse(line.data(), line.size()).get(root) != simdjson::SUCCESS || root.get(object) != simdjson::SUCCESS)
    return std::nullopt;
  Members members;
  for (const auto& [key, value] : object) {
    if (may_hold_surrogates(key)) return std::nullopt;
    members.take(key, value);
  }
  Post post;
  return fill(members, post) ? std::optional(std::move(post)) : std::nullopt;
}

}  // namespace hw
