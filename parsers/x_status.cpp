// Statuses in the form of Twitter's API 1.1.
#include "common/text.h"
#include "parsers/limits.h"
#include "parsers/x.h"

namespace hw::parsers::x {
namespace {

// Of a long one in the form that cuts the others short, what it holds apart.
Json whole(const Json& status) {
  const Json extended = status.at("extended_tweet");
  return extended.is_object() ? extended : status;
}

std::string words_of(const Json& status, Post* post) {
  const Json source = whole(status);
  std::string text = source.text("full_text");
  if (text.empty()) text = source.text("text");
  for (const Json& media : source.at("entities").at("media").items()) {
    const std::string address = media.text("url");
    const auto at = address.empty() ? std::string::npos : text.find(address);
    if (at != std::string::npos) text.erase(at, address.size());
  }
  return readable(std::move(text), source.at("entities").at("urls"), post);
}

std::string id_of(const Json& value) {
  std::string id = value.text("id_str");
  return id.empty() ? value.text("id") : id;
}

}  // namespace

std::optional<Time> time_of(const std::string& text) {
  if (const auto time = parse_rfc3339(text)) return time;
  const auto words = split(text, ' ');  // Wed Aug 27 13:08:45 +0000 2008
  if (words.size() != 6) return std::nullopt;
  std::string date(words[0]);
  date.append(", ").append(words[2]).append(" ").append(words[1]).append(" ").append(words[5]);
  date.append(" ").append(words[3]).append(" ").append(words[4]);
  return parse_http_date(date);
}

bool is_status(const Json& value) {
  const bool has_words = value.at("text") || value.at("full_text");
  return has_words && !id_of(value).empty() && value.at("created_at");
}

Post read_status(const Json& status) {
  Post post;
  post.id = id_of(status);
  post.as_served = status.as_served({"retweeted_status", "quoted_status"});
  const Json user = status.at("user");
  post.author = user.text("screen_name");
  post.author_id = id_of(user);
  post.author_display = user.text("name");
  post.author_bio = readable(user.text("description"), user.at("entities").at("description").at("urls"), nullptr);
  post.url = address_of(post.author, post.id);
  post.created_at = time_of(status.text("created_at"));
  post.lang = status.text("lang") == "und" ? std::string() : status.text("lang");
  post.reply_to = status.text("in_reply_to_status_id_str");
  if (post.reply_to.empty()) post.reply_to = status.text("in_reply_to_status_id");
  for (const char* other : {"retweeted_status", "quoted_status"})
    if (status.at(other).is_object()) post.quotes.push_back(words_of(status.at(other), nullptr));
  if (status.at("retweeted_status").is_object()) return post;
  post.text = words_of(status, &post);
  for (const Json& hashtag : whole(status).at("entities").at("hashtags").items())
    if (std::string tag = hashtag.text("text"); !tag.empty() && post.tags.size() < kMostTags)
      post.tags.push_back(std::move(tag));
  return post;
}

}  // namespace hw::parsers::x
