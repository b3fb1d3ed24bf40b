#include "crawler/curl_transfer.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "common/digest.h"
#include "common/media_type.h"
#include "common/text.h"
#include "common/url.h"
#include "config/proxy.h"
#include "crawler/gate.h"
#include "crawler/sent_head.h"

namespace hw::crawler {
namespace {

constexpr std::size_t kMostHeaderBytes = 256U << 10;
constexpr std::uint64_t kRatioCountsFrom = 1U << 20;   // small pages compress well without being bombs
constexpr std::size_t kMostUnwantedBytes = 64U << 10;  // of an error page, read so that the connection can be kept
constexpr long kSlowSeconds = 30;
constexpr long kReceivedAtOnce = 64L << 10;  // most pages in one piece
constexpr std::string_view kGzip = "\x1F\x8B";

// What sitemaps within gzip are sent as.
bool may_hold_text(std::string_view type) {
  return type == "application/gzip" || type == "application/x-gzip" || type == "application/octet-stream";
}

long millis(Duration duration) { return static_cast<long>(duration.count()); }

Duration time_of(CURL* handle, CURLINFO which) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(handle, which, &microseconds);
  return std::chrono::duration_cast<Duration>(std::chrono::microseconds(microseconds));
}

std::string text_of(CURL* handle, CURLINFO which) {
  const char* text = nullptr;
  curl_easy_getinfo(handle, which, &text);
  return text == nullptr ? "" : text;
}

const char* text_or_none(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

std::string sent_address(const FetchRequest& request) {
  if (request.secret_parameter.empty()) return request.request.url;
  const bool has_query = request.request.url.find('?') != std::string::npos;
  return request.request.url + (has_query ? '&' : '?') + request.secret_parameter;
}

// Of the exchange's error, in words a person can act on; libcurl's own text may quote the address, so it is not used.
std::string_view words_for(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "its name cannot be resolved; check the url and the machine's DNS";
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "the name of its proxy cannot be resolved";
    case CURLE_PROXY:
      return "its proxy does not let it through";
    case CURLE_COULDNT_CONNECT:
      return "no connection; the server is down or a firewall is between";
    case CURLE_OPERATION_TIMEDOUT:
      return "too slow or silent";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "its TLS certificate cannot be verified";
    case CURLE_SSL_CONNECT_ERROR:
      return "no TLS connection can be agreed";
    case CURLE_GOT_NOTHING:
      return "it closed the connection without an answer";
    case CURLE_PARTIAL_FILE:
      return "the answer ended before its end";
    case CURLE_RECV_ERROR:
      return "the connection broke off";
    case CURLE_SEND_ERROR:
      return "the connection broke off while asking";
    case CURLE_BAD_CONTENT_ENCODING:
      return "its compressed body cannot be decoded";
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return "its answer is no HTTP";
    default:
      return "a broken exchange";
  }
}

}  // namespace

CurlTransfer::CurlTransfer(const FetchRules& rules, const AddressGuard& guard)
    : rules_(rules), guard_(guard), handle_(curl_easy_init()) {
  set_options();
}

void CurlTransfer::set_options() {
  CURL* handle = handle_.get();
  const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(handle, option, value); };
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOPROXY, "");  // nor may the environment lead past a source's own proxy
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));  // ours are not for a proxy
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_ACCEPT_ENCODING, accepted_encodings().c_str());
  set(CURLOPT_USERAGENT, rules_.user_agent.c_str());
  set(CURLOPT_CONNECTTIMEOUT_MS, millis(rules_.connect_timeout));
  set(CURLOPT_TIMEOUT_MS, millis(rules_.total_timeout));
  set(CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(rules_.least_bytes_per_second));
  set(CURLOPT_LOW_SPEED_TIME, kSlowSeconds);
  set(CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_BUFFERSIZE, kReceivedAtOnce);
  set(CURLOPT_CERTINFO, 1L);
  set(CURLOPT_DEBUGFUNCTION, &CurlTransfer::on_debug);
  set(CURLOPT_DEBUGDATA, static_cast<void*>(this));
  set(CURLOPT_OPENSOCKETFUNCTION, &CurlTransfer::on_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
}

// Without one an empty address is set: an environment's proxy would hide the address from the guard.
void CurlTransfer::set_proxy(const Proxy& proxy) {
  by_proxy_ = proxy.in_use();
  proxy_address_.reset();
  if (by_proxy_)
    if (const auto parsed = config::parse_proxy(proxy.url)) proxy_address_ = parse_address(parsed->host);
  curl_easy_setopt(handle_.get(), CURLOPT_PROXY, proxy.url.c_str());
  curl_easy_setopt(handle_.get(), CURLOPT_PROXYUSERNAME, text_or_none(proxy.user));
  curl_easy_setopt(handle_.get(), CURLOPT_PROXYPASSWORD, text_or_none(proxy.password));
}

void CurlTransfer::prepare(Ticket ticket, const FetchRequest& request) {
  ticket_ = ticket;
  document_ = {};
  document_.request = request.request;
  document_.url = request.request.url;
  header_bytes_ = 0;
  status_line_next_ = true;
  encoded_ = false;
  cut_ = Cut::none;
  reason_.clear();
  unreachable_ = {};
  document_.exchange.request_headers = sent_head(request, rules_.user_agent);
  curl_slist* list = nullptr;
  for (const Header& header : own_headers(request))
    list = curl_slist_append(list, (header.name + ": " + header.value).c_str());
  sent_headers_.reset(list);
  curl_easy_setopt(handle_.get(), CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(handle_.get(), CURLOPT_VERBOSE, 0L);
  set_proxy(request.proxy);
  expects_ = request.expects;
  curl_easy_setopt(handle_.get(), CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
  curl_easy_setopt(handle_.get(), CURLOPT_USERNAME, text_or_none(request.basic_user));
  curl_easy_setopt(handle_.get(), CURLOPT_PASSWORD, text_or_none(request.basic_password));
  curl_easy_setopt(handle_.get(), CURLOPT_HTTPGET, 1L);
  if (request.post) {
    curl_easy_setopt(handle_.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.post->size()));
    curl_easy_setopt(handle_.get(), CURLOPT_COPYPOSTFIELDS, request.post->c_str());
  }
  curl_easy_setopt(handle_.get(), CURLOPT_URL, sent_address(request).c_str());
}

std::size_t CurlTransfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  const bool go_on = static_cast<CurlTransfer*>(self)->take_header({bytes, size * count});
  return go_on ? size * count : 0;
}

std::size_t CurlTransfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  const bool go_on = static_cast<CurlTransfer*>(self)->take_body({bytes, size * count});
  return go_on || size * count == 0 ? size * count : 0;
}

// The body before it is decoded, for evidence; libcurl is asked for it only where there is something to decode.
int CurlTransfer::on_debug(CURL*, curl_infotype kind, char* bytes, std::size_t size, void* self) {
  if (kind == CURLINFO_DATA_IN) static_cast<CurlTransfer*>(self)->note_received({bytes, size});
  return 0;
}

// Kept apart only where it is decoded: else it is the body itself. What is no page is no evidence.
void CurlTransfer::note_received(std::string_view bytes) {
  if (!wants_body() || !encoded_) return;
  std::string& received = document_.exchange.received;
  if (received.size() + bytes.size() <= rules_.max_body_bytes) received.append(bytes);
}

// Empty where the connection was made by an earlier request: then the fetcher knows it.
std::string CurlTransfer::leaf_certificate() const {
  curl_certinfo* chain = nullptr;
  if (curl_easy_getinfo(handle_.get(), CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == nullptr) return {};
  if (chain->num_of_certs < 1) return {};
  for (const curl_slist* field = chain->certinfo[0]; field != nullptr; field = field->next)
    if (std::string_view(field->data).starts_with("Cert:")) return certificate_sha256(field->data);
  return {};
}

curl_socket_t CurlTransfer::on_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto* transfer = static_cast<CurlTransfer*>(self);
  const auto judged = address_of(&address->addr);
  if (!judged) transfer->unreachable_ = "an address of an unknown family";
  if (!judged || !transfer->may_connect_to(*judged)) return CURL_SOCKET_BAD;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool CurlTransfer::may_connect_to(const Address& address) {
  unreachable_ = by_proxy_ && proxy_address_ == address ? std::string_view{} : guard_.objection(address);
  return unreachable_.empty();
}

bool CurlTransfer::refuse(std::string reason) {
  cut_ = Cut::refused;
  reason_ = std::move(reason);
  return false;
}

bool CurlTransfer::leave_out_body() {
  cut_ = Cut::body_unwanted;
  document_.body.clear();
  return false;
}

bool CurlTransfer::take_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMostHeaderBytes) return refuse("more than 256 KiB of headers");
  if (!document_.body.empty()) return true;  // trailers say nothing that we use
  if (std::exchange(status_line_next_, false)) return take_status(line);
  line = trim(line);
  if (line.empty()) return end_of_headers();
  const auto colon = line.find(':');
  if (colon != std::string_view::npos)
    document_.headers.push_back({std::string(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1)))});
  return true;
}

// Of the answer, or of a 1xx one before it: what came before does not count.
bool CurlTransfer::take_status(std::string_view line) {
  document_.headers.clear();
  document_.status = 0;
  const auto space = line.find(' ');
  if (space != std::string_view::npos)
    std::from_chars(line.data() + space + 1, line.data() + line.size(), document_.status);
  return true;
}

bool CurlTransfer::end_of_headers() {
  status_line_next_ = true;
  if (!wants_body()) return true;
  const MediaType type = parse_media_type(document_.header("content-type").value_or(""));
  document_.content_type = type.type;
  document_.charset = type.charset;
  encoded_ = document_.header("content-encoding").has_value() || document_.header("transfer-encoding").has_value();
  if (encoded_) curl_easy_setopt(handle_.get(), CURLOPT_VERBOSE, 1L);  // to on_debug alone
  make_room();
  if (is_text_type(type.type) || (expects_ == Expects::sitemap && may_hold_text(type.type))) return true;
  return refuse(fmt::format("its type is {}, only text is read", escape_for_terminal(type.type.substr(0, 80))));
}

// For the body, if it is as long as the server says; a lie costs little.
void CurlTransfer::make_room() {
  constexpr curl_off_t kMostRoom = 256 << 10;
  curl_off_t length = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  document_.body.reserve(static_cast<std::size_t>(std::clamp<curl_off_t>(length, 0, kMostRoom)));
}

bool CurlTransfer::take_body(std::string_view bytes) {
  std::string& body = document_.body;
  const std::size_t before = body.size();
  if (!wants_body() && before + bytes.size() > kMostUnwantedBytes) return leave_out_body();
  if (before + bytes.size() > rules_.max_body_bytes)
    return refuse(fmt::format("its body is larger than {} bytes", rules_.max_body_bytes));
  body.append(bytes);
  if (before < kSniffedBytes) {
    const bool packed = expects_ == Expects::sitemap && body.starts_with(kGzip.substr(0, body.size()));
    const std::string_view media = packed ? std::string_view{} : media_in(body);
    if (!media.empty())
      return wants_body() ? refuse(fmt::format("its body is {}, only text is read", media)) : leave_out_body();
  }
  if (body.size() > kRatioCountsFrom && body.size() / rules_.max_ratio > received())
    return refuse(fmt::format("its body is compressed more than {} times", rules_.max_ratio));
  return true;
}

std::uint64_t CurlTransfer::received() const {
  curl_off_t bytes = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_SIZE_DOWNLOAD_T, &bytes);
  return static_cast<std::uint64_t>(bytes);
}

Error CurlTransfer::error_of(CURLcode code) const {
  if (cut_ == Cut::refused) return {ErrorCode::refused, reason_};
  if (code == CURLE_COULDNT_CONNECT && !unreachable_.empty())
    return {ErrorCode::refused, fmt::format("{} leads to {}; if that is meant, list it in network.allow",
                                            by_proxy_ ? "its proxy" : "it", unreachable_)};
  return {ErrorCode::network, std::string(words_for(code))};
}

long CurlTransfer::http_version() const {
  long version = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_HTTP_VERSION, &version);
  return version;
}

FetchTimings CurlTransfer::timings() const {
  CURL* handle = handle_.get();
  return {time_of(handle, CURLINFO_NAMELOOKUP_TIME_T), time_of(handle, CURLINFO_CONNECT_TIME_T),
          time_of(handle, CURLINFO_APPCONNECT_TIME_T), time_of(handle, CURLINFO_STARTTRANSFER_TIME_T),
          time_of(handle, CURLINFO_TOTAL_TIME_T)};
}

Fetched CurlTransfer::finish(CURLcode code) {
  Fetched out{ticket_, fail(ErrorCode::network, "")};
  out.received_bytes = received();
  if (!by_proxy_) out.remote_address = text_of(handle_.get(), CURLINFO_PRIMARY_IP);
  out.status = document_.status;
  out.timings = timings();
  if (code == CURLE_OK || cut_ == Cut::body_unwanted) {
    document_.fetched_at = SystemClock().now();
    Exchange& exchange = document_.exchange;
    name_version(exchange.request_headers, http_version());
    exchange.started = document_.fetched_at - out.timings.total;
    exchange.remote_address = out.remote_address;
    exchange.tls_leaf_sha256 = leaf_certificate();
    exchange.received_bytes = out.received_bytes;
    exchange.truncated = cut_ == Cut::body_unwanted;
    out.document = std::move(document_);
  } else {
    out.headers = std::move(document_.headers);
    out.document = tl::unexpected(error_of(code));
  }
  document_ = {};
  return out;
}

}  // namespace hw::crawler
