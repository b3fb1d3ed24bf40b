// What came back for a request: the bytes and what the server said of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/request.h"
#include "common/time.h"

namespace hw {

struct Header {
  std::string name;
  std::string value;
};

// How a document came here, for evidence. What a server or we never said is empty.
struct Exchange {
  std::vector<std::string> redirects;   // the addresses that were asked before the last, in order
  std::vector<Header> request_headers;  // as sent, the request line first with an empty name; no credentials
  std::string robots;                   // what robots.txt decided, and by which rule
  std::string remote_address;           // "192.0.2.7"
  std::string tls_leaf_sha256;          // of the server's certificate, in hex; empty without TLS
  std::string received;                 // the body before any decoding, transfer framing included; empty: as it is
  std::uint64_t received_bytes = 0;     // of the body before its content decoding
  bool truncated = false;               // the body was left out or cut
  Time started{};                       // it ended at Document::fetched_at
};

struct Document {
  Request request;
  std::string url;  // after redirects
  int status = 0;   // HTTP status
  std::vector<Header> headers;
  std::string content_type;  // media type in lower case without parameters: "text/html"
  std::string charset;       // from the Content-Type header, lower case; empty when absent
  std::string body;          // decoded from its transfer and content coding, not from its charset
  Time fetched_at{};
  std::string cursor;  // what the source's adapter last asked to remember
  Exchange exchange{};

  // The first header of that name (ASCII case ignored), or nothing.
  std::optional<std::string_view> header(std::string_view name) const;
};

}  // namespace hw
