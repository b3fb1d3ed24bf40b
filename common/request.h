// What an adapter asks the crawler to fetch. Adapters plan and never fetch; the crawler executes and owns politeness.
#pragma once

#include <cstdint>
#include <string>

namespace hw {

enum class PageRole {
  entry,    // where a source begins: an index, a listing, a feed
  listing,  // a further page of links to threads
  thread,   // a page of posts
};

struct Request {
  std::string url;  // absolute http(s), without a fragment
  PageRole role = PageRole::entry;
  // What the linking page says of how fresh this page is (last post's id, its time, a count), as opaque text. The
  // frontier does not fetch an address again while its stamp is the one that it was last read with. Empty: always due.
  std::string stamp;
  bool operator==(const Request&) const = default;
};

}  // namespace hw
