#include "db/media.h"

#include <algorithm>
#include <array>
#include <vector>

#include "common/text.h"

namespace hw::db {
namespace {

constexpr std::string_view kMark = "[cut]";
constexpr std::array<std::string_view, 48> kExtensions{
    "jpg",  "jpeg", "jpe", "jfif", "png", "gif",  "webp", "bmp", "tif", "tiff", "svg", "heic",
    "heif", "avif", "ico", "jxl",  "mp4", "m4v",  "webm", "mov", "avi", "mkv",  "flv", "wmv",
    "mpg",  "mpeg", "3gp", "gifv", "ogv", "m3u8", "ts",   "mp3", "m4a", "wav",  "ogg", "oga",
    "opus", "flac", "aac", "wma",  "zip", "rar",  "7z",   "tar", "gz",  "tgz",  "xz",  "bz2"};

bool is_extension(std::string_view word) {
  return std::find(kExtensions.begin(), kExtensions.end(), to_lower(word)) != kExtensions.end();
}

bool ends_in_extension(std::string_view path) {
  const auto dot = path.find_last_of("./");
  return dot != std::string_view::npos && path[dot] == '.' && is_extension(path.substr(dot + 1));
}

bool query_names_media(std::string_view query) {
  for (const std::string_view part : split(query, '&')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view value = part.substr(equals + 1);
    if (ends_in_extension(value) || (part.substr(0, equals) == "format" && is_extension(value))) return true;
  }
  return false;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool ends_address(char c) { return is_space(c) || c == '<' || c == '>' || c == '"'; }

// "data:image/png;base64,…", but not "data: see below".
bool is_data_address(std::string_view word) {
  if (!equals_ignoring_case(word.substr(0, 5), "data:")) return false;
  const auto comma = word.find(',');
  if (comma == std::string_view::npos) return false;
  const std::string_view type = word.substr(5, comma - 5);
  return type.empty() || type.front() == ';' || type.find('/') != std::string_view::npos;
}

std::string_view without_trailing_punctuation(std::string_view word) {
  const auto last = word.find_last_not_of(".,;:!?)]}'*_");
  return last == std::string_view::npos ? std::string_view{} : word.substr(0, last + 1);
}

// Where in a word without spaces an address begins: after "(", "[img]" and the like.
std::size_t address_start(std::string_view word) {
  const std::string lower = to_lower(word);
  for (const std::string_view scheme : {"http", "hxxp", "data:"})
    if (const auto at = lower.find(scheme); at != std::string::npos) return at;
  const auto first = word.find_first_not_of("([{'*_");
  return first == std::string_view::npos ? word.size() : first;
}

std::vector<Span> media_in(std::string_view text) {
  std::vector<Span> found;
  for (std::size_t at = 0; at < text.size();) {
    if (ends_address(text[at])) {
      ++at;
      continue;
    }
    const std::size_t end = static_cast<std::size_t>(
        std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), ends_address) - text.begin());
    const std::string_view word = text.substr(at, end - at);
    const std::size_t start = address_start(word);
    std::string_view address = word.substr(start);
    // BBCode glues its closing tag to the address.
    if (const auto tag = address.find("[/"); tag != std::string_view::npos) address = address.substr(0, tag);
    if (!is_data_address(address)) address = without_trailing_punctuation(address);
    if (is_media_address(address)) found.push_back({at + start, at + start + address.size()});
    at = end;
  }
  return found;
}

std::size_t moved(std::size_t offset, const std::vector<Span>& cuts) {
  std::size_t removed = 0;
  std::size_t added = 0;
  for (const Span& cut : cuts) {
    if (offset >= cut.to) {
      removed += cut.to - cut.from;
      added += kMark.size();
    } else if (offset > cut.from) {
      return std::min(offset, cut.from) - removed + added + std::min(offset - cut.from, kMark.size());
    }
  }
  return offset - removed + added;
}

class Cutter {
 public:
  explicit Cutter(Verdict& verdict) : verdict_(verdict) {}

  void cut(std::string& text, const std::string& field) {
    const std::vector<Span> cuts = media_in(text);
    if (cuts.empty()) return;
    std::string kept;
    std::size_t at = 0;
    for (const Span& cut : cuts) {
      kept.append(text, at, cut.from - at).append(kMark);
      at = cut.to;
    }
    kept.append(text, at);
    text = std::move(kept);
    const auto move = [&](auto& found) {
      if (found.field == field) found.span = {moved(found.span.from, cuts), moved(found.span.to, cuts)};
    };
    std::for_each(verdict_.handles.begin(), verdict_.handles.end(), move);
    std::for_each(verdict_.rules.begin(), verdict_.rules.end(), move);
  }

  void cut_all(std::vector<std::string>& texts, const std::string& field) {
    for (std::size_t i = 0; i < texts.size(); ++i) cut(texts[i], field + "/" + std::to_string(i));
  }

 private:
  Verdict& verdict_;
};

}  // namespace

bool is_media_address(std::string_view address) {
  if (is_data_address(address)) return true;
  const auto slash = address.find('/');
  if (slash == std::string_view::npos || address.find('.') == std::string_view::npos) return false;
  const std::string_view whole = address.substr(0, address.find('#'));
  const auto question = whole.find('?');
  const std::string_view path = whole.substr(0, question);
  const auto scheme = path.find("://");
  const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
  if (path.find('/', host) != std::string_view::npos && ends_in_extension(path)) return true;
  return question != std::string_view::npos && query_names_media(whole.substr(question + 1));
}

void cut_media(Post& post, Verdict& verdict) {
  Cutter cutter(verdict);
  cutter.cut(post.text, "text");
  cutter.cut(post.as_served, "as_served");
  cutter.cut(post.title, "title");
  cutter.cut(post.author_bio, "author_bio");
  cutter.cut(post.author_display, "author_display");
  cutter.cut_all(post.quotes, "quotes");
  cutter.cut_all(post.tags, "tags");
  if (is_media_address(post.url)) post.url.clear();
  for (std::size_t i = 0; i < post.links.size(); ++i) {
    cutter.cut(post.links[i].text, "links/" + std::to_string(i));
    // Only the address goes: its place in the list stays, so that "links/2" is still the same link.
    if (is_media_address(post.links[i].url)) post.links[i].url.clear();
  }
}

}  // namespace hw::db
