#include "common/url.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include <curl/curl.h>
#include <fmt/format.h>
#include <unicode/uidna.h>

#include "common/text.h"

namespace hw {
namespace {

struct FreeUrl {
  void operator()(CURLU* handle) const { curl_url_cleanup(handle); }
};
using Handle = std::unique_ptr<CURLU, FreeUrl>;

std::string part(CURLU* handle, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(handle, which, &text, flags) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

bool has_control_bytes(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// Bytes that browsers send escaped and libcurl would refuse or pass on raw.
std::string escape_loose_bytes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F)
      out += fmt::format("%{:02X}", byte);
    else
      out += c;
  }
  return out;
}

tl::unexpected<Error> refused(std::string_view why) {
  return fail(ErrorCode::malformed, fmt::format("not a usable address: {}", why));
}

// libcurl decodes %XX in a host, %00 too: an escape there is only ever a disguise.
bool escapes_in_host(std::string_view text) {
  const auto scheme_end = text.find_first_of(":/?#");
  if (scheme_end != std::string_view::npos && text[scheme_end] == ':')
    text.remove_prefix(scheme_end + 1);
  else if (!text.starts_with("//"))
    return false;
  text.remove_prefix(std::min(text.find_first_not_of('/'), text.size()));
  return text.substr(0, text.find_first_of("/?#")).find('%') != std::string_view::npos;
}

bool is_host(std::string_view host) {
  constexpr std::string_view kName = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
  constexpr std::string_view kAddress = "[]0123456789abcdef:.";
  return !host.empty() && host.find_first_not_of(host.front() == '[' ? kAddress : kName) == std::string_view::npos;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// UTS #46, as browsers do it. Empty when the host has no such form. (libcurl's own depends on the process's locale.)
std::string idna(std::string_view utf8_host) {
  UErrorCode code = U_ZERO_ERROR;
  const std::unique_ptr<UIDNA, decltype(&uidna_close)> rules(
      uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ, &code), uidna_close);
  if (U_FAILURE(code) || utf8_host.size() > 1024) return {};
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  std::string out(256, '\0');  // a host has at most 253 bytes
  const int length = uidna_nameToASCII_UTF8(rules.get(), utf8_host.data(), static_cast<int>(utf8_host.size()),
                                            out.data(), static_cast<int>(out.size()), &info, &code);
  if (U_FAILURE(code) || info.errors != 0 || length > static_cast<int>(out.size())) return {};
  out.resize(static_cast<std::size_t>(length));
  return out;
}

Result<Url> read(CURLU* handle) {
  Url url;
  url.scheme = to_lower(part(handle, CURLUPART_SCHEME));
  if (url.scheme != "http" && url.scheme != "https") return refused("only http and https are read");
  if (!part(handle, CURLUPART_USER).empty() || !part(handle, CURLUPART_PASSWORD).empty())
    return refused("it carries a user name or password");
  url.host = to_lower(part(handle, CURLUPART_HOST));
  const bool international = !is_ascii(url.host);
  if (international) url.host = idna(url.host);
  if (!is_host(url.host)) return refused("it has no readable host");
  const std::string port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
  if (error != std::errc{} || url.port == 0) return refused("its port is no number from 1 to 65535");
  url.path = escape_loose_bytes(part(handle, CURLUPART_PATH));
  if (url.path.empty()) url.path = "/";
  url.query = escape_loose_bytes(part(handle, CURLUPART_QUERY));
  // A host of full-width digits has become an IPv4 address, perhaps in disguise: libcurl reads it again.
  if (international) return parse_url(url.text());
  return url;
}

// One part of a host that is neither empty, nor numeric, nor in need of any folding.
bool is_plain_label(std::string_view label) {
  constexpr std::string_view kLabel = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  return !label.empty() && label.find_first_not_of(kLabel) == std::string_view::npos;
}

bool is_plain_number(std::string_view label) {
  return !label.empty() && label.size() <= 3 && label.find_first_not_of("0123456789") == std::string_view::npos &&
         (label.size() == 1 || label.front() != '0') && (label.size() < 3 || label <= "255");
}

// A name whose last part begins with a letter, or four plain numbers.
bool is_plain_host(std::string_view host) {
  const auto labels = split(host, '.');
  if (labels.size() == 4 && std::all_of(labels.begin(), labels.end(), is_plain_number)) return true;
  const bool named = !labels.back().empty() && labels.back().front() >= 'a' && labels.back().front() <= 'z';
  return named && host.size() < 254 && !host.starts_with("xn--") &&
         std::all_of(labels.begin(), labels.end(), is_plain_label);
}

// Most addresses need no parser: plain ones, in the form that text() gives. Nothing for any other, also where it is
// usable: a property test holds the two to the same results.
std::optional<Url> read_plain(std::string_view text) {
  constexpr std::string_view kRest =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?%";
  Url url;
  url.scheme = text.starts_with("https://") ? "https" : text.starts_with("http://") ? "http" : "";
  if (url.scheme.empty()) return std::nullopt;
  text.remove_prefix(url.scheme.size() + 3);
  const auto slash = std::min(text.find('/'), text.size());
  std::string_view authority = text.substr(0, slash);
  const std::string_view rest = text.substr(slash);
  url.port = url.scheme == "https" ? 443 : 80;
  if (const auto colon = authority.find(':'); colon != std::string_view::npos) {
    const std::string_view digits = authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.front() == '0') return std::nullopt;
    authority = authority.substr(0, colon);
  }
  if (!is_plain_host(authority) || rest.empty() || rest.find_first_not_of(kRest) != std::string_view::npos ||
      rest.find("/.") != std::string_view::npos || rest.find("%2") != std::string_view::npos)
    return std::nullopt;
  url.host = authority;
  url.path = rest.substr(0, rest.find('?'));
  if (url.path.size() < rest.size()) url.query = rest.substr(url.path.size() + 1);
  return url;
}

}  // namespace

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

std::string Url::authority() const {
  const bool own_port = (scheme == "http" && port == 80) || (scheme == "https" && port == 443);
  return own_port ? host : fmt::format("{}:{}", host, port);
}

std::string Url::origin() const { return scheme + "://" + authority(); }

std::string Url::text() const { return origin() + path + (query.empty() ? "" : "?" + query); }

Result<Url> parse_url(std::string_view text) {
  if (text.size() > 8192) return refused("it is longer than 8 KiB");
  if (auto plain = read_plain(text)) return *std::move(plain);
  if (has_control_bytes(text)) return refused("it holds control characters");
  if (escapes_in_host(text)) return refused("its host holds escapes");
  const Handle handle(curl_url());
  if (curl_url_set(handle.get(), CURLUPART_URL, escape_loose_bytes(text).c_str(), 0) != CURLUE_OK)
    return refused("it cannot be read as one");
  return read(handle.get());
}

Result<Url> resolve_url(std::string_view base, std::string_view reference) {
  reference = trim(reference);
  if (reference.size() > 8192) return refused("it is longer than 8 KiB");
  if (has_control_bytes(reference)) return refused("it holds control characters");
  if (escapes_in_host(reference)) return refused("its host holds escapes");
  // RFC 3986 §5.2.2: a reference to a place in the same page keeps the query, which libcurl 7.88 drops.
  if (reference.empty() || reference.front() == '#') return parse_url(base);
  const Handle handle(curl_url());
  if (curl_url_set(handle.get(), CURLUPART_URL, std::string(base).c_str(), 0) != CURLUE_OK)
    return refused("the page's own address cannot be read");
  if (curl_url_set(handle.get(), CURLUPART_URL, escape_loose_bytes(reference).c_str(), 0) != CURLUE_OK)
    return refused("it cannot be read as one");
  return read(handle.get());
}

Url without_parameters(Url url, const std::vector<std::string_view>& names) {
  std::string kept;
  for (const std::string_view pair : split(url.query, '&')) {
    const std::string_view name = pair.substr(0, pair.find('='));
    const bool stripped =
        std::any_of(names.begin(), names.end(), [&](auto candidate) { return equals_ignoring_case(candidate, name); });
    if (pair.empty() || stripped) continue;
    if (!kept.empty()) kept += '&';
    kept += pair;
  }
  url.query = kept;
  return url;
}

std::string escape_parameter(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  static constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
  }
  return out;
}

Url with_parameter(const Url& url, std::string_view name, std::string_view value) {
  Url out = without_parameters(url, {name});
  if (value.empty()) return out;
  if (!out.query.empty()) out.query += '&';
  out.query += escape_parameter(name) + '=' + escape_parameter(value);
  return out;
}

std::string query_parameter(const Url& url, std::string_view name) {
  for (const std::string_view pair : split(url.query, '&')) {
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    if (equals == std::string_view::npos) return {};
    const std::string_view escaped = pair.substr(equals + 1);
    int length = 0;
    char* text = curl_easy_unescape(nullptr, escaped.data(), static_cast<int>(escaped.size()), &length);
    if (text == nullptr) return {};
    std::string value(text, static_cast<std::size_t>(length));
    curl_free(text);
    return value;
  }
  return {};
}

}  // namespace hw
