// Mastodon's API and what speaks it: the public timelines of a server and those of tags. Open where the server leaves
// it open, else with a token of an application (credentials: {token: …}).
#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/api.h"
#include "parsers/limits.h"

namespace hw::parsers::mastodon {
namespace {

constexpr std::size_t kPageSize = 40;

// The path of the timeline that an address means, with its own parameter.
struct Timeline {
  std::string path;
  bool local = false;
  bool remote = false;
};

Result<Timeline> timeline_of(const Url& url) {
  auto parts = path_parts(url);
  if (parts.size() > 2 && parts[0] == "api" && parts[2] == "timelines") parts.erase(parts.begin(), parts.begin() + 2);
  if (!parts.empty() && parts[0] == "web") parts.erase(parts.begin());
  if (!parts.empty() && parts[0] == "timelines") parts.erase(parts.begin());
  const std::string first = parts.empty() ? "public" : parts[0];
  if (first.starts_with('@') || first == "users" || first == "accounts") return follows_a_person("an account's page");
  const bool only_local = query_parameter(url, "local") == "true";
  if ((first == "tags" || first == "tag") && parts.size() > 1)
    return Timeline{"/api/v1/timelines/tag/" + escape_parameter(parts[1]), only_local, false};
  const std::string which = parts.size() > 1 ? parts[1] : "";
  if (first == "public" || first == "explore")
    return Timeline{"/api/v1/timelines/public", only_local || which == "local", which == "remote"};
  return not_read("name a tag (https://SERVER/tags/NAME) or a public timeline (https://SERVER/public)");
}

Result<Access> access(const config::SourceSpec& source) {
  const auto url = parse_url(source.url);
  const auto timeline = url ? timeline_of(*url) : Result<Timeline>(tl::unexpected(url.error()));
  if (!timeline) return tl::unexpected(timeline.error());
  Access access;
  if (source.credentials.empty()) return access;
  access.show = Access::Show::bearer;
  access.credential = "token";
  access.needs = {"token"};
  return access;
}

std::vector<Request> plan(const config::SourceSpec& source, const Cursor& cursor) {
  const auto url = parse_url(source.url);
  const auto timeline = url ? timeline_of(*url) : Result<Timeline>(tl::unexpected(url.error()));
  if (!timeline) return {};
  return {{api_address(url->origin(), timeline->path,
                       {{"local", timeline->local ? "true" : ""},
                        {"remote", timeline->remote ? "true" : ""},
                        {"limit", std::to_string(kPageSize)},
                        {"since_id", floor_of(cursor, "statuses")}}),
           PageRole::entry,
           {}}};
}

std::string text_of_html(const Json& status, const std::string& base) {
  Post post;
  ParsedPage unused;
  take_html(status.text("content"), base, post, unused);
  const std::string warning = status.text("spoiler_text");
  return warning.empty() ? post.text : warning + '\n' + post.text;
}

// A boost is another's words; so is what a post quotes.
void read_others(const Json& status, const std::string& base, Post& post) {
  for (const Json& other : {status.at("reblog"), status.at("quote").at("quoted_status"), status.at("quote")}) {
    if (!other.at("content")) continue;
    std::string text = text_of_html(other, base);
    if (!text.empty()) post.quotes.push_back(std::move(text));
  }
}

void read_account(const Json& account, const std::string& base, Post& post) {
  post.author = account.text("acct");
  post.author_id = account.text("id");
  post.author_display = account.text("display_name");
  post.author_bio = written_in(account.text("note"), base, nullptr).text;
  for (const Json& field : account.at("fields").items()) {
    const std::string value = written_in(field.text("value"), base, nullptr).text;
    if (!value.empty()) post.author_bio += (post.author_bio.empty() ? "" : "\n") + field.text("name") + ": " + value;
  }
}

Post read_status(const Json& status, const std::string& base, ParsedPage& page) {
  Post post;
  post.id = status.text("id");
  post.as_served = status.as_served({"reblog", "quote"});
  post.url = status.text("url");
  if (post.url.empty()) post.url = status.text("uri");
  read_account(status.at("account"), base, post);
  post.created_at = parse_rfc3339(status.text("created_at"));
  post.lang = status.text("language");
  post.reply_to = status.text("in_reply_to_id");
  if (!status.text("edited_at").empty()) post.state = PostState::edited;
  read_others(status, base, post);
  if (status.at("reblog").is_object()) return post;
  take_html(status.text("content"), base, post, page);
  post.title = status.text("spoiler_text");
  for (const Json& option : status.at("poll").at("options").items()) post.text += "\n• " + option.text("title");
  for (const Json& tag : status.at("tags").items())
    if (std::string name = tag.text("name"); !name.empty() && post.tags.size() < kMostTags)
      post.tags.push_back(std::move(name));
  return post;
}

bool leads_on(const Document& document) {
  const auto link = document.header("link");
  return link && link->find("rel=\"next\"") != std::string_view::npos;
}

void read_timeline(const Json& statuses, const Document& document, ParsedPage& page) {
  const auto url = parse_url(document.url);
  const std::string base = url ? url->origin() + "/" : std::string();
  Extent extent;
  for (const Json& status : statuses.items()) {
    if (!status.at("account").is_object() || !(status.at("content") || status.at("reblog"))) continue;
    Post post = read_status(status, base, page);
    widen(extent, post.id);
    add_post(std::move(post), page);
  }
  if (page.posts.empty() && statuses.size() > 0) page.state = ReadState::changed;
  const bool more = leads_on(document) || statuses.size() >= kPageSize;
  go_on(document, "statuses", extent, more ? next_page(document, "max_id", extent.oldest) : std::nullopt, page);
}

ParsedPage parse(const Document& document) {
  ParsedPage page;
  const auto tree = read_json(document, page);
  if (!tree) return page;
  const Json root = tree->root();
  if (root.is_array())
    read_timeline(root, document, page);
  else if (root.at("account") && root.at("content"))
    add_post(read_status(root, "", page), page);
  else
    read_api_error(root, page);
  return page;
}

bool recognises(const Document& document) {
  if (document.url.find("/api/v1/timelines/") != std::string::npos) return true;
  const std::string_view body = document.body;
  return is_json(document) && body.find("\"spoiler_text\"") != std::string_view::npos &&
         body.find("\"acct\"") != std::string_view::npos;
}

}  // namespace

Parser adapter() { return {"mastodon", recognises, plan, parse, access, {}}; }

}  // namespace hw::parsers::mastodon
