// One harness for every adapter: the first byte picks the adapter, the second the role, the charset and the address,
// the rest is the page. Every answer must be what its consumers rely on: clean text, links of the page's own host, no
// media, and a state that is not "ok" where there was nothing at all.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/json.h"
#include "common/text.h"
#include "common/url.h"
#include "parsers/parser.h"
#include "parsers/served.h"

namespace {

using namespace hw;

void demand(bool holds) {
  if (!holds) std::abort();
}

void check_request(const Request& request, const Url& page) {
  const auto url = parse_url(request.url);
  demand(url.has_value() && url->text() == request.url);
  demand(url->authority() == page.authority() && url->scheme == page.scheme);
}

void check_post(const Post& post) {
  demand(!post.id.empty());
  auto again = post_from_json(to_json(post));
  demand(again.has_value() && again->as_served.empty());
  again->as_served = post.as_served;
  demand(*again == post);
  for (const std::string* text :
       {&post.id, &post.url, &post.author, &post.author_id, &post.title, &post.text, &post.lang, &post.as_served})
    demand(valid_utf8(*text) && text->find('\0') == std::string::npos);
  for (const std::string& quote : post.quotes) demand(valid_utf8(quote));
  for (const Link& link : post.links) {
    demand(valid_utf8(link.url) && valid_utf8(link.text));
    demand(!to_lower(link.url).starts_with("data:") && !to_lower(link.url).starts_with("javascript:"));
  }
  demand(post.as_served.size() <= parsers::kMostBytesServed);
  if (post.state == PostState::deleted) demand(post.text.empty() && post.links.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static constexpr std::string_view kCharsets[] = {"", "utf-8", "iso-8859-1", "utf-16", "gb18030", "shift_jis"};
  const auto adapters = parsers::all();
  const parsers::Parser& parser = adapters[data[0] % adapters.size()];
  Document document;
  static constexpr std::string_view kUrls[] = {"https://b.example/board/api/topic/1?t=1",
                                               "https://b.example/g/thread/1.json", "https://b.example/g/threads.json",
                                               "https://b.example/xrpc/app.bsky.feed.searchPosts?q=x"};
  document.url = document.request.url = kUrls[data[1] % std::size(kUrls)];
  document.request.role = static_cast<PageRole>((data[1] >> 2) % 3);
  document.charset = kCharsets[(data[1] >> 4) % std::size(kCharsets)];
  document.cursor = data[1] % 2 == 0 ? "" : "posts=1/2 t3=zz/ statuses=9/";
  document.body.assign(reinterpret_cast<const char*>(data) + 2, size - 2);
  document.fetched_at = from_millis(1'779'000'000'000);
  const auto page_url = parse_url(document.url);
  parser.recognises(document);
  const parsers::ParsedPage page = parsers::read(parser, document);
  if (trim(document.body).empty()) demand(page.state != parsers::ReadState::ok);
  for (const Post& post : page.posts) check_post(post);
  for (const Request& link : page.links) check_request(link, *page_url);
  if (page.next) check_request(*page.next, *page_url);
  return 0;
}
