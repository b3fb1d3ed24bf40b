// The forum that `handlewatch demo` crawls: invented, neutral posts in plain pages of the phpBB manner.
//
// A DemoBoard is immutable and answers from (path, query) alone, so one may serve any number of threads and the same
// question always has the same answer. Its posts are a JSONL file of the ordinary post form: `source` is the forum,
// `reply_to` the first post of the thread. As on a real board, a visitor without a session gets `sid=` on every link.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/post.h"
#include "web/server.h"

namespace hw::web {

// The embedded posts, JSONL. No address, name or number in it is real; every handle begins with "hwdemo".
std::string_view demo_posts();

struct DemoTopic {
  std::size_t forum = 0;           // place in DemoBoard::forums()
  std::string_view title;          // of the first post
  std::vector<std::size_t> posts;  // places in DemoBoard::posts(), oldest first
};

class DemoBoard {
 public:
  // Fails (malformed) with the line that is no post, that answers an unknown one, or that has no time.
  static Result<DemoBoard> create(std::string_view jsonl = demo_posts());
  DemoBoard(DemoBoard&&) noexcept = default;
  DemoBoard& operator=(DemoBoard&&) noexcept = default;

  // index.php, viewforum.php, viewtopic.php, robots.txt; anything else is the board's 404 page.
  HttpResponse answer(std::string_view path, std::string_view query) const;

  // Addresses number from 1 what is numbered from 0 here: forum 0 is viewforum.php?f=1.
  const std::vector<std::string_view>& forums() const { return forums_; }
  const std::vector<DemoTopic>& topics() const { return topics_; }
  const std::vector<std::string_view>& authors() const { return authors_; }
  const std::vector<Post>& posts() const { return posts_; }

 private:
  explicit DemoBoard(std::vector<Post> posts) : posts_(std::move(posts)) {}
  Status arrange();

  std::vector<Post> posts_;  // the views below point into it: never changed after create()
  std::vector<std::string_view> forums_;
  std::vector<std::string_view> authors_;
  std::vector<DemoTopic> topics_;
};

}  // namespace hw::web
