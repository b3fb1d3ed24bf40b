#include <algorithm>

#include "common/text.h"
#include "parsers/addresses.h"
#include "parsers/bluesky.h"
#include "parsers/limits.h"

namespace hw::parsers::bluesky {
namespace {

constexpr std::string_view kPage = "https://bsky.app/";

void add_tag(std::string tag, Post& post) {
  const bool known = std::find(post.tags.begin(), post.tags.end(), tag) != post.tags.end();
  if (!tag.empty() && !known && post.tags.size() < kMostTags) post.tags.push_back(std::move(tag));
}

void add_link(const std::string& target, std::string text, Post& post) {
  std::string url = written_link(kPage, target);
  const bool known =
      std::any_of(post.links.begin(), post.links.end(), [&](const Link& link) { return link.url == url; });
  if (!url.empty() && !known && post.links.size() < kMostTags) post.links.push_back({std::move(url), std::move(text)});
}

// A facet marks bytes of the text; one that marks none of them, or half a character, marks nothing.
std::string marked_by(Json index, const std::string& text) {
  const std::int64_t from = index.number("byteStart");
  const std::int64_t to = index.number("byteEnd");
  if (from < 0 || to <= from || to > static_cast<std::int64_t>(text.size())) return {};
  std::string marked = text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
  return valid_utf8(marked) ? marked : std::string();
}

void read_facets(Json record, Post& post) {
  for (const Json facet : record.at("facets").items())
    for (const Json feature : facet.at("features").items()) {
      const std::string type = feature.text("$type");
      if (type == "app.bsky.richtext.facet#tag") add_tag(feature.text("tag"), post);
      if (type == "app.bsky.richtext.facet#link")
        add_link(feature.text("uri"), marked_by(facet.at("index"), post.text), post);
    }
}

}  // namespace

std::string permalink(std::string_view did, std::string_view record_key) {
  return "https://bsky.app/profile/" + std::string(did) + "/post/" + std::string(record_key);
}

void read_record(Json record, Post& post) {
  post.text = record.text("text");
  for (const Json tag : record.at("tags").items()) add_tag(tag.text(), post);
  read_facets(record, post);
  const Json card = record.at("embed").at("external");
  if (card) add_link(card.text("uri"), card.text("title"), post);
  const Json card_beside = record.at("embed").at("media").at("external");
  if (card_beside) add_link(card_beside.text("uri"), card_beside.text("title"), post);
  const std::vector<Json> languages = record.at("langs").items();
  if (!languages.empty()) post.lang = languages.front().text();
  post.created_at = parse_rfc3339(record.text("createdAt"));
  post.reply_to = record.at("reply").at("parent").text("uri");
}

}  // namespace hw::parsers::bluesky
