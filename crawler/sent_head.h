// The head of a request, put together from what libcurl is told to send: to have libcurl tell it costs more than to
// fetch a small page. A test holds it to the bytes that arrive at a server.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/document.h"
#include "crawler/fetcher.h"

namespace hw::crawler {

// What CurlTransfer adds to what libcurl sends by itself: what is accepted, what is known, who asks.
std::vector<Header> own_headers(const FetchRequest& request);

// The content codings that this libcurl decodes, as it names them itself: "deflate, gzip, br".
const std::string& accepted_encodings();

// The request line first, with an empty name and without a version; no credentials, and the address without its secret
// parameter. The address is in its canonical form (Url::text).
std::vector<Header> sent_head(const FetchRequest& request, std::string_view user_agent);

// Adds the version to it, once it is known: a CURL_HTTP_VERSION_… value. HTTP/2 has its names in lower case.
void name_version(std::vector<Header>& head, long version);

}  // namespace hw::crawler
