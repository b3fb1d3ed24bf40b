// What the adapters of HTML forum engines share: how a page is read, whatever the engine. An engine says what its
// addresses, its listings and its posts look like; the order of reading, further pages, stamps, times, the state of a
// page without posts and pages too deep for a tree are the same for all.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/document.h"
#include "parsers/forum_pages.h"
#include "parsers/forum_times.h"
#include "parsers/html.h"
#include "parsers/parser.h"

namespace hw::parsers::forum {

// An engine's pages by what they show. An index is a listing of boards alone.
enum class Kind { listing, thread, login, message, unknown };

// A page being read. Borrows: valid while its document and its tree live.
struct Page {
  Node root;
  const Document* document = nullptr;
  std::string base;          // what its links are resolved against: <base href> where that is on its own host
  std::optional<Place> own;  // which thread or listing it is, where its address or its canonical link tells
};

// A board or a thread that a listing names, and how fresh the listing says it is (empty: unknown, always due).
struct Row {
  Place place;
  std::string stamp;
};

// What all posts of a page share, and the count of those whose time was read without knowing its zone.
struct Thread {
  std::string title;
  std::string base;
  std::vector<std::string> tags = {};
  TimeStyle times;
  std::size_t zones_assumed = 0;

  // Of the element that holds a time: by attribute, else as written, its parts of class `but_not` left out.
  std::optional<Time> time_in(Node element, std::string_view but_not = {});
  std::optional<Time> time_written(std::string_view text);
};

struct Engine {
  bool (*recognises)(const Document&);
  PlaceOf place_of;  // of a link on a page: which thread or listing, and which page of it
  Kind (*kind_of)(const Page&);
  // A listing's boards and threads, in its order.
  std::vector<Row> (*rows_in)(const Page&);
  // A listing that holds nothing and says so in the engine's own manner.
  bool (*says_empty)(const Page&);
  // Where a page links to the further pages of itself.
  std::vector<Node> (*paginations_in)(Node root);
  Thread (*thread_of)(const Page&);
  std::vector<Node> (*posts_in)(Node root);
  // A post without an id is left out.
  Post (*read_post)(Node, Thread&);
  // For pages that are cut instead of built into a tree: what stands in the tag of each post, before its number. Where
  // the number is further below, that is `number_mark`.
  std::string_view post_mark;
  std::string_view number_mark = {};
  std::string (*permalink)(const Thread&, std::string_view id) = nullptr;  // of a post that has no tree
};

ParsedPage read(const Document& document, const Engine& engine);

// The request for a source's own address, in the engine's one form of it.
std::vector<Request> plan(const config::SourceSpec& source, PlaceOf place_of);

// A page's times: the zone as `statement` names it ("All times are GMT -5") or as the board's clock tells, the order of
// day and month as any of `texts` demands.
TimeStyle times_of(const Page& page, std::string_view statement, std::string_view clock,
                   const std::vector<std::string>& texts, DayOrder usual = DayOrder::month_first);

// What was written in `content`, put into the post.
void write_into(Post& post, Node content, const Thread& thread);

// A subject without "Re:"; where it repeats the thread's title (cut perhaps), that title.
std::string title_of(std::string_view subject, const std::string& thread_title);

// For a stamp: the minute of a time, but nothing of "5 minutes ago", which changes while nothing is written.
std::string stamp_of_time(Node element, const TimeStyle& style);
// The digits of "1,234 replies".
std::string digits_in(std::string_view text);

// A password is asked for within `content`: a log-in page. Quick log-in boxes stand elsewhere.
bool asks_to_log_in(Node content);

// The digits that `text` ends with after `prefix`: ("post-", "post-12") → "12". Empty when it is not of that form.
std::string_view number_after(std::string_view prefix, std::string_view text);
// The digits right after the first `mark` in an address: ("members/name.", …), ("uid=", "…uid=12#x") → "12".
std::string_view digits_after(std::string_view mark, std::string_view reference);

// The last digits in a text: "post-12" → "12", "/members/name.7/" → "7". Empty when there are none, or too many.
std::string last_number(std::string_view text);

bool holds(std::string_view text, std::string_view part);
bool holds_any(std::string_view text, std::initializer_list<std::string_view> parts);

}  // namespace hw::parsers::forum
