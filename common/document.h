// What came back for a request: the bytes and what the server said of them.
#pragma once

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

  // The first header of that name (ASCII case ignored), or nothing.
  std::optional<std::string_view> header(std::string_view name) const;
};

}  // namespace hw
