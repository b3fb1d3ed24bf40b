#include "common/text.h"
#include "parsers/addresses.h"
#include "parsers/html_text.h"
#include "parsers/phpbb.h"
#include "parsers/select.h"

namespace hw::parsers::phpbb {
namespace {

using namespace forum;

Node author_in(Node post) {
  const Node line = first(post, {.tag = "p", .with_class = "author"});
  for (const std::string_view name : {"username-coloured", "username"})
    if (const Node found = first(line, {.with_class = name})) return found;
  if (const Node strong = first(line, {.tag = "strong"})) return strong;
  const Node profile = first(post, {.tag = "dl", .with_class = "postprofile"});
  for (const Node link : all_of(profile, {.tag = "a", .attribute = "href", .containing = "viewprofile"}))
    if (!line_of(link).empty()) return link;
  return {};
}

std::string_view user_number(Node author) {
  const Node link = author.tag() == "a" ? author : first(author, {.tag = "a", .attribute = "href"});
  return number_in(link.attribute("href"), "u");
}

// Boards older than <time> write it after "by somebody »".
std::optional<Time> time_of(Node post, Thread& thread) {
  const Node line = first(post, {.tag = "p", .with_class = "author"});
  if (const auto time = machine_time(line)) return time;
  const std::string text = line_of(line);
  const std::size_t mark = text.rfind("»");
  return thread.time_written(mark == std::string::npos ? text : text.substr(mark + std::string_view("»").size()));
}

// The post that the first quotation names as its origin.
std::string_view quoted_post(Node content) {
  const Node cite = first(first(content, {.tag = "blockquote"}), {.tag = "cite"});
  const Node named = first(cite, {.tag = "a", .attribute = "data-post-id"});
  if (named) return named.attribute("data-post-id");
  return number_in(first(cite, {.tag = "a", .attribute = "href", .containing = "viewtopic.php"}).attribute("href"),
                   "p");
}

PostState state_of(Node post) {
  if (post.has_class("deleted") || first(post, {.with_class = "post_deleted_msg"})) return PostState::deleted;
  const Node notice = first(post, {.with_class = "notice"});
  return notice && first(notice, {.tag = "a", .attribute = "href", .containing = "u="}) ? PostState::edited
                                                                                        : PostState::live;
}

Node title_link(Node root) {
  if (const Node title = first(root, {.tag = "h2", .with_class = "topic-title"})) return first(title, {.tag = "a"});
  return first(first(root, {.tag = "h2"}), {.tag = "a", .attribute = "href", .containing = "viewtopic.php"});
}

}  // namespace

Thread thread_of(const Page& page) {
  Thread thread;
  thread.base = page.base;
  thread.title = line_of(title_link(page.root));
  thread.times = times_of(page, line_of(first(page.root, {.id = "page-footer"})), {}, {});
  return thread;
}

std::vector<Node> posts_in(Node root) {
  std::vector<Node> posts;
  for (const Node node : all_of(root, {.tag = "div", .with_class = "post"}))
    if (!number_after("p", node.attribute("id")).empty()) posts.push_back(node);
  return posts;
}

std::string permalink(const Thread& thread, std::string_view id) {
  const auto url = page_address(thread.base);
  if (!url) return {};
  const std::string folder = url->origin() + url->path.substr(0, url->path.rfind('/') + 1);
  return folder + "viewtopic.php?p=" + std::string(id) + "#p" + std::string(id);
}

Post read_post(Node node, Thread& thread) {
  Post post;
  post.id = number_after("p", node.attribute("id"));
  post.url = permalink(thread, post.id);
  const Node author = author_in(node);
  post.author = line_of(author);
  post.author_id = user_number(author);
  const Node body = first(node, {.with_class = "postbody"});
  post.title = title_of(line_of(first(body ? body : node, {.tag = "h3"})), thread.title);
  post.created_at = time_of(node, thread);
  post.state = state_of(node);
  if (post.state == PostState::deleted) return post;
  const Node content = first(body ? body : node, {.with_class = "content"});
  write_into(post, content, thread);
  post.reply_to = quoted_post(content);
  return post;
}

}  // namespace hw::parsers::phpbb
