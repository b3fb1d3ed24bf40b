// What the adapters of APIs share: addresses, answers that are no answer, and how far a source has been read.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/access.h"
#include "common/document.h"
#include "common/error.h"
#include "common/url.h"
#include "config/settings.h"
#include "parsers/html_text.h"
#include "parsers/json_tree.h"
#include "parsers/parser.h"

namespace hw::parsers {

// Addresses.

// The parts of a path, empty ones left out, unescaped. "/r/garden/" → {"r", "garden"}.
std::vector<std::string> path_parts(const Url& url);
// A parameter of a search as browsers write it: '+' is a space.
std::string words_in(const Url& url, std::string_view parameter);
// Whether the address lies on `host` or on one of its subdomains.
bool is_on(const Url& url, std::string_view host);
// Where the requests of a source go: `official`, or the source's own origin where that is on this machine (a stand-in).
std::string api_origin(const config::SourceSpec& source, std::string_view official);
// `path` under `origin` with these parameters, in the form in which parse_url writes addresses. Empty values are left
// out.
std::string api_address(std::string_view origin, std::string_view path,
                        std::initializer_list<std::pair<std::string_view, std::string_view>> parameters);
// The document's own address with one parameter changed; nothing where the address cannot be read.
std::optional<Request> next_page(const Document& document, std::string_view parameter, std::string_view value);

// Refusals of access(), for the configuration: "…; name a board, a tag or a search".
tl::unexpected<Error> not_read(std::string_view what);
// "…: no source follows a named person".
tl::unexpected<Error> follows_a_person(std::string_view what);
// Whether a search names a person by one of these operators ("from:", "author:").
bool names_a_person(std::string_view query, std::initializer_list<std::string_view> operators);

// Answers.

// The answer's JSON, or nothing; then `page` says what came instead (a page of HTML, nothing, JSON that was cut short).
std::optional<JsonTree> read_json(const Document& document, ParsedPage& page);
// For JSON that is none of what the adapter knows: an error that the API tells in a 200, or a changed answer.
void read_api_error(const Json& answer, ParsedPage& page);
// A fragment of HTML into the post, its quotes apart.
void take_html(std::string_view html, const std::string& base, Post& post, ParsedPage& page);
// The same for the Markdown of Reddit and Lemmy.
void take_markdown(std::string_view markdown, const std::string& base, Post& post, ParsedPage& page);
// Adds the post, unless it has no id or the page is full.
void add_post(Post post, ParsedPage& page);
std::optional<Time> from_seconds(std::int64_t seconds);  // since 1970; nothing for what is no time of a post

// How far a source has been read, newest first, as a Cursor: of each of its tracks ("posts", "comments") all up to
// `floor`, and of the run that is under way all from `top` down. Ids are compared as numbers are: by length, then as
// text.
struct Extent {
  std::string newest;  // of this page; empty when it has no posts
  std::string oldest;
  bool is_last = false;  // the source has nothing below this page
};
struct Progress {
  Cursor cursor;
  bool reached = false;  // what lies below was read before
};
Progress progress(const Document& document, std::string_view track, const Extent& extent);
// The page's cursor, and where it leads: to `next`, unless what lies there was read before. A page in trouble leads
// nowhere and moves nothing.
void go_on(const Document& document, std::string_view track, Extent extent, std::optional<Request> next,
           ParsedPage& page);
std::string floor_of(const Cursor& cursor, std::string_view track);
// Widens the extent by one post.
void widen(Extent& extent, const std::string& id);

}  // namespace hw::parsers
