// JSON Feed 1.0 and 1.1. https://www.jsonfeed.org/version/1.1/
#include "common/url.h"
#include "parsers/addresses.h"
#include "parsers/feed.h"
#include "parsers/html_text.h"
#include "parsers/json_tree.h"
#include "parsers/limits.h"

namespace hw::parsers::feed {
namespace {

// 1.0 had one author, 1.1 has several: the first one wrote it.
Json author_of(Json value) {
  const std::vector<Json> authors = value.at("authors").items();
  return authors.empty() ? value.at("author") : authors.front();
}

void read_author(Json author, Post& post) {
  post.author = plain(author.text("name"));
  post.author_id = author.text("url");
}

void read_body(Json item, std::string_view base, Post& post) {
  if (item.at("content_html").is_text()) {
    Written written = written_in(item.text("content_html"), base, nullptr);
    post.text = std::move(written.text);
    post.links = std::move(written.links);
    post.quotes = std::move(written.quotes);
  }
  if (post.text.empty()) post.text = item.text("content_text");
  if (post.text.empty()) post.text = item.text("summary");
}

Post read_item(Json item, Json feed, std::string_view page_url) {
  Post post;
  post.title = plain(item.text("title"));
  post.url = written_link(page_url, item.text("url"));
  const std::string base = post.url.empty() ? std::string(page_url) : post.url;
  read_body(item, base, post);
  const std::string elsewhere = written_link(base, item.text("external_url"));
  if (!elsewhere.empty()) post.links.push_back({elsewhere, ""});
  post.id = item.text("id");
  if (post.id.empty()) post.id = post.url;
  if (post.id.empty()) post.id = id_of_text(post);
  read_author(author_of(item), post);
  if (post.author.empty()) read_author(author_of(feed), post);
  for (const Json tag : item.at("tags").items())
    if (std::string name = plain(tag.text()); !name.empty() && post.tags.size() < kMostTags)
      post.tags.push_back(std::move(name));
  post.created_at = read_date(item.text("date_published"));
  if (!post.created_at) post.created_at = read_date(item.text("date_modified"));
  post.lang = item.text("language");
  if (post.lang.empty()) post.lang = feed.text("language");
  post.as_served = item.as_served({"image", "banner_image", "attachments", "avatar"});
  return post;
}

}  // namespace

ParsedPage read_json_feed(const Document& document, std::string_view utf8) {
  ParsedPage page;
  const auto tree = JsonTree::parse(utf8);
  const Json feed = tree ? tree->root() : Json();
  if (!feed.at("items").is_array()) {
    page.state = ReadState::changed;
    page.warnings.emplace_back("the feed is not JSON, was cut short, or has no items");
    return page;
  }
  const std::vector<Json> items = feed.at("items").items();
  for (const Json item : items) {
    if (page.posts.size() == kMostPosts) break;
    Post post = read_item(item, feed, document.url);
    if (!post.id.empty()) page.posts.push_back(std::move(post));
  }
  if (items.size() > kMostPosts) page.warnings.push_back(warning_of_posts(items.size()));
  page.next = page_after(feed.text("next_url"), page, document.url);
  return page;
}

}  // namespace hw::parsers::feed
