#include "parsers/addresses.h"

#include <algorithm>
#include <array>

#include "common/text.h"

namespace hw::parsers {
namespace {

constexpr std::size_t kLongestLink = 2048;

const std::vector<std::string_view>& session_parameters() {
  static const std::vector<std::string_view> names{"sid", "PHPSESSID", "s"};
  return names;
}

// Parameters that show the same content in another order or another dress.
const std::vector<std::string_view>& dress_parameters() {
  static const std::vector<std::string_view> names{"sk",         "sd",           "st",   "sort",  "order",
                                                   "view",       "hilit",        "lang", "style", "utm_source",
                                                   "utm_medium", "utm_campaign", "print"};
  return names;
}

Url mended(Url url) {
  std::replace(url.query.begin(), url.query.end(), '?', '&');
  return url;
}

Url canonical(Url url) {
  return without_parameters(without_parameters(mended(std::move(url)), session_parameters()), dress_parameters());
}

// "tg:", "mailto:" …; empty for a relative reference.
std::string_view scheme_of(std::string_view reference) {
  const auto end = std::find_if_not(reference.begin(), reference.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
           c == '.';
  });
  if (end == reference.begin() || end == reference.end() || *end != ':') return {};
  return std::string_view(reference.begin(), end);
}

bool is_web(std::string_view scheme) {
  return scheme.empty() || equals_ignoring_case(scheme, "http") || equals_ignoring_case(scheme, "https");
}

bool runs_or_embeds(std::string_view scheme) {
  static constexpr std::array<std::string_view, 7> kSchemes{"javascript", "data",  "vbscript",   "blob",
                                                            "file",       "about", "view-source"};
  return std::any_of(kSchemes.begin(), kSchemes.end(), [&](auto bad) { return equals_ignoring_case(scheme, bad); });
}

bool has_control_bytes(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool names_media(std::string_view path_as_written) {
  static constexpr std::array<std::string_view, 42> kEndings{
      "jpg",  "jpeg", "jpe", "jfif", "png", "gif",  "webp", "bmp",  "tif", "tiff", "svg",  "svgz", "ico", "avif",
      "heic", "heif", "jxl", "mp4",  "m4v", "webm", "mov",  "avi",  "mkv", "mpg",  "mpeg", "wmv",  "flv", "3gp",
      "ogv",  "mp3",  "m4a", "ogg",  "oga", "opus", "wav",  "flac", "aac", "zip",  "rar",  "7z",   "gz",  "tar"};
  const std::string path = to_lower(path_as_written);
  const std::size_t dot = path.find_last_of("./");
  if (dot == std::string::npos || path[dot] != '.') return false;
  return std::find(kEndings.begin(), kEndings.end(), std::string_view(path).substr(dot + 1)) != kEndings.end();
}

// phpBB's attachments have no ending in their address.
bool is_attachment(std::string_view path) { return path.ends_with("/download/file.php"); }

}  // namespace

std::optional<Url> page_address(std::string_view url) {
  auto parsed = parse_url(url);
  if (!parsed) return std::nullopt;
  return canonical(std::move(*parsed));
}

std::optional<Url> page_link(std::string_view page_url, std::string_view reference) {
  const auto page = parse_url(page_url);
  auto link = resolve_url(page_url, reference);
  if (!page || !link) return std::nullopt;
  if (link->authority() != page->authority()) return std::nullopt;
  if (link->scheme != page->scheme) {
    link->scheme = page->scheme;
    link->port = page->port;
  }
  return canonical(std::move(*link));
}

std::string_view number_in(std::string_view reference, std::string_view parameter) {
  for (std::size_t at = reference.find(parameter); at != std::string_view::npos;
       at = reference.find(parameter, at + 1)) {
    const std::size_t equals = at + parameter.size();
    const bool whole = at > 0 && (reference[at - 1] == '?' || reference[at - 1] == '&');
    if (!whole || equals >= reference.size() || reference[equals] != '=') continue;
    const std::size_t end = std::min(reference.find_first_not_of("0123456789", equals + 1), reference.size());
    return reference.substr(equals + 1, end - equals - 1);
  }
  return {};
}

Url with_only(const Url& url, const std::vector<std::string_view>& names) {
  Url kept = url;
  kept.query.clear();
  for (const std::string_view name : names) {
    for (const std::string_view pair : split(url.query, '&')) {
      if (pair.substr(0, pair.find('=')) != name) continue;
      if (!kept.query.empty()) kept.query += '&';
      kept.query += pair;
      break;
    }
  }
  return kept;
}

bool leads_to_media(std::string_view reference) {
  const std::string_view path = trim(reference).substr(0, trim(reference).find_first_of("?#"));
  return names_media(path) || is_attachment(path);
}

std::string written_link(std::string_view page_url, std::string_view reference) {
  reference = trim(reference);
  if (reference.empty() || reference.front() == '#' || reference.size() > kLongestLink) return {};
  if (has_control_bytes(reference)) return {};
  const std::string_view scheme = scheme_of(reference);
  if (runs_or_embeds(scheme)) return {};
  if (!is_web(scheme)) return std::string(reference);
  const std::size_t hash = reference.find('#');
  const std::string_view fragment = hash == std::string_view::npos ? std::string_view() : reference.substr(hash);
  const auto url = resolve_url(page_url, reference);
  if (!url) {
    const bool media = names_media(reference.substr(0, reference.find_first_of("?#")));
    return scheme.empty() || media ? std::string() : std::string(reference);
  }
  if (names_media(url->path) || is_attachment(url->path)) return {};
  const auto page = parse_url(page_url);
  const bool own = page && page->authority() == url->authority();
  return (own ? without_parameters(mended(*url), session_parameters()) : *url).text() + std::string(fragment);
}

}  // namespace hw::parsers
