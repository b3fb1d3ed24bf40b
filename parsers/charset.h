// Any bytes to valid UTF-8, the way a browser would choose, with two mends for servers that lie.
//
// Order: byte order mark, Content-Type header, the page's own declaration, valid UTF-8, ICU's guess, windows-1252.
// Labels are read as the WHATWG Encoding Standard reads them ("latin1" is windows-1252). The mends: text that is valid
// UTF-8 is never read as a single-byte charset, and text declared UTF-8 that holds no valid multibyte character is not
// UTF-8.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/byte_stream.h"

namespace hw::parsers {

// What may declare a charset inside the document. JSON is UTF-8 whatever anybody says (RFC 8259 §8.1).
enum class Markup { html, xml, json, none };

// `header_charset` is the Content-Type parameter, or empty. Never fails: what cannot be read becomes U+FFFD.
std::string to_utf8(std::string_view bytes, std::string_view header_charset, Markup markup);

// The same for a file that is too large to hold: its charset is told by its beginning, `stated` (may be empty) and the
// order above. The stream's bytes are UTF-8 then, but for what is ill-formed in a file that began as UTF-8.
std::unique_ptr<ByteStream> as_utf8(std::unique_ptr<ByteStream> stream, std::string_view stated);

}  // namespace hw::parsers
