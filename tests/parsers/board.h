// A recorded board, crawled on paper: requests are answered from the recording, stamps are kept as a frontier keeps
// them.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/post.h"
#include "common/url.h"
#include "parsers/parser.h"
#include "tests/parsers/warc.h"

namespace hw::test {

class RecordedBoard {
 public:
  explicit RecordedBoard(const std::filesystem::path& warc) {
    for (Document& document : responses_in(warc)) {
      const auto url = parse_url(document.url);
      REQUIRE(url.has_value());
      answers_.try_emplace(without_parameters(*url, {"sid"}).text(), std::move(document));
    }
  }

  // The recorded answer, as if fetched for this request; nullptr when it was not recorded.
  const Document* answer(const Request& request) {
    const auto found = answers_.find(request.url);
    if (found == answers_.end()) return nullptr;
    found->second.request = request;
    return &found->second;
  }

  // Fetches what is due until nothing is; returns the number of requests. What is read goes to `posts` by id.
  std::size_t crawl(const parsers::Parser& parser, const std::string& url, std::map<std::string, Post>& posts) {
    config::SourceSpec source;
    source.url = url;
    std::deque<Request> queue;
    for (const Request& request : parser.plan(source, {})) queue.push_back(request);
    std::size_t requests = 0;
    for (; !queue.empty(); queue.pop_front()) {
      const Request request = queue.front();
      const auto known = read_with_.find(request.url);
      if (known != read_with_.end() && !request.stamp.empty() && known->second == request.stamp) continue;
      ++requests;
      ++fetched_[request.url];
      const Document* document = answer(request);
      REQUIRE_MESSAGE(document != nullptr, "asked for what was never recorded: " << request.url);
      const parsers::ParsedPage page = parser.parse(*document);
      CHECK_MESSAGE(page.state == parsers::ReadState::ok, request.url);
      read_with_[request.url] = request.stamp;
      for (const Post& post : page.posts) posts[post.id] = post;
      for (const Request& link : page.links) queue.push_back(link);
      if (page.next) queue.push_back(*page.next);
    }
    return requests;
  }

  std::size_t times_fetched(const std::string& url) const {
    const auto found = fetched_.find(url);
    return found == fetched_.end() ? 0 : found->second;
  }
  const std::map<std::string, std::size_t>& fetched() const { return fetched_; }

 private:
  std::map<std::string, Document> answers_;
  std::map<std::string, std::string> read_with_;  // address → the stamp it was last read with
  std::map<std::string, std::size_t> fetched_;
};

}  // namespace hw::test
