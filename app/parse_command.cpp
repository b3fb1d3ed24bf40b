#include <iterator>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/post_stream.h"
#include "app/session.h"
#include "common/json.h"
#include "common/text.h"
#include "common/url.h"
#include "parsers/parser.h"

namespace hw::app {
namespace {

constexpr std::size_t kLargestPage = 64U << 20;

struct Options {
  std::string kind = "auto";
  std::string url = "http://page.invalid/";
  std::string content_type;
  std::string role = "thread";
  std::string file;
};

// What a server would have said, from the first byte that is not white space.
std::string guessed_type(std::string_view body) {
  const std::string_view start = trim(body.substr(0, 512));
  if (start.starts_with('{') || start.starts_with('[')) return "application/json";
  if (start.starts_with("<?xml") || start.starts_with("<rss") || start.starts_with("<feed")) return "application/xml";
  return "text/html";
}

Result<const parsers::Parser*> choose(const Options& options, const Document& document) {
  if (options.kind == "auto") {
    if (const parsers::Parser* parser = parsers::recognise(document)) return parser;
    return fail(ErrorCode::malformed, fmt::format("no adapter recognises this page; name one with --as ({})",
                                                  fmt::join(parsers::names(), ", ")));
  }
  if (const parsers::Parser* parser = parsers::find(options.kind)) return parser;
  const std::string_view near = nearest(options.kind, parsers::names());
  return fail(ErrorCode::usage, fmt::format("no adapter \"{}\"{}; there are {}", options.kind,
                                            near.empty() ? "" : fmt::format(", did you mean \"{}\"?", near),
                                            fmt::join(parsers::names(), ", ")));
}

Result<int> parse(Session& session, const Options& options) {
  const auto url = parse_url(options.url);
  if (!url) return fail(ErrorCode::usage, "--url: " + url.error().message);
  auto input = Input::open(options.file);
  if (!input) return tl::unexpected(input.error());
  auto body = input->read_all(kLargestPage);
  if (!body) return tl::unexpected(body.error());
  Document document;
  document.request = {url->text(), options.role == "listing" ? PageRole::listing : PageRole::thread, ""};
  document.url = url->text();
  document.status = 200;
  document.content_type = options.content_type.empty() ? guessed_type(*body) : options.content_type;
  document.body = std::move(*body);
  document.fetched_at = session.clock->now();
  const auto parser = choose(options, document);
  if (!parser) return tl::unexpected(parser.error());
  const parsers::ParsedPage page = parsers::read(**parser, document);
  for (const Post& post : page.posts) *session.out << to_json(post) << '\n';
  session.out->flush();
  for (const std::string& warning : page.warnings) complain(session, warning);
  complain(session, fmt::format("read as {}: {}, {} posts, {} links{}{}", (*parser)->name, to_string(page.state),
                                page.posts.size(), page.links.size(), page.next ? ", and a next page" : "",
                                page.confidence < 1 ? fmt::format(", confidence {:.1f}", page.confidence) : ""));
  return page.state == parsers::ReadState::ok ? kDone : kSomethingFailed;
}

}  // namespace

void add_parse(CLI::App& root, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command = root.add_subcommand("parse", "A saved page or API response in, its posts out as JSON Lines");
  command->add_option("--as", options->kind, "The adapter, or auto")->capture_default_str()->type_name("KIND");
  command->add_option("--url", options->url, "Where the page came from, for its links")->capture_default_str();
  command->add_option("--type", options->content_type, "Its media type; guessed from its first bytes otherwise");
  command->add_option("--role", options->role, "thread (posts are expected) or listing")
      ->check(CLI::IsMember({"thread", "listing"}))
      ->capture_default_str();
  command->add_option("FILE", options->file, "The page; - or nothing is standard input");
  command->footer("Example:\n  handlewatch parse --as phpbb --url https://forum.invalid/viewtopic.php?t=7 thread.html");
  command->callback([&session, options] { session.action = [&session, options] { return parse(session, *options); }; });
}

}  // namespace hw::app
