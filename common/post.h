// A post: one public message by one author, as text. The JSON form is in common/json.h and DESIGN's "Post".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/time.h"

namespace hw {

enum class PostState { live, edited, deleted };

struct Link {
  std::string url;   // where it leads; never fetched
  std::string text;  // what the reader sees
  bool operator==(const Link&) const = default;
};

// All strings are valid UTF-8. Empty means absent. A post is identified by (platform, id).
struct Post {
  std::string id;
  std::string platform;  // the network's name; for forums the board's host
  std::string source;    // the name of the configured source
  std::string url;       // permalink
  std::string author;    // the name that readers see as the account's
  std::string author_id;
  std::string author_display;
  std::string author_bio;
  std::string title;
  std::string text;  // the author's own words, lines broken as a reader sees them; quotes are apart
  std::vector<std::string> tags;
  std::vector<Link> links;
  std::vector<std::string> quotes;
  std::optional<Time> created_at;
  std::string lang;      // BCP 47, as the source states it
  std::string reply_to;  // the id of the post that this one answers
  PostState state = PostState::live;
  // The post as it stood in its page, for evidence: markup or a JSON object, without media and without what others
  // wrote (parsers/served.h). Empty where the post did not come from a page. No part of the JSON form, never
  // classified.
  std::string as_served;
  bool operator==(const Post&) const = default;
};

}  // namespace hw
