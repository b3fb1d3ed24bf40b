#include "app/archive_posts.h"

#include <optional>

#include "common/url.h"
#include "crawler/gate.h"
#include "parsers/charset.h"
#include "parsers/parser.h"
#include "parsers/warc.h"

namespace hw::app {
namespace {

using parsers::ArchiveRecord;
using parsers::RecordState;

std::string_view words_for(RecordState state) {
  switch (state) {
    case RecordState::damaged:
      return "damaged";
    case RecordState::too_large:
      return "too large";
    case RecordState::not_text:
      return "not text";
    case RecordState::undecodable:
      return "not decodable";
    case RecordState::page:
    case RecordState::text:
      break;
  }
  return "";
}

std::string_view words_for(parsers::ReadState state) {
  switch (state) {
    case parsers::ReadState::ok:
      return "";
    case parsers::ReadState::changed:
      return "without the posts that their engine has";
    case parsers::ReadState::login_wall:
      return "log-in pages";
    case parsers::ReadState::error_page:
      return "error pages";
    case parsers::ReadState::not_ours:
      return "of another kind";
  }
  return "";
}

// The text of a whole page, as WET files hold it: nobody knows any more whose words they are.
Post whole_page(const Document& document) {
  Post post;
  post.id = post.url = document.url;
  post.text = parsers::to_utf8(document.body, document.charset, parsers::Markup::none);
  return post;
}

class ArchiveReader {
 public:
  ArchiveReader(const ArchiveOptions& options, const std::function<Status(Post)>& on_post, Tally& tally)
      : options_(options), on_post_(on_post), tally_(tally) {}

  Status take(const ArchiveRecord& record) {
    const auto url = parse_url(record.document.url);
    if (const std::string_view words = words_for(record.state); !words.empty()) return skip(words);
    if (!url) return skip("without an http address");
    if (record.document.status < 200 || record.document.status > 299) return skip("not answered with a page");
    if (!crawler::media_in(record.document.body).empty()) return skip("not text");
    if (record.state == RecordState::text) return give(whole_page(record.document), *url);
    return take_page(record.document, *url);
  }

 private:
  Status take_page(const Document& document, const Url& url) {
    const parsers::Parser* parser =
        options_.kind == "auto" ? parsers::recognise(document) : parsers::find(options_.kind);
    if (parser == nullptr) return skip("known to no adapter");
    parsers::ParsedPage page = parsers::read(*parser, document);
    if (const std::string_view words = words_for(page.state); !words.empty()) return skip(words);
    for (Post& post : page.posts) {
      post.platform = parser->network;
      if (auto taken = give(std::move(post), url); !taken) return taken;
    }
    return {};
  }

  Status give(Post post, const Url& url) {
    if (post.platform.empty()) post.platform = url.authority();
    if (!options_.platform.empty()) post.platform = options_.platform;
    return on_post_(std::move(post));
  }

  Status skip(std::string_view words) {
    ++tally_[std::string(words)];
    return {};
  }

  const ArchiveOptions& options_;
  const std::function<Status(Post)>& on_post_;
  Tally& tally_;
};

}  // namespace

Status read_archive(Input& input, const ArchiveOptions& options, const std::function<Status(Post)>& on_post,
                    const std::function<void(std::uint64_t offset)>& on_bad, const std::function<void()>& on_page,
                    Tally& tally) {
  parsers::WarcReader records(input.bytes(), crawler::is_text_type);
  ArchiveReader reader(options, on_post, tally);
  while (const auto record = records.next()) {
    if (record->state == RecordState::damaged) on_bad(record->offset);
    if (auto taken = reader.take(*record); !taken) return taken;
    on_page();
  }
  return input.ended_well();
}

}  // namespace hw::app
