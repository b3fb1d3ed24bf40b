#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/text.h"
#include "parsers/forum_pages.h"
#include "parsers/html_text.h"
#include "parsers/limits.h"
#include "parsers/nodebb.h"
#include "parsers/served.h"

namespace hw::parsers::nodebb {
namespace {

using nlohmann::json;

constexpr std::int64_t kMostPages = 1000;  // of one topic
constexpr int kDeepestCategory = 20;

const json& member(const json& value, const char* key) {
  static const json none;
  if (!value.is_object()) return none;
  const auto found = value.find(key);
  return found == value.end() ? none : *found;
}

// Strings and numbers alike: ids are numbers here and strings there, and addresses for posts from other servers.
std::string text_in(const json& value, const char* key) {
  const json& found = member(value, key);
  if (found.is_string()) return found.get<std::string>();
  return found.is_number_integer() ? std::to_string(found.get<std::int64_t>()) : std::string();
}

std::int64_t number_in(const json& value, const char* key) {
  const json& found = member(value, key);
  return found.is_number_integer() ? found.get<std::int64_t>() : 0;
}

// 0 and 1, or false and true.
bool is_set(const json& value, const char* key) {
  const json& found = member(value, key);
  return found.is_boolean() ? found.get<bool>() : number_in(value, key) != 0;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.size() < 20 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// NodeBB escapes for HTML in its JSON.
std::string unescaped(const std::string& text) {
  return text.find('&') == std::string::npos ? text : written_in(text, {}, nullptr).text;
}

// Empty for a key of NodeBB's translations, which stands where there is no name: "[[global:guest]]".
std::string name_in(const json& user, const char* key) {
  std::string name = unescaped(text_in(user, key));
  return name.starts_with("[[") ? std::string() : name;
}

std::string title_in(const json& topic) {
  const std::string raw = text_in(topic, "titleRaw");
  return raw.empty() ? unescaped(text_in(topic, "title")) : raw;
}

// What changes when something is written; the same in a listing and in the topic itself.
std::string stamp_of(const json& topic) {
  const std::string last = text_in(topic, "lastposttime");
  return last.empty() ? std::string() : last + "/" + text_in(topic, "postcount");
}

std::string stamp_of_category(const json& category) {
  const json& teaser = member(category, "teaser");
  const std::string posts = text_in(category, "totalPostCount");
  if (posts.empty()) return {};
  return text_in(teaser, "pid") + "/" + text_in(teaser, "timestampISO") + "/" + posts + "/" +
         text_in(category, "totalTopicCount");
}

// A category with a link of its own leads to another site; one without topics, those below it included, to nothing.
bool leads_to_topics(const json& category) {
  const bool counted = member(category, "totalTopicCount").is_number_integer();
  return !is_set(category, "disabled") && text_in(category, "link").empty() &&
         (!counted || number_in(category, "totalTopicCount") > 0);
}

void add_categories(const json& categories, const Url& any, ParsedPage& into, int depth = 0) {
  if (!categories.is_array() || depth > kDeepestCategory) return;
  for (const json& category : categories) {
    const std::string number = text_in(category, "cid");
    if (!is_digits(number) || !leads_to_topics(category)) continue;
    into.links.push_back({api_page(any, "category", number), PageRole::listing, stamp_of_category(category)});
    add_categories(member(category, "children"), any, into, depth + 1);
  }
}

void add_topics(const json& topics, const Url& any, ParsedPage& into) {
  if (!topics.is_array()) return;
  for (const json& topic : topics) {
    const std::string number = text_in(topic, "tid");
    if (!is_digits(number) || is_set(topic, "deleted")) continue;
    into.links.push_back({api_page(any, "topic", number), PageRole::thread, stamp_of(topic)});
  }
}

std::int64_t page_in(const json& answer, const char* key) {
  constexpr std::int64_t kMost = 1'000'000'000;
  return std::clamp<std::int64_t>(number_in(member(answer, "pagination"), key), 1, kMost);
}
std::int64_t page_count(const json& answer) { return page_in(answer, "pageCount"); }
std::int64_t current_page(const json& answer) { return page_in(answer, "currentPage"); }

// Whether topics stand in the order of their last posts, pinned ones aside. Only then does a topic that is written to
// move to the front, and what stands below a page stays while that page ends as before.
bool by_last_post(const json& topics) {
  std::int64_t before = 0;
  for (const json& topic : topics) {
    if (is_set(topic, "pinned")) continue;
    const std::int64_t time = number_in(topic, "lastposttime");
    if (before != 0 && time > before) return false;
    before = time;
  }
  return before != 0;
}

std::string end_of(const json& topics) {
  if (!topics.is_array() || topics.empty() || !by_last_post(topics)) return {};
  return "t" + text_in(topics.back(), "tid") + "/" + stamp_of(topics.back());
}

void add_next_listing(const json& answer, const Url& url, ParsedPage& into) {
  const std::int64_t page = current_page(answer);
  if (page >= page_count(answer)) return;
  Url next = api_address(url);
  next.query = "page=" + std::to_string(page + 1);
  into.next = Request{next.text(), PageRole::listing, end_of(member(answer, "topics"))};
}

PostState state_of(const json& post) {
  if (is_set(post, "deleted")) return PostState::deleted;
  return number_in(post, "edited") > 0 || !text_in(post, "editedISO").empty() ? PostState::edited : PostState::live;
}

void read_author(const json& source, Post& post) {
  const json& user = member(source, "user");
  post.author = name_in(user, "username");
  const std::string handle = unescaped(text_in(source, "handle"));  // the name that a guest gave
  if (!handle.empty()) post.author = handle;
  const std::string display = name_in(user, "displayname");
  if (display != post.author) post.author_display = display;
  const std::string number = text_in(source, "uid");
  if (number != "0" && !number.starts_with('-')) post.author_id = number;
}

void read_content(const json& source, const Url& url, Post& post, ParsedPage& into) {
  bool text_alone = false;
  Written written = written_in(text_in(source, "content"), board_of(url) + "/", &text_alone);
  post.text = std::move(written.text);
  post.links = std::move(written.links);
  post.quotes = std::move(written.quotes);
  if (text_alone && into.warnings.empty())
    into.warnings.emplace_back("posts are nested too deep for a tree: their text alone was taken");
}

// The tags are the topic's, given by whoever opened it.
std::vector<std::string> tags_of(const json& topic) {
  std::vector<std::string> tags;
  for (const json& tag : member(topic, "tags")) {
    std::string value = tag.is_string() ? tag.get<std::string>() : text_in(tag, "value");
    if (!value.empty() && tags.size() < kMostTags) tags.push_back(std::move(value));
  }
  return tags;
}

Post read_post(const json& source, const json& topic, const Url& url, ParsedPage& into) {
  Post post;
  post.id = text_in(source, "pid");
  post.as_served = served_object(source, {"parent", "replies", "topic", "events"});
  post.url = is_digits(post.id) ? board_of(url) + "/post/" + post.id : post.id;
  post.title = title_in(topic);
  read_author(source, post);
  post.created_at = written_at(number_in(source, "timestamp"));
  if (!post.created_at) post.created_at = parse_rfc3339(text_in(source, "timestampISO"));
  post.reply_to = text_in(source, "toPid");
  post.state = state_of(source);
  if (post.state == PostState::deleted) return post;
  read_content(source, url, post, into);
  post.author_bio = written_in(text_in(member(source, "user"), "signature"), board_of(url) + "/", nullptr).text;
  if (post.id == text_in(topic, "mainPid")) post.tags = tags_of(topic);
  return post;
}

// Posts are added at the end unless the board sorts them otherwise; the first may be repeated on each page.
bool oldest_first(const json& posts) {
  for (std::size_t i = 2; i < posts.size(); ++i)
    if (number_in(posts[i], "timestamp") < number_in(posts[i - 1], "timestamp")) return false;
  return true;
}

// A page that another follows is full and is read once; see forum_pages.h, but here each page knows the topic's stamp.
void add_further_pages(const json& topic, const Url& url, const Document& document, ParsedPage& into) {
  const std::int64_t last = page_count(topic);
  const std::int64_t page = current_page(topic);
  const bool append_only = oldest_first(member(topic, "posts"));
  const std::int64_t up_to = document.request.stamp == kFullPage ? page + 1 : page + kMostPages;
  for (std::int64_t next = page + 1; next <= std::min(last, up_to); ++next) {
    Request request{api_page(url, "topic", text_in(topic, "tid"), next), PageRole::thread,
                    next < last && append_only ? std::string(kFullPage) : stamp_of(topic)};
    if (next == page + 1)
      into.next = std::move(request);
    else
      into.links.push_back(std::move(request));
  }
}

void read_topic(const json& topic, const Url& url, const Document& document, ParsedPage& into) {
  const json& posts = member(topic, "posts");
  for (const json& post : posts)
    if (!text_in(post, "pid").empty() && into.posts.size() < kMostPosts)
      into.posts.push_back(read_post(post, topic, url, into));
  if (posts.size() > kMostPosts) into.warnings.push_back(warning_of_posts(posts.size()));
  if (is_digits(text_in(topic, "tid"))) add_further_pages(topic, url, document, into);
  if (into.posts.empty()) into.state = ReadState::changed;
}

void read_listing(const json& answer, const Url& url, ParsedPage& into) {
  add_categories(member(answer, "categories"), url, into);
  add_categories(member(answer, "children"), url, into);
  add_topics(member(answer, "topics"), url, into);
  into.links = each_once(std::move(into.links));
  add_next_listing(answer, url, into);
  const bool said_empty = member(answer, "topics").is_array() || member(answer, "categories").is_array();
  if (into.links.empty() && !said_empty) into.state = ReadState::changed;
}

// NodeBB answers with the keys of its error pages: "[[global:404.title]]", "[[error:no-privileges]]".
ReadState state_of_other(const json& answer) {
  const std::string said = text_in(answer, "title") + text_in(answer, "error") + text_in(answer, "message");
  const auto says = [&](std::string_view part) { return said.find(part) != std::string::npos; };
  if (text_in(member(answer, "template"), "name") == "login" || says("403") || says("privileges") ||
      says("not-logged-in"))
    return ReadState::login_wall;
  if (!said.empty()) return ReadState::error_page;
  return member(answer, "bodyClass").is_string() ? ReadState::changed : ReadState::not_ours;
}

json parse_answer(std::string_view utf8) {
  json answer = json::parse(utf8, nullptr, false);
  if (answer.is_discarded()) answer = json::parse(mend_json(utf8), nullptr, false);
  return answer;  // moved, never copied: a copy recurses as deep as the answer nests
}

}  // namespace

ParsedPage read_api(const Document& document, std::string_view utf8) {
  ParsedPage page;
  const json answer = parse_answer(utf8);
  const auto url = parse_url(document.url);
  if (answer.is_discarded() || !answer.is_object() || !url) {
    page.state = names_nodebb(utf8) ? ReadState::changed : ReadState::not_ours;
    page.warnings.emplace_back("the answer is not JSON, or was cut short");
    return page;
  }
  if (member(answer, "posts").is_array() && answer.contains("tid"))
    read_topic(answer, *url, document, page);
  else if (member(answer, "topics").is_array() || member(answer, "categories").is_array() ||
           member(answer, "children").is_array())
    read_listing(answer, *url, page);
  else
    page.state = state_of_other(answer);
  return page;
}

}  // namespace hw::parsers::nodebb
