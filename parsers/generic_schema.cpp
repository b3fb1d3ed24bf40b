#include <algorithm>
#include <array>
#include <cstdint>
#include <set>

#include <nlohmann/json.hpp>

#include "common/text.h"
#include "parsers/addresses.h"
#include "parsers/generic.h"
#include "parsers/html_text.h"
#include "parsers/limits.h"
#include "parsers/select.h"
#include "parsers/served.h"

namespace hw::parsers::generic {
namespace {

using nlohmann::json;

constexpr int kDeepest = 20;  // of JSON-LD within JSON-LD

// schema.org's types of what one person posted.
bool is_post_type(std::string_view type) {
  static constexpr std::array<std::string_view, 5> kTypes{"DiscussionForumPosting", "Comment", "SocialMediaPosting",
                                                          "Question", "Answer"};
  const std::string_view name = type.substr(type.find_last_of("/:") + 1);
  return std::find(kTypes.begin(), kTypes.end(), name) != kTypes.end();
}

// The item's own property, not that of an item within it.
Node property(Node item, std::string_view name) {
  for (const Node node : all_of(item, {.attribute = "itemprop", .containing = name})) {
    const auto words = split(node.attribute("itemprop"), ' ');
    if (std::find(words.begin(), words.end(), name) == words.end()) continue;
    if (closest(node, {.attribute = "itemscope"}) == item) return node;
  }
  return {};
}

std::string value_of(Node node) {
  for (const char* name : {"content", "datetime", "href"})
    if (node.has_attribute(name)) return std::string(node.attribute(name));
  return line_of(node);
}

Node text_of(Node item) {
  for (const std::string_view name : {"text", "articleBody", "commentText", "reviewBody"})
    if (const Node text = property(item, name)) return text;
  return {};
}

void read_author(Node item, Post& post) {
  Node author = property(item, "author");
  if (!author) author = property(item, "creator");
  const Node name = property(author, "name");
  const Node shown = name ? name : author_in(author);
  post.author = name.tag() == "meta" ? value_of(name) : line_of(shown ? shown : author);
  Node link = property(author, "url");
  if (!link) link = author.tag() == "a" ? author : shown;
  if (!link.has_attribute("href") && !link.has_attribute("content"))
    link = first(author, {.tag = "a", .attribute = "href"});
  post.author_id = forum::last_number(value_of(link));
}

Post read_item(Node item, forum::Thread& thread) {
  Post post;
  read_author(item, post);
  for (const std::string_view name : {"datePublished", "dateCreated"})
    if (const Node time = property(item, name); time && !post.created_at) {
      post.created_at = parse_rfc3339(value_of(time));
      if (!post.created_at) post.created_at = thread.time_in(time);
    }
  post.title = thread.title;
  const Node url = property(item, "url");
  post.url = url ? written_link(thread.base, value_of(url)) : std::string();
  post.id = item.attribute("id");
  if (post.id.empty()) post.id = value_of(property(item, "identifier"));
  const Node text = text_of(item);
  forum::write_into(post, text, thread);
  post.as_served = served_fragment(text);  // the item may hold the answers of others
  if (post.id.empty()) post.id = post.url.empty() ? made_up_id(post) : post.url;
  return post;
}

std::string member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? repair_utf8(found->get_ref<const std::string&>())
                                                     : std::string();
}

const json& first_of(const json& value) { return value.is_array() && !value.empty() ? value.front() : value; }

Post read_object(const json& object, const forum::Thread& thread) {
  Post post;
  if (const auto author = object.find("author"); author != object.end() && first_of(*author).is_object()) {
    post.author = member(first_of(*author), "name");
    post.author_id = forum::last_number(member(first_of(*author), "url"));
  }
  post.created_at = parse_rfc3339(member(object, "datePublished"));
  if (!post.created_at) post.created_at = parse_rfc3339(member(object, "dateCreated"));
  post.title = member(object, "headline");
  if (post.title.empty()) post.title = thread.title;
  post.url = written_link(thread.base, member(object, "url"));
  post.id = member(object, "@id");
  const std::string markup =
      member(object, "articleBody").empty() ? member(object, "text") : member(object, "articleBody");
  Written written = written_in(markup, thread.base, nullptr);
  post.text = std::move(written.text);
  post.links = std::move(written.links);
  post.quotes = std::move(written.quotes);
  post.as_served = served_object(object, {"comment", "suggestedAnswer", "acceptedAnswer"});
  if (post.id.empty()) post.id = post.url.empty() ? made_up_id(post) : post.url;
  return post;
}

// Posts hold their answers, pages hold posts, lists hold either.
void collect(const json& value, const forum::Thread& thread, int depth, std::vector<Post>& posts) {
  if (depth > kDeepest || posts.size() >= kMostPosts || !value.is_structured()) return;
  if (value.is_object() && is_post_type(member(value, "@type"))) {
    Post post = read_object(value, thread);
    if (!post.text.empty()) posts.push_back(std::move(post));
  }
  for (const auto& item : value) collect(item, thread, depth + 1, posts);
}

}  // namespace

std::string made_up_id(const Post& post) {
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a
  const std::string time = post.created_at ? to_rfc3339(*post.created_at) : std::string();
  for (const std::string_view part :
       {std::string_view(post.author), std::string_view(time), std::string_view(post.text)})
    for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return "x" + std::to_string(hash);
}

std::vector<Post> read_microdata(Node root, forum::Thread& thread) {
  std::vector<Post> posts;
  std::set<std::string> seen;
  for (const Node item : all_of(root, {.attribute = "itemtype", .containing = "schema.org/"})) {
    if (!is_post_type(item.attribute("itemtype")) || !text_of(item) || posts.size() >= kMostPosts) continue;
    posts.push_back(read_item(item, thread));
    // Some boards give all posts the address of their thread.
    if (!seen.insert(posts.back().id).second) posts.back().id = made_up_id(posts.back());
  }
  return posts;
}

std::vector<Post> read_json_ld(Node root, const forum::Thread& thread) {
  std::vector<Post> posts;
  for (const Node script : all_of(root, {.tag = "script", .attribute = "type", .containing = "ld+json"}))
    collect(json::parse(script.child(0).text(), nullptr, false), thread, 0, posts);
  return posts;
}

}  // namespace hw::parsers::generic
