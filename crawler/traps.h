// Addresses that a server makes up without end: what gives one away, and what many of them have in common. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/url.h"

namespace hw::crawler {

// Empty, or why the address is not worth asking for: "a path that repeats itself", "a calendar without end" …
// `year` is the present one. A search is as long as its operator wrote it: `own_query`, the length of what the source's
// own address asks, counts for nothing.
std::string_view trap_in(const Url& url, int year, std::size_t own_query = 0);

// The same for addresses that differ only in numbers, names and values: "/viewtopic.php?f=3&t=7" and
// "/viewtopic.php?f=4&t=12". Takes an address as the frontier keeps it.
std::uint64_t shape_of(std::string_view url);

// Without what only tells one visitor from another: session ids, and where a click came from.
Url without_visitor(Url url);

}  // namespace hw::crawler
