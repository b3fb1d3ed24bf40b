#include "crawler/sitemap.h"

#include <algorithm>
#include <utility>

#include "common/text.h"
#include "common/unpack.h"
#include "crawler/gate.h"

namespace hw::crawler {
namespace {

constexpr std::size_t kLongestAddress = 8192;

// The character data of the element that begins at the start of `text`, up to its end; empty where it does not end.
std::string_view content_of(std::string_view text) {
  const auto open = text.find('>');
  if (open == std::string_view::npos) return {};
  text.remove_prefix(open + 1);
  const auto close = text.find("</");
  return close == std::string_view::npos ? std::string_view{} : text.substr(0, close);
}

std::string plain(std::string_view content) {
  content = trim(content);
  if (content.starts_with("<![CDATA[") && content.ends_with("]]>"))
    return std::string(trim(content.substr(9, content.size() - 12)));
  constexpr std::pair<std::string_view, char> kReferences[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
  std::string out;
  while (!content.empty()) {
    const auto* const known = std::find_if(std::begin(kReferences), std::end(kReferences),
                                           [&](const auto& reference) { return content.starts_with(reference.first); });
    const bool reference = known != std::end(kReferences);
    out += reference ? known->second : content.front();
    content.remove_prefix(reference ? known->first.size() : 1);
  }
  return out;
}

// Whether an element of that name begins here, whatever its prefix: "<loc>", "<sm:loc >".
bool begins(std::string_view tag, std::string_view name) {
  const auto colon = tag.find(':');
  if (colon != std::string_view::npos) tag.remove_prefix(colon + 1);
  return tag == name;
}

std::string_view name_at(std::string_view text) {
  return text.substr(1, std::min(text.find_first_of(" \t\r\n/>", 1), text.size()) - 1);
}

Sitemap read_xml(std::string_view text) {
  Sitemap out;
  bool within = false;  // a <url> or <sitemap>, so that images and videos in one do not count
  for (auto at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const std::string_view rest = text.substr(at);
    const std::string_view name = name_at(rest.substr(0, 64));
    if (begins(name, "sitemapindex")) out.index = true;
    if (begins(name, "url") || begins(name, "sitemap")) {
      if (out.entries.size() == kMostSitemapEntries) break;
      within = true;
    } else if (within && name.find(':') == std::string_view::npos && name == "loc") {
      std::string url = plain(content_of(rest.substr(0, kLongestAddress)));
      if (!url.empty()) out.entries.push_back({std::move(url), {}});
      within = false;
    } else if (begins(name, "lastmod") && !out.entries.empty() && !out.entries.back().changed) {
      out.entries.back().changed = parse_changed(content_of(rest.substr(0, 128)));
    }
  }
  return out;
}

Sitemap read_lines(std::string_view text) {
  Sitemap out;
  for (const std::string_view line : split(text, '\n')) {
    const std::string_view url = trim(line);
    if (!url.starts_with("http") || url.size() > kLongestAddress) continue;
    if (out.entries.size() == kMostSitemapEntries) break;
    out.entries.push_back({std::string(url), {}});
  }
  return out;
}

}  // namespace

std::optional<Time> parse_changed(std::string_view text) {
  text = trim(text);
  return parse_rfc3339(text.size() == 10 ? std::string(text) + "T00:00:00Z" : std::string(text));
}

Sitemap parse_sitemap(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return trim(text).starts_with('<') ? read_xml(text) : read_lines(text);
}

std::optional<std::string> sitemap_text(std::string_view body, std::size_t most) {
  std::string text(body.substr(0, most));
  if (body.starts_with("\x1F\x8B")) {
    auto unpacked = unpack(body, Coding::gzip, most);
    if (!unpacked) return std::nullopt;
    text = std::move(*unpacked);
  }
  if (!media_in(std::string_view(text).substr(0, kSniffedBytes)).empty()) return std::nullopt;
  return text;
}

}  // namespace hw::crawler
