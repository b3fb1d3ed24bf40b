// RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0: for the files of this adapter only; the public face is parser.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/post.h"
#include "parsers/xml.h"

namespace hw::parsers::feed {

// What entries inherit from the channel or feed that they stand in.
struct Inherited {
  std::string author;
  std::string author_id;
  std::string language;
};
Inherited inherited_from(XmlElement feed);

// An <item> or <entry> as a post. Its id is empty when it says nothing at all.
Post read_entry(XmlElement entry, const Inherited& inherited, std::string_view page_url);

// RFC 822 and its relatives, RFC 3339, and W3C-DTF down to a bare year. What has no zone is read as UTC.
std::optional<Time> read_date(std::string_view text);

// Text that may be HTML, escaped HTML or neither, on one line.
std::string plain(std::string_view text);

}  // namespace hw::parsers::feed
