// The public pages of Telegram channels: t.me/s/CHANNEL, twenty messages a page, the newest last. Channels that show no
// such page are not read; invitations are never opened.
#include <algorithm>

#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/api.h"
#include "parsers/charset.h"
#include "parsers/html.h"
#include "parsers/select.h"
#include "parsers/served.h"

namespace hw::parsers::telegram {
namespace {

constexpr std::string_view kSite = "https://t.me";

// A public name: letters, digits, underscores, at least four.
bool is_channel(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  return name.size() >= 4 && name.size() <= 32 && name.find_first_not_of(kAllowed) == std::string_view::npos &&
         (name.front() < '0' || name.front() > '9');
}

Result<std::string> channel_of(const Url& url) {
  auto parts = path_parts(url);
  if (!parts.empty() && parts[0] == "s") parts.erase(parts.begin());
  const std::string first = parts.empty() ? "" : parts[0];
  if (first.starts_with('+') || first == "joinchat" || first == "c" || first == "addlist")
    return not_read("an invitation or a private chat is never opened; name a public channel");
  if (!is_channel(first) || first == "share" || first == "proxy")
    return not_read("name a public channel (https://t.me/s/CHANNEL)");
  return first;
}

bool is_telegram(const Url& url) {
  return url.host == "t.me" || url.host == "telegram.me" || url.host == "telegram.dog" || is_loopback(url.host);
}

Result<Access> access(const config::SourceSpec& source) {
  const auto url = parse_url(source.url);
  if (!url || !is_telegram(*url)) return not_read("name a public channel (https://t.me/s/CHANNEL)");
  if (const auto channel = channel_of(*url); !channel) return tl::unexpected(channel.error());
  Access access;
  access.site = api_origin(source, kSite);
  return access;
}

std::vector<Request> plan(const config::SourceSpec& source, const Cursor&) {
  if (!access(source)) return {};
  const auto channel = channel_of(*parse_url(source.url));
  return {{api_address(api_origin(source, kSite), "/s/" + *channel, {}), PageRole::entry, {}}};
}

// "channel/123" of an address on t.me or of data-post; empty for anything else.
std::string message_id(std::string_view text) {
  if (const auto host = text.find("t.me/"); host != std::string_view::npos) text.remove_prefix(host + 5);
  text = text.substr(0, text.find('?'));
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || !is_channel(text.substr(0, slash))) return {};
  const std::string_view number = text.substr(slash + 1);
  const bool digits =
      !number.empty() && number.size() < 19 && number.find_first_not_of("0123456789") == std::string_view::npos;
  return digits ? std::string(text) : std::string();
}

// The message's own words; those of the message that it answers stand within the reply's block.
Node text_of(Node message) {
  for (const Node text : all_of(message, {.tag = "div", .with_class = "tgme_widget_message_text"}))
    if (!closest(text, {.with_class = "tgme_widget_message_reply"})) return text;
  return {};
}

void read_words(Node message, std::string_view page_url, Post& post) {
  Written written = written_in(text_of(message), page_url);
  const Node forwarded = first(message, {.with_class = "tgme_widget_message_forwarded_from"});
  post.quotes = std::move(written.quotes);
  if (forwarded) {  // another's words, passed on
    if (!written.text.empty()) post.quotes.push_back(std::move(written.text));
    return;
  }
  post.text = std::move(written.text);
  post.links = std::move(written.links);
}

std::string hashtag_in(const Link& link) {
  return link.text.size() > 1 && link.text.front() == '#' ? link.text.substr(1) : std::string();
}

Post read_message(Node message, std::string_view page_url) {
  Post post;
  post.id = message_id(message.attribute("data-post"));
  if (post.id.empty()) return post;
  post.as_served = served_fragment(message);
  post.url = std::string(kSite) + "/" + post.id;
  post.author = post.id.substr(0, post.id.find('/'));
  post.author_display = line_of(first(message, {.with_class = "tgme_widget_message_owner_name"}));
  const Node info = first(message, {.with_class = "tgme_widget_message_info"});
  post.created_at =
      parse_rfc3339(first(info ? info : message, {.tag = "time", .attribute = "datetime"}).attribute("datetime"));
  const Node reply = first(message, {.tag = "a", .with_class = "tgme_widget_message_reply"});
  post.reply_to = message_id(reply.attribute("href"));
  if (line_of(first(message, {.with_class = "tgme_widget_message_meta"})).starts_with("edited"))
    post.state = PostState::edited;
  read_words(message, page_url, post);
  for (const Link& link : post.links)
    if (std::string tag = hashtag_in(link); !tag.empty()) post.tags.push_back(std::move(tag));
  std::erase_if(post.links, [](const Link& link) { return !hashtag_in(link).empty(); });
  return post;
}

// The channel's own description is what its owner says of itself.
std::string description_in(Node root) {
  return written_in(first(root, {.with_class = "tgme_channel_info_description"}), kSite).text;
}

void read_channel(Node root, const Document& document, ParsedPage& page) {
  const std::string bio = description_in(root);
  Extent extent;
  std::size_t shown = 0;
  for (const Node message : all_of(root, {.with_class = "tgme_widget_message", .attribute = "data-post"})) {
    ++shown;
    Post post = read_message(message, document.url);
    post.author_bio = bio;
    widen(extent, post.id.substr(post.id.find('/') + 1));
    add_post(std::move(post), page);
  }
  const Node more = first(root, {.tag = "a", .with_class = "tme_messages_more", .attribute = "data-before"});
  const std::string_view before = more.attribute("data-before");
  if (page.posts.empty() && shown > 0) page.state = ReadState::changed;
  go_on(document, "messages", extent, next_page(document, "before", before), page);
}

// A channel that is empty has its frame; one that shows no messages to strangers has the page of an invitation.
void read_empty(Node root, const Document& document, ParsedPage& page) {
  const bool whole = document.body.find("</html") != std::string::npos;
  if (first(root, {.with_class = "tgme_channel_history"})) {
    page.state = whole ? page.state : ReadState::changed;
    return;
  }
  if (first(root, {.with_class = "tgme_page"})) {
    page.state = ReadState::login_wall;
    page.warnings.emplace_back("the channel does not exist, or shows no messages to who has not joined");
    return;
  }
  page.state = page.state == ReadState::ok ? ReadState::not_ours : page.state;
}

ParsedPage parse(const Document& document) {
  ParsedPage page;
  const auto tree = HtmlTree::build(to_utf8(document.body, document.charset, Markup::html));
  if (!tree) {
    page.state = ReadState::changed;
    page.warnings.emplace_back("nested too deep for a tree: no messages were read");
    return page;
  }
  read_channel(tree->root(), document, page);
  if (page.posts.empty()) read_empty(tree->root(), document, page);
  return page;
}

bool recognises(const Document& document) {
  const auto url = parse_url(document.url);
  if (url && url->host == "t.me") return true;
  return is_html(document) && document.body.find("tgme_widget_message") != std::string::npos;
}

}  // namespace

Parser adapter() { return {"telegram", recognises, plan, parse, access, "telegram"}; }

}  // namespace hw::parsers::telegram
