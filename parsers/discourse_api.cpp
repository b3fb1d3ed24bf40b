#include <algorithm>
#include <charconv>

#include "common/text.h"
#include "parsers/addresses.h"
#include "parsers/discourse.h"
#include "parsers/forum_pages.h"
#include "parsers/html_text.h"
#include "parsers/json_tree.h"
#include "parsers/limits.h"

namespace hw::parsers::discourse {
namespace {

constexpr std::int64_t kWindow = 50;  // ids of posts that one answer of /posts.json spans
constexpr std::int64_t kMostPages = 1000;
constexpr std::int64_t kSmallAction = 3;  // "closed this topic": the board's words, nobody's

bool is_digits(std::string_view text) {
  return !text.empty() && text.size() < 16 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t number_in(const Url& url, std::string_view parameter) {
  const std::string text = query_parameter(url, parameter);
  std::int64_t number = 0;
  if (is_digits(text)) std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Whoever flagged a post away and whoever deleted it meant that nobody reads it any more.
PostState state_of(Json post) {
  if (post.at("deleted_at") || post.flag("user_deleted") || post.flag("hidden")) return PostState::deleted;
  return post.number("version") > 1 ? PostState::edited : PostState::live;
}

// Names, or objects that hold one.
std::vector<std::string> tags_of(Json topic) {
  std::vector<std::string> tags;
  for (const Json tag : topic.at("tags").items()) {
    std::string name = tag.is_object() ? tag.text("name") : tag.text();
    if (!name.empty() && tags.size() < kMostTags) tags.push_back(std::move(name));
  }
  return tags;
}

void read_content(Json source, const Url& url, Post& post, ParsedPage& into) {
  bool text_alone = false;
  Written written = written_in(source.text("cooked"), board_of(url) + "/", &text_alone);
  post.text = std::move(written.text);
  post.links = std::move(written.links);
  post.quotes = std::move(written.quotes);
  if (text_alone && into.warnings.empty())
    into.warnings.emplace_back("posts are nested too deep for a tree: their text alone was taken");
}

Post read_post(Json source, Json topic, const Url& url, ParsedPage& into) {
  Post post;
  std::string in_topic = source.text("topic_id");
  if (in_topic.empty()) in_topic = topic.text("id");
  const std::int64_t number = source.number("post_number");
  post.id = post_id(in_topic, number);
  const std::string slug = source.text("topic_slug");
  post.url = permalink(url, slug.empty() ? topic.text("slug") : slug, in_topic, number);
  post.author = source.text("username");
  post.author_id = source.text("user_id");
  const std::string name = source.text("name");
  if (name != post.author) post.author_display = name;
  const std::string title = source.text("topic_title");
  post.title = title.empty() ? topic.text("title") : title;
  post.created_at = parse_rfc3339(source.text("created_at"));
  if (const std::int64_t answered = source.number("reply_to_post_number"); answered > 0)
    post.reply_to = post_id(in_topic, answered);
  post.state = state_of(source);
  const bool gone = post.state == PostState::deleted;
  post.as_served = gone ? source.as_served({"cooked", "raw"}) : source.as_served({"reply_to_user"});
  if (gone) return post;
  read_content(source, url, post, into);
  if (number == 1) post.tags = tags_of(topic);
  return post;
}

void read_posts(const std::vector<Json>& posts, Json topic, const Url& url, ParsedPage& into) {
  for (const Json post : posts) {
    const bool placed = is_digits(post.text("topic_id")) || is_digits(topic.text("id"));
    if (!placed || post.number("post_number") < 1 || post.number("post_type") == kSmallAction) continue;
    if (into.posts.size() < kMostPosts) into.posts.push_back(read_post(post, topic, url, into));
  }
  if (posts.size() > kMostPosts) into.warnings.push_back(warning_of_posts(posts.size()));
}

// The newest posts of the whole board. An answer spans a window of ids, so windows that end at multiples of its size
// stay the same for ever: each is read once, and where nothing is new the first request is the only one.
void read_latest_posts(Json answer, const Url& url, ParsedPage& into) {
  const std::vector<Json> posts = answer.at("latest_posts").items();
  read_posts(posts, {}, url, into);
  const std::int64_t before = number_in(url, "before");
  std::int64_t newest = 0;
  for (const Json post : posts) newest = std::max(newest, post.number("id"));
  const std::int64_t next = before > 0 ? before - kWindow : newest / kWindow * kWindow;
  if (next <= 0) return;
  Url address = url;
  address.query = "before=" + std::to_string(next);
  into.next = Request{address.text(), PageRole::listing, std::string(kFullPage)};
}

// What changes when something is written; the same in a listing and in the topic itself.
std::string stamp_of(Json topic) {
  const std::string last = topic.text("last_posted_at");
  return last.empty() ? std::string() : last + "/" + topic.text("highest_post_number");
}

// A topic that is written to moves to the front, so what stands below a page stays while that page ends as before.
void add_next_listing(Json list, const std::vector<Json>& topics, const Url& url, ParsedPage& into) {
  const auto more = resolve_url(url.text(), list.text("more_topics_url"));
  if (list.text("more_topics_url").empty() || !more || more->authority() != url.authority() || topics.empty()) return;
  Url next = url;
  next.query = more->query;
  if (next.text() == url.text()) return;
  into.next = Request{next.text(), PageRole::listing, topics.back().text("id") + "/" + stamp_of(topics.back())};
}

void read_listing(Json answer, const Url& url, ParsedPage& into) {
  const std::vector<Json> topics = answer.at("topic_list").at("topics").items();
  for (const Json topic : topics) {
    const std::string number = topic.text("id");
    if (is_digits(number))
      into.links.push_back({board_of(url) + "/t/" + number + ".json", PageRole::thread, stamp_of(topic)});
  }
  into.links = each_once(std::move(into.links));
  add_next_listing(answer.at("topic_list"), topics, url, into);
  if (into.links.empty() && !topics.empty()) into.state = ReadState::changed;
}

// The stream names all posts of the topic; an answer shows `chunk_size` of them. A page that another follows is full
// and is read once, as in nodebb.h.
void add_further_pages(Json topic, const Url& url, const Document& document, ParsedPage& into) {
  const auto posts = static_cast<std::int64_t>(topic.at("post_stream").at("stream").items().size());
  const std::int64_t chunk = std::max<std::int64_t>(topic.number("chunk_size"), 20);
  const std::int64_t last = std::min((posts + chunk - 1) / chunk, kMostPages);
  const std::int64_t page = std::clamp<std::int64_t>(number_in(url, "page"), 1, kMostPages);
  const std::int64_t up_to = document.request.stamp == kFullPage ? page + 1 : last;
  for (std::int64_t next = page + 1; next <= std::min(last, up_to); ++next) {
    Request request{board_of(url) + "/t/" + topic.text("id") + ".json?page=" + std::to_string(next), PageRole::thread,
                    next < last ? std::string(kFullPage) : stamp_of(topic)};
    if (next == page + 1)
      into.next = std::move(request);
    else
      into.links.push_back(std::move(request));
  }
}

void read_topic(Json topic, const Url& url, const Document& document, ParsedPage& into) {
  const std::vector<Json> posts = topic.at("post_stream").at("posts").items();
  read_posts(posts, topic, url, into);
  if (is_digits(topic.text("id"))) add_further_pages(topic, url, document, into);
  if (posts.empty()) into.state = ReadState::changed;
}

ReadState state_of_other(Json answer) {
  const std::string error = answer.text("error_type");
  if (error == "not_logged_in" || error == "invalid_access") return ReadState::login_wall;
  if (!error.empty() || answer.at("errors").is_array()) return ReadState::error_page;
  return ReadState::not_ours;
}

}  // namespace

ParsedPage read_api(const Document& document, std::string_view utf8) {
  ParsedPage page;
  const auto tree = JsonTree::parse(utf8);
  const auto url = parse_url(document.url);
  if (!tree || !url || !tree->root().is_object()) {
    page.state = names_discourse(utf8) ? ReadState::changed : ReadState::not_ours;
    page.warnings.emplace_back("the answer is not JSON, or was cut short");
    return page;
  }
  const Json answer = tree->root();
  if (answer.at("post_stream").is_object())
    read_topic(answer, *url, document, page);
  else if (answer.at("latest_posts").is_array())
    read_latest_posts(answer, *url, page);
  else if (answer.at("topic_list").is_object())
    read_listing(answer, *url, page);
  else if (answer.at("cooked").is_text())
    read_posts({answer}, {}, *url, page);
  else
    page.state = state_of_other(answer);
  return page;
}

}  // namespace hw::parsers::discourse
