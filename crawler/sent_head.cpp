#include "crawler/sent_head.h"

#include <utility>

#include <curl/curl.h>

#include "common/text.h"
#include "common/url.h"

namespace hw::crawler {
namespace {

constexpr std::string_view kAcceptPages =
    "text/html,application/xhtml+xml,application/json;q=0.9,application/atom+xml;q=0.9,application/rss+xml;q=0.9,"
    "application/xml;q=0.8,text/xml;q=0.8,text/plain;q=0.5";

std::string encodings_of(const curl_version_info_data& library) {
  std::string out;
  const auto add = [&](int feature, std::string_view names) {
    if ((library.features & feature) != 0) out.append(out.empty() ? "" : ", ").append(names);
  };
  add(CURL_VERSION_LIBZ, "deflate, gzip");
  add(CURL_VERSION_BROTLI, "br");
  add(CURL_VERSION_ZSTD, "zstd");
  return out;
}

bool is_secret(std::string_view name) { return name == "Authorization"; }

// libcurl greets a proxy that is asked for a page of plain http.
bool greets_proxy(const FetchRequest& request, const Url& url) {
  return url.scheme == "http" && request.proxy.url.starts_with("http");
}

}  // namespace

std::vector<Header> own_headers(const FetchRequest& request) {
  std::vector<Header> out;
  out.push_back({"Accept", request.accept.empty() ? std::string(kAcceptPages) : request.accept});
  if (request.etag && !request.etag->empty()) out.push_back({"If-None-Match", *request.etag});
  if (request.last_modified && !request.last_modified->empty())
    out.push_back({"If-Modified-Since", *request.last_modified});
  if (!request.authorization.empty()) out.push_back({"Authorization", request.authorization});
  if (request.post) out.push_back({"Content-Type", request.post_type});
  if (!request.signature.empty()) out.push_back({"X-Handlewatch-Signature-256", request.signature});
  return out;
}

const std::string& accepted_encodings() {
  static const std::string encodings = encodings_of(*curl_version_info(CURLVERSION_NOW));
  return encodings;
}

std::vector<Header> sent_head(const FetchRequest& request, std::string_view user_agent) {
  const auto url = parse_url(request.request.url);
  if (!url) return {};
  std::vector<Header> head;
  head.reserve(10);
  head.push_back({"", (request.post ? "POST " : "GET ") + url->path + (url->query.empty() ? "" : "?" + url->query)});
  head.push_back({"Host", url->authority()});
  if (!user_agent.empty()) head.push_back({"User-Agent", std::string(user_agent)});
  if (!accepted_encodings().empty()) head.push_back({"Accept-Encoding", accepted_encodings()});
  if (greets_proxy(request, *url)) head.push_back({"Proxy-Connection", "Keep-Alive"});
  for (Header& header : own_headers(request))
    if (!is_secret(header.name)) head.push_back(std::move(header));
  if (request.post) head.push_back({"Content-Length", std::to_string(request.post->size())});
  return head;
}

void name_version(std::vector<Header>& head, long version) {
  if (head.empty()) return;
  const bool second = version == CURL_HTTP_VERSION_2_0;
  head.front().value += second ? " HTTP/2" : version == CURL_HTTP_VERSION_1_0 ? " HTTP/1.0" : " HTTP/1.1";
  if (second)
    for (Header& header : head) header.name = to_lower(header.name);
}

}  // namespace hw::crawler
