#include "parsers/parser.h"

#include <algorithm>
#include <array>

#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/instead.h"

namespace hw::parsers {
namespace {

const auto& adapters() {
  static const std::array list{feed::adapter(),      phpbb::adapter(),    nodebb::adapter(),    reddit::adapter(),
                               x::adapter(),         tumblr::adapter(),   mastodon::adapter(),  lemmy::adapter(),
                               fourchan::adapter(),  telegram::adapter(), discourse::adapter(), bluesky::adapter(),
                               jetstream::adapter(), mybb::adapter(),     xenforo::adapter(),   vbulletin::adapter(),
                               smf::adapter(),       invision::adapter(), fluxbb::adapter(),    craigslist::adapter(),
                               generic::adapter()};
  return list;
}

std::string_view beginning(const Document& document) {
  std::string_view body = document.body;
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  return trim(body.substr(0, 512));
}

}  // namespace

std::string_view to_string(ReadState state) {
  switch (state) {
    case ReadState::ok:
      return "ok";
    case ReadState::changed:
      return "changed";
    case ReadState::login_wall:
      return "login wall";
    case ReadState::error_page:
      return "error page";
    case ReadState::not_ours:
      return "not this engine";
  }
  return "unknown";
}

bool is_html(const Document& document) {
  if (!document.content_type.empty())
    return document.content_type == "text/html" || document.content_type == "application/xhtml+xml";
  return beginning(document).starts_with('<') && !beginning(document).starts_with("<?xml");
}

bool is_json(const Document& document) {
  if (!document.content_type.empty()) return document.content_type.ends_with("json");
  return beginning(document).starts_with('{') || beginning(document).starts_with('[');
}

std::span<const Parser> all() { return adapters(); }

ParsedPage read(const Parser& parser, const Document& document) {
  ParsedPage page = parser.parse(document);
  if (page.posts.empty() && page.links.empty()) say_what_came_instead(parser, document, page);
  return page;
}

const Parser* find(std::string_view name) {
  const auto found =
      std::find_if(all().begin(), all().end(), [&](const Parser& parser) { return parser.name == name; });
  return found == all().end() ? nullptr : &*found;
}

const Parser* recognise(const Document& document) {
  const auto found = std::find_if(all().begin(), all().end(), [&](const Parser& p) { return p.recognises(document); });
  return found == all().end() ? nullptr : &*found;
}

std::vector<std::string_view> names() {
  std::vector<std::string_view> names;
  for (const Parser& parser : all()) names.push_back(parser.name);
  return names;
}

}  // namespace hw::parsers
