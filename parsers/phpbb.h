// phpBB 3.x, its prosilver markup and what is derived from it. For the files of this adapter only; the public face is
// parser.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/document.h"
#include "common/url.h"
#include "parsers/html.h"
#include "parsers/parser.h"

namespace hw::parsers::phpbb {

// phpBB's pages by what they show.
enum class Page { index, forum, topic, login, message, unknown };
Page page_of(Node root, std::string_view url);

// "./viewtopic.php?f=1&t=2&start=10&sid=…" as the one address of that page: viewtopic.php?t=2&start=10. Nothing when it
// is no page of topics or posts on this host. `start=0` is left out.
std::optional<Url> topic_address(std::string_view page_url, std::string_view reference);
std::optional<Url> forum_address(std::string_view page_url, std::string_view reference);

// The forums and topics that a page lists, with their stamps; on a forum's page also its next page.
void read_listing(Node root, std::string_view page_url, ParsedPage& into);

void read_topic(Node root, const Document& document, ParsedPage& into);

// A page whose markup is nested too deep for a tree: cut between posts, so that one hostile post costs only its own
// tree.
void read_topic_in_pieces(std::string_view html, const Document& document, ParsedPage& into);

// What the footer says of the zone that the times are written in, as an offset from UTC.
Duration zone_of(Node root);

// The later pages of a topic, from its pagination; `own` is the page's address, `stamp` what it was asked for with.
//
// Posts are only added at the end, so a page that another page follows is full and does not change: it has the stamp
// kFullPage and is read once. The last page has the stamp of the topic as the forum states it. The page that was asked
// for with the topic's stamp (or with none) names all others; a full page names none, because it does not know that
// stamp.
inline constexpr std::string_view kFullPage = "full";
std::vector<Request> further_pages(Node pagination, const Url& own, std::string_view stamp);

// The next page of a forum. Its stamp says what this page ends with: a topic that is written to moves to the front, so
// nothing below has moved while this page ends as before.
std::optional<Request> next_listing(Node pagination, const Url& own, std::string stamp);

// The page's own pagination, not that of a topic in its list.
Node pagination_of(Node root);

}  // namespace hw::parsers::phpbb
