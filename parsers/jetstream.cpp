// Jetstream: the network's stream of new posts, as a WebSocket sends them, one JSON event a message. What is parsed
// here is a batch of messages, one a line. https://github.com/bluesky-social/jetstream
#include <algorithm>
#include <charconv>

#include "common/text.h"
#include "common/url.h"
#include "parsers/adapters.h"
#include "parsers/bluesky.h"
#include "parsers/limits.h"
#include "parsers/streams.h"

namespace hw::parsers::jetstream {
namespace {

constexpr std::string_view kName = "jetstream";
constexpr std::int64_t kRewind = 1'000'000;  // µs: events of one moment may come in another order the next time

bool recognises(const Document& document) {
  const auto holds = [&](std::string_view part) { return document.body.find(part) != std::string::npos; };
  return is_json(document) && holds("\"time_us\"") && holds("\"kind\"");
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Where to connect; https stands for wss. Of all records only posts are asked for, uncompressed, and never those of
// named accounts.
std::vector<Request> plan(const config::SourceSpec& source, const Cursor& cursor) {
  auto url = parse_url(source.url);
  if (!url || !query_parameter(*url, "wantedDids").empty()) return {};
  if (url->path == "/") url->path = "/subscribe";
  url->query = "wantedCollections=" + std::string(bluesky::kPostCollection);
  if (const std::int64_t last = number(cursor); last > kRewind)
    url->query += "&cursor=" + std::to_string(last - kRewind);
  return {{url->text(), PageRole::entry, {}}};
}

Result<Access> access(const config::SourceSpec& source) {
  if (plan(source, {}).empty())
    return fail(ErrorCode::configuration, "its url must be a stream's (wss://stream.example) and name no accounts");
  return Access{};
}

// What is deleted, or written anew, is no more what an earlier event of these said. An edit leaves what stood before
// it: that was public.
void drop_earlier(const Post& post, ParsedPage& into) {
  const bool deleted = post.state == PostState::deleted;
  std::erase_if(into.posts, [&](const Post& earlier) {
    return earlier.id == post.id && (deleted || earlier.state == PostState::deleted);
  });
}

// An account's state; where it is gone, so are its posts.
void read_account(Json event, ParsedPage& into) {
  const std::string did = event.text("did");
  const Json active = event.at("account").at("active");
  if (did.empty() || !active) return;
  std::erase(into.accounts_gone, did);
  if (active.flag()) return;
  into.accounts_gone.push_back(did);
  std::erase_if(into.posts, [&](const Post& post) { return post.author_id == did; });
}

void read_commit(Json event, ParsedPage& into) {
  const Json commit = event.at("commit");
  const std::string did = event.text("did");
  const std::string operation = commit.text("operation");
  const std::string key = commit.text("rkey");
  if (commit.text("collection") != bluesky::kPostCollection || key.empty() || did.empty()) return;
  Post post;
  post.id = "at://" + did + "/" + std::string(bluesky::kPostCollection) + "/" + key;
  post.author_id = did;
  post.url = bluesky::permalink(did, key);
  if (operation == "delete")
    post.state = PostState::deleted;
  else if (commit.at("record").is_object())
    bluesky::read_record(commit.at("record"), post);
  else
    return;
  if (operation == "update") post.state = PostState::edited;
  post.as_served = event.as_served({"image", "thumb", "video"});
  drop_earlier(post, into);
  into.posts.push_back(std::move(post));
}

ParsedPage parse(const Document& document) {
  ParsedPage page;
  // A time that lies ahead would lose what comes until then.
  const std::int64_t latest = (to_millis(document.fetched_at) + 60'000) * 1000;
  std::int64_t newest = number(document.cursor);
  std::size_t unread = 0;
  for (const std::string_view line : split(document.body, '\n')) {
    if (trim(line).empty() || page.posts.size() == kMostPosts) continue;
    const auto tree = JsonTree::parse(line);
    const Json event = tree ? tree->root() : Json();
    const std::int64_t time = event.number("time_us");
    if (time <= 0) ++unread;
    if (time <= latest) newest = std::max(newest, time);
    if (event.text("kind") == "commit") read_commit(event, page);
    if (event.text("kind") == "account") read_account(event, page);
  }
  if (newest > 0) page.cursor = std::to_string(newest);
  if (unread > 0) page.warnings.push_back(std::to_string(unread) + " messages were no events");
  if (unread > 0 && page.posts.empty()) page.state = recognises(document) ? ReadState::changed : ReadState::not_ours;
  return page;
}

}  // namespace

Parser adapter() { return {kName, recognises, plan, parse, access, "bluesky"}; }

}  // namespace hw::parsers::jetstream

namespace hw::parsers {

bool is_stream(std::string_view kind) { return kind == jetstream::kName; }

}  // namespace hw::parsers
