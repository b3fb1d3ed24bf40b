#include "web/demo_board.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "common/json.h"
#include "common/text.h"
#include "web/demo_pages.h"

namespace hw::web {
namespace {

constexpr std::string_view kRobots =
    "User-agent: *\n"
    "Disallow: /memberlist.php\n"
    "Disallow: /posting.php\n"
    "Disallow: /search.php\n"
    "Disallow: /ucp.php\n";

std::string_view parameter(std::string_view query, std::string_view name) {
  for (const std::string_view pair : split(query, '&')) {
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

std::optional<std::size_t> number(std::string_view digits) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// A visitor with a session keeps it; one without gets another on every page, as a board does that sees no cookie.
// FNV-1a.
std::string session_of(std::string_view path, std::string_view query) {
  const std::string_view sent = parameter(query, "sid");
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (sent.size() == 32 && std::all_of(sent.begin(), sent.end(), is_hex)) return std::string(sent);
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const std::string_view part : {path, query})
    for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return fmt::format("{:016x}{:016x}", hash, hash * 0x9e3779b97f4a7c15U);
}

std::size_t place_of(std::vector<std::string_view>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) names.push_back(name);
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

HttpResponse html(std::string page) { return {200, "text/html; charset=utf-8", std::move(page)}; }

HttpResponse missing(std::string_view message, std::string_view sid) {
  return {404, "text/html; charset=utf-8", message_page(message, sid)};
}

// Which topic `t=` or `p=` asks for, and where its page begins.
struct TopicPlace {
  std::size_t topic = 0;
  std::size_t start = 0;
};

std::optional<TopicPlace> topic_of_post(const DemoBoard& board, std::string_view id) {
  for (std::size_t topic = 0; topic < board.topics().size(); ++topic) {
    const auto& posts = board.topics()[topic].posts;
    const auto has_id = [&](std::size_t post) { return board.posts()[post].id == id; };
    const auto found = std::find_if(posts.begin(), posts.end(), has_id);
    if (found == posts.end()) continue;
    const auto place = static_cast<std::size_t>(found - posts.begin());
    return TopicPlace{topic, place / kPostsPerPage * kPostsPerPage};
  }
  return std::nullopt;
}

std::optional<TopicPlace> topic_asked_for(const DemoBoard& board, std::string_view query) {
  if (const auto id = parameter(query, "p"); !id.empty()) return topic_of_post(board, id);
  const std::size_t topic = number(parameter(query, "t")).value_or(0);
  const std::size_t start = number(parameter(query, "start")).value_or(0);
  if (topic == 0 || topic > board.topics().size() || start >= board.topics()[topic - 1].posts.size())
    return std::nullopt;
  return TopicPlace{topic - 1, start};
}

HttpResponse answer_forum(const DemoBoard& board, std::string_view query, std::string_view sid) {
  const std::size_t forum = number(parameter(query, "f")).value_or(0);
  if (forum == 0 || forum > board.forums().size()) return missing("The forum you asked for does not exist.", sid);
  return html(forum_page(board, forum - 1, number(parameter(query, "start")).value_or(0), sid));
}

HttpResponse answer_topic(const DemoBoard& board, std::string_view query, std::string_view sid) {
  const auto place = topic_asked_for(board, query);
  if (!place) return missing("The topic you asked for does not exist.", sid);
  return html(topic_page(board, place->topic, place->start, sid));
}

}  // namespace

Result<DemoBoard> DemoBoard::create(std::string_view jsonl) {
  std::vector<Post> posts;
  std::size_t line_number = 0;
  for (const std::string_view line : split(jsonl, '\n')) {
    ++line_number;
    if (trim(line).empty()) continue;
    auto post = post_from_json(line);
    if (!post) return within(fmt::format("demo board, line {}", line_number), post.error());
    if (!post->created_at)
      return fail(ErrorCode::malformed, fmt::format("demo board, line {}: no created_at", line_number));
    posts.push_back(std::move(*post));
  }
  DemoBoard board(std::move(posts));
  if (auto arranged = board.arrange(); !arranged) return tl::unexpected(arranged.error());
  return board;
}

Status DemoBoard::arrange() {
  std::map<std::string_view, std::size_t> topic_by_first;
  for (std::size_t at = 0; at < posts_.size(); ++at) {
    const Post& post = posts_[at];
    place_of(authors_, post.author);
    if (post.reply_to.empty()) {
      topic_by_first.emplace(post.id, topics_.size());
      topics_.push_back({place_of(forums_, post.source), post.title, {}});
    }
    const auto found = topic_by_first.find(post.reply_to.empty() ? post.id : post.reply_to);
    if (found == topic_by_first.end())
      return fail(ErrorCode::malformed,
                  fmt::format("demo board, post {}: answers a post that opens no thread before it", at + 1));
    topics_[found->second].posts.push_back(at);
  }
  return {};
}

HttpResponse DemoBoard::answer(std::string_view path, std::string_view query) const {
  const std::string sid = session_of(path, query);
  if (path == "/" || path == "/index.php") return html(index_page(*this, sid));
  if (path == "/viewforum.php") return answer_forum(*this, query, sid);
  if (path == "/viewtopic.php") return answer_topic(*this, query, sid);
  if (path == "/robots.txt") return {200, "text/plain; charset=utf-8", std::string(kRobots)};
  return missing("The page you asked for does not exist.", sid);
}

}  // namespace hw::web
