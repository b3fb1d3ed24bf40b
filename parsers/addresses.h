// The addresses in a page: which may be crawled and in what one form, and which are only kept as what a post says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/url.h"

namespace hw::parsers {

// A link of a page as an address to crawl: absolute, http(s), on the page's own host, without fragment, session id and
// sort or view parameters. Nothing when it leads elsewhere or cannot be read. A second '?' counts as '&', because
// boards do write "feed?sid=X?f=2". The scheme follows the page's where the port allows it, so one page has one
// address.
std::optional<Url> page_link(std::string_view page_url, std::string_view reference);

// The page's own address in that form; for the address that an operator configured, too.
std::optional<Url> page_address(std::string_view url);

// The number that a parameter of a reference as written holds ("?mode=viewprofile&u=7" → "7"), without resolving it;
// empty when there is none.
std::string_view number_in(std::string_view reference, std::string_view parameter);

// With only the named parameters, in that order, those absent left out: "viewtopic.php?t=2&start=10".
Url with_only(const Url& url, const std::vector<std::string_view>& names);

// A link that somebody wrote in a post, as text: resolved against the page where it is http(s), its fragment kept (it
// may hold the handle: "signal.me/#p/+1…"), the board's own session ids taken out. Empty for what cannot be a written
// link: javascript:, data:, attachments, and whatever leads to an image, a video, a sound or an archive.
std::string written_link(std::string_view page_url, std::string_view reference);

// True for an address, whole or relative, that leads to an image, a video, a sound, an archive or an attachment.
bool leads_to_media(std::string_view reference);

}  // namespace hw::parsers
