// RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed: for the files of this adapter only; the public face is parser.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/document.h"
#include "common/post.h"
#include "parsers/parser.h"
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

// What names a post that neither names itself nor has an address: what it says. Empty for one that says nothing.
std::string id_of_text(const Post& post);

// The page that `reference` leads to, on the same host. Newest first: what follows is unchanged while this page ends as
// before.
std::optional<Request> page_after(std::string_view reference, const ParsedPage& page, std::string_view url);

ParsedPage read_json_feed(const Document& document, std::string_view utf8);

// Text that may be HTML, escaped HTML or neither, on one line.
std::string plain(std::string_view text);

}  // namespace hw::parsers::feed
