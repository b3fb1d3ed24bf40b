// Redirects, judged one hop at a time: a source never leaves its host, whatever the server says. Pure.
#pragma once

#include <string>
#include <vector>

#include "common/document.h"
#include "common/error.h"
#include "common/url.h"

namespace hw::crawler {

inline constexpr std::size_t kMostHops = 5;

// 301, 302, 303, 307, 308.
bool is_redirect(int status);

// Whether an address belongs to the site that `site` is on: the same scheme, host and port, or https on its own port
// where the site is http on its own.
bool same_site(const Url& site, const Url& other);

// Where an answer leads. Refused when there is no usable Location, when it leaves the site, when it was visited before,
// or after five hops. `visited` are the addresses of this chain so far, the answering one last.
Result<Url> judge_redirect(const Document& answer, const std::vector<std::string>& visited);

}  // namespace hw::crawler
