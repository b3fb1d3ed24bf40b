// The pages of threads and listings that are numbered, as nearly every forum engine numbers them, and the stamps that
// let an unchanged page stay unread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/request.h"
#include "parsers/html.h"

namespace hw::parsers {

// One page of a thread or a listing, as its address names it. Address of page n: before + n + after; the first has an
// address of its own.
struct Place {
  PageRole role = PageRole::thread;  // or listing
  std::string number;                // which thread or board: the engine's own number or name
  long page = 1;
  long first_page = 1;  // what the engine calls the first: SMF counts posts from 0
  std::string first;
  std::string before;
  std::string after = {};

  bool same_as(const Place& other) const { return role == other.role && number == other.number; }
  std::string address(long page) const;
  std::string address() const { return address(page); }
};

// Posts are only added at the end of a thread, so a page that another page follows is full and does not change: it has
// the stamp kFullPage and is read once.
inline constexpr std::string_view kFullPage = "full";

// The later pages of a thread up to `last`. The last has the stamp of the thread as its listing states it. The page
// that was asked for with the thread's stamp (or with none) names all others; a full page names none, because it does
// not know that stamp.
std::vector<Request> further_pages(const Place& own, long last, long step, std::string_view stamp);

// What a pagination's links lead to.
struct LinkedPages {
  std::vector<long> pages;  // sorted, each once, `own.page` and the first page among them
  Place own;                // in the form that the links use, where an engine knows several
};

// `place_of`: of a reference on a page, which thread or listing it leads to; nothing for all else.
using PlaceOf = std::optional<Place> (*)(std::string_view page_url, std::string_view reference);
LinkedPages pages_linked(const std::vector<Node>& paginations, const Place& own, std::string_view page_url,
                         PlaceOf place_of);

// The page that an address or a pagination names; the first where it names none.
long page_number(std::string_view digits);

// The smallest distance between two of them; 0 where there is only one.
long smallest_step(const std::vector<long>& pages);

}  // namespace hw::parsers
