// What must hold of every parsed page, whatever bytes it was made of.
#pragma once

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "common/json.h"
#include "common/text.h"
#include "common/url.h"
#include "parsers/parser.h"

namespace hw::test {

inline bool is_clean(const std::string& text) { return valid_utf8(text) && text.find('\0') == std::string::npos; }

inline void check_request(const Request& request, const std::string& page_url) {
  const auto url = parse_url(request.url);
  const auto page = parse_url(page_url);
  REQUIRE(url.has_value());
  REQUIRE(page.has_value());
  CHECK(url->text() == request.url);
  CHECK(url->authority() == page->authority());
  CHECK(url->scheme == page->scheme);
}

inline void check_post(const Post& post) {
  CHECK_FALSE(post.id.empty());
  auto again = post_from_json(to_json(post));
  REQUIRE(again.has_value());
  CHECK(again->as_served.empty());
  again->as_served = post.as_served;
  CHECK(*again == post);
  for (const std::string* text : {&post.id, &post.url, &post.author, &post.author_id, &post.author_display, &post.title,
                                  &post.text, &post.lang, &post.reply_to, &post.as_served})
    CHECK(is_clean(*text));
  for (const std::string& quote : post.quotes) CHECK(is_clean(quote));
  for (const std::string& tag : post.tags) CHECK(is_clean(tag));
  for (const Link& link : post.links) {
    CHECK(is_clean(link.url));
    CHECK(is_clean(link.text));
    const std::string lower = to_lower(link.url);
    // What follows a "#" is never asked of a server: an address of media is one whose path says so.
    const std::string path = lower.substr(0, lower.find_first_of("?#"));
    for (const char* bad : {"data:", "javascript:"}) CHECK_FALSE_MESSAGE(lower.starts_with(bad), link.url);
    for (const char* bad : {".png", ".jpg", ".gif", ".mp4", ".zip"}) CHECK_FALSE_MESSAGE(path.ends_with(bad), link.url);
  }
  if (post.state == PostState::deleted) CHECK((post.text.empty() && post.quotes.empty() && post.links.empty()));
}

inline void check_page(const parsers::ParsedPage& page, const std::string& page_url) {
  std::set<std::string> seen;
  for (const Post& post : page.posts) check_post(post);
  for (const Request& link : page.links) {
    check_request(link, page_url);
    CHECK_MESSAGE(seen.insert(link.url).second, "the same link twice");
  }
  if (page.next) check_request(*page.next, page_url);
  for (const std::string& warning : page.warnings)
    CHECK((is_clean(warning) && warning.find('\n') == std::string::npos));
}

}  // namespace hw::test
