// Addresses, by libcurl's URL parser: the same one that later fetches, so that two parsers never disagree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace hw {

struct Url {
  std::string scheme;  // lower case
  std::string host;    // lower case, IDNA ("xn--…"), IPv6 in brackets
  std::uint16_t port = 0;
  std::string path;   // at least "/"
  std::string query;  // without '?'

  // "forum.example" or "forum.example:8080"; the port is left out where it is the scheme's own.
  std::string authority() const;
  std::string origin() const;  // scheme://authority
  std::string text() const;
};

// "localhost", 127.0.0.0/8 or "[::1]", as a Url's host has them.
bool is_loopback(std::string_view host);
// Only http and https, no user info, no control characters, no escapes in the host; the fragment is dropped.
Result<Url> parse_url(std::string_view text);
// `reference` (relative or absolute, as it stands in a page) against `base`; same rules as parse_url.
Result<Url> resolve_url(std::string_view base, std::string_view reference);
// Without the named query parameters (names compared without case); the order of the rest stays.
Url without_parameters(Url url, const std::vector<std::string_view>& names);
// The value of a query parameter, percent-decoded; empty when absent.
std::string query_parameter(const Url& url, std::string_view name);
// As it stands in a query or a form: everything but letters, digits and "-._~" percent-encoded.
std::string escape_parameter(std::string_view text);
// With that parameter set to `value`, at the end of the query and in place of any before it; an empty value removes it.
Url with_parameter(const Url& url, std::string_view name, std::string_view value);

}  // namespace hw
