// How far an API's source has been read: paging to what was read before, and what it costs when nothing is new.
#include <functional>
#include <map>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/url.h"
#include "parsers/api.h"
#include "parsers/parser.h"
#include "tests/support/support.h"

using namespace hw;
using nlohmann::json;
using parsers::Cursor;

namespace {

// A server of posts with rising numbers, read the way a crawler does: planned requests, then what each page leads to.
struct Api {
  std::string kind;
  std::string url;
  std::function<json(const std::vector<int>& numbers, bool more)> answer;
  std::string lower = "since_id";  // the parameter for "newer than"
  std::string upper = "after";     // … and for "older than"
  std::size_t page_size = 3;
  std::vector<int> numbers = {};  // of what is there, rising
  Cursor cursor = {};
  std::map<std::string, int> read = {};
  std::size_t requests = 0;

  Document ask(const Request& request) {
    ++requests;
    const auto address = parse_url(request.url);
    REQUIRE_OK(address);
    const auto number = [&](const std::string& name, int otherwise) {
      const std::string value = query_parameter(*address, name);
      return value.empty() ? otherwise : std::stoi(value.substr(value.find_last_of('_') + 1));
    };
    std::vector<int> newest_first;
    for (auto at = numbers.rbegin(); at != numbers.rend(); ++at)
      if (*at < number(upper, INT32_MAX) && *at > number(lower, 0)) newest_first.push_back(*at);
    const bool more = newest_first.size() > page_size;
    if (more) newest_first.resize(page_size);
    Document document;
    document.request = request;
    document.url = request.url;
    document.status = 200;
    document.cursor = cursor;
    document.body = answer(newest_first, more).dump();
    if (more) document.headers.push_back({"Link", "<https://x.invalid>; rel=\"next\""});
    return document;
  }

  // One run, of at most so many requests.
  std::size_t run(std::size_t most = 100) {
    config::SourceSpec source;
    source.url = url;
    const std::size_t before = requests;
    std::vector<Request> queue = parsers::find(kind)->plan(source, cursor);
    REQUIRE_FALSE(queue.empty());
    while (!queue.empty() && requests - before < most) {
      const parsers::ParsedPage page = parsers::find(kind)->parse(ask(queue.front()));
      queue.erase(queue.begin());
      CHECK(page.state == parsers::ReadState::ok);
      for (const Post& post : page.posts) ++read[post.id];
      if (page.cursor) cursor = *page.cursor;
      if (page.next) queue.insert(queue.begin(), *page.next);
    }
    return requests - before;
  }
};

json reddit_answer(const std::vector<int>& numbers, bool more) {
  json children = json::array();
  for (const int number : numbers)
    children.push_back({{"kind", "t3"}, {"data", {{"name", "t3_" + std::to_string(number)}, {"selftext", "words"}}}});
  json after = more ? json("t3_" + std::to_string(numbers.back())) : json(nullptr);
  return {{"kind", "Listing"}, {"data", {{"children", children}, {"after", after}}}};
}

json mastodon_answer(const std::vector<int>& numbers, bool) {
  json statuses = json::array();
  for (const int number : numbers)
    statuses.push_back(
        {{"id", std::to_string(number)}, {"content", "<p>words</p>"}, {"account", {{"id", "1"}, {"acct", "leaf"}}}});
  return statuses;
}

json x_answer(const std::vector<int>& numbers, bool more) {
  json data = json::array();
  for (const int number : numbers) data.push_back({{"id", std::to_string(number)}, {"text", "words"}});
  json meta = {{"result_count", numbers.size()}};
  if (more) meta["next_token"] = std::to_string(numbers.back());
  return numbers.empty() ? json{{"meta", meta}} : json{{"data", data}, {"meta", meta}};
}

json lemmy_answer(const std::vector<int>& numbers, bool more) {
  json posts = json::array();
  for (const int number : numbers) posts.push_back({{"post", {{"id", number}, {"name", "words"}}}});
  json out = {{"posts", posts}};
  if (more) out["next_page"] = "P_" + std::to_string(numbers.back());
  return out;
}

json tumblr_answer(const std::vector<int>& numbers, bool) {
  json posts = json::array();
  for (const int number : numbers)
    posts.push_back({{"id_string", std::to_string(number)}, {"timestamp", number}, {"body", "words"}});
  return {{"meta", {{"status", 200}}}, {"response", posts}};
}

std::vector<Api> apis() {
  return {{"reddit", "https://www.reddit.com/r/garden/new", reddit_answer, "none", "after"},
          {"mastodon", "https://mastodon.invalid/tags/seeds", mastodon_answer, "since_id", "max_id"},
          {"x", "https://x.com/hashtag/seeds", x_answer, "since_id", "next_token"},
          {"lemmy", "https://lemmy.invalid/api/v3/post/list", lemmy_answer, "none", "page_cursor"},
          {"tumblr", "https://www.tumblr.com/tagged/seeds", tumblr_answer, "none", "before"}};
}

void add(Api& api, int from, int to) {
  for (int number = from; number <= to; ++number) api.numbers.push_back(number);
}

bool has_all(const Api& api) {
  for (const int number : api.numbers) {
    const std::string id = std::to_string(number);
    if (!api.read.contains(id) && !api.read.contains("t3_" + id) && !api.read.contains("post/" + id)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE(
    "the first run pages to the end; one with nothing new is a single request; one with news pages to the known") {
  for (Api& api : apis()) {
    CAPTURE(api.kind);
    add(api, 101, 110);
    api.run();
    CHECK(has_all(api));
    CHECK(api.run() == 1);
    add(api, 111, 114);
    const std::size_t cost = api.run();
    CHECK(has_all(api));
    CHECK(cost <= 2);
    CHECK(api.run() == 1);
  }
}

TEST_CASE("what was read last may be deleted: reading goes on, and still ends") {
  for (Api& api : apis()) {
    CAPTURE(api.kind);
    add(api, 101, 110);
    api.run();
    api.numbers.resize(api.numbers.size() - 2);
    CHECK(api.run() == 1);
    add(api, 111, 112);
    CHECK(api.run() <= 2);
    CHECK(has_all(api));
  }
}

TEST_CASE("a run that was cut short leaves no gap") {
  for (Api& api : apis()) {
    CAPTURE(api.kind);
    add(api, 101, 105);
    api.run();
    add(api, 106, 125);
    api.run(2);  // the newest pages only, and what they lead to is lost with them
    add(api, 126, 130);
    api.run();
    CHECK(has_all(api));
    CHECK(api.run() == 1);
  }
}

TEST_CASE("an account of tracks: each has its own floor, and ids are compared as numbers") {
  Document document;
  document.cursor = "posts=99/ other=5/7";
  const auto read = parsers::progress(document, "posts", {"101", "98", false});
  CHECK(read.reached);
  CHECK(read.cursor == "other=5/7 posts=101/");
  CHECK_FALSE(parsers::progress(document, "posts", {"102", "100", false}).reached);
  CHECK(parsers::floor_of(read.cursor, "posts") == "101");
  CHECK(parsers::floor_of("nonsense", "posts") == "");
  document.cursor = "no=cursor at all";
  CHECK(parsers::progress(document, "posts", {"3", "1", true}).cursor == "posts=3/");
}
