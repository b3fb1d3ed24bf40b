// The fourth recorded board, an AT Protocol network, crawled whole as its stream and by searches: every post once, with
// its author, time and words, and every advert found.
//
// The replay program looks an address up by its whole query, and the recorder's queries were not those of a source
// (limit=25, no order): so the recorded answers are served here by what is searched for and the cursor. The stream's
// messages are made of the recorded records; their form is that of the server's own documentation.
#include <map>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/text.h"
#include "common/url.h"
#include "tests/crawler/raw_server.h"
#include "tests/parsers/warc.h"
#include "tests/support/process.h"
#include "tests/support/web_socket_server.h"
#include "web/server.h"

using namespace hw;
using hw::test::Connection;
using hw::test::handlewatch;
using hw::test::TemporaryFolder;
using nlohmann::json;

namespace {

// What was said, by the time at which it was: the posts were written a minute apart, in the order of the truth.
struct Said {
  std::string id;
  std::string did;
  json record;
  json truth;
};

struct Network {
  std::map<std::string, Said> posts;                   // by createdAt
  std::map<std::string, std::string> searches;         // answers, by "q" and "q cursor"
  std::map<std::string, std::set<std::string>> found;  // ids, by what was searched for
};

void take_answer(const Document& document, Network& network) {
  const auto url = parse_url(document.url);
  const json answer = json::parse(document.body, nullptr, false);
  if (url->path.ends_with("listRecords"))
    for (const json& one : answer["records"]) {
      const std::string uri = one["uri"];
      network.posts[one["value"]["createdAt"]] = {uri, uri.substr(5, uri.find('/', 5) - 5), one["value"], {}};
    }
  if (!url->path.ends_with("searchPosts")) return;
  const std::string query = query_parameter(*url, "q");
  network.searches[query + " " + query_parameter(*url, "cursor")] = document.body;
  for (const json& post : answer["posts"]) network.found[query].insert(post["uri"]);
}

// Empty where the recording is absent.
Network recorded_network() {
  Network network;
  const auto recording = test::recorded("fixtures/boards/atproto.warc.gz");
  const auto truth_file = test::recorded("fixtures/boards/truth.json");
  if (!recording || !truth_file) return network;
  for (const Document& document : test::responses_in(*recording)) take_answer(document, network);
  const json truth = json::parse(test::read_file(*truth_file));
  REQUIRE(network.posts.size() == 403);
  REQUIRE(truth.size() == 403);
  std::size_t row = 0;
  for (auto& [time, said] : network.posts) said.truth = truth[row++];
  return network;
}

// Posts were cut to 290 graphemes from the front; the first of a thread begins with its title.
bool is_text_of(std::string_view text, const json& row) {
  const std::string whole =
      (row["post"] == 0 ? row["title"].get<std::string>() + "\n" : "") + row["text"].get<std::string>();
  if (!text.starts_with("…")) return text == whole;
  return std::string_view(whole).ends_with(text.substr(std::string_view("…").size()));
}

std::string event_of(const std::string& time, const Said& said) {
  const json commit{{"rev", "3r"},
                    {"operation", "create"},
                    {"collection", "app.bsky.feed.post"},
                    {"rkey", said.id.substr(said.id.rfind('/') + 1)},
                    {"record", said.record}};
  const std::int64_t microseconds = to_millis(*parse_rfc3339(time)) * 1000;
  return json{{"did", said.did}, {"time_us", microseconds}, {"kind", "commit"}, {"commit", commit}}.dump();
}

void prepare(const TemporaryFolder& folder, const std::string& sources) {
  REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
  test::write_file(
      folder / "d/handlewatch.yaml",
      "network: {allow: [127.0.0.0/8]}\nreview: {confirmations: 1, one_person: true}\nsources:\n" + sources);
}

// Every hit is a post of the network with its own author, time and words; gives the adverts that were raised.
std::set<std::string> check_hits(const TemporaryFolder& folder, const Network& network) {
  const auto listed =
      handlewatch(folder / "d", {"hits", "list", "--format", "jsonl", "--reveal", "--case", "t", "--purpose", "t"});
  REQUIRE_MESSAGE(listed.status == 0, listed.err);
  std::set<std::string> ids;
  std::set<std::string> raised;
  for (const std::string_view line : split(listed.out, '\n')) {
    if (line.empty()) continue;
    const json hit = json::parse(line);
    const auto said = std::find_if(network.posts.begin(), network.posts.end(),
                                   [&](const auto& one) { return one.second.id == hit["post_id"]; });
    REQUIRE(said != network.posts.end());
    CHECK_MESSAGE(ids.insert(said->second.id).second, "a post that hit twice");
    CHECK(parse_rfc3339(hit["created_at"].get<std::string>()) == parse_rfc3339(said->first));
    CHECK(hit["url"].get<std::string>().find(said->second.did) != std::string::npos);
    CHECK(is_text_of(hit["text"].get<std::string>(), said->second.truth));
    if (hit["band"] != "medium" && hit["band"] != "high") continue;
    const json& truth = said->second.truth;
    CHECK(truth["hit"] == true);
    CHECK(std::any_of(hit["handles"].begin(), hit["handles"].end(), [&](const json& handle) {
      return handle["messenger"] == truth["messenger"] && handle["handle"] == truth["handle"];
    }));
    raised.insert(said->second.id);
  }
  return raised;
}

// An answer without what is older, as the server gives it.
std::string since(const std::string& body, const std::string& time) {
  if (time.empty()) return body;
  json answer = json::parse(body);
  json posts = json::array();
  for (const json& post : answer["posts"])
    if (post["record"]["createdAt"].get<std::string>() >= time) posts.push_back(post);
  if (posts.size() < answer["posts"].size()) answer.erase("cursor");
  answer["posts"] = posts;
  return answer.dump();
}

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a real network's stream: every post once, right author, time and words, 23 of 23 adverts") {
  const Network network = recorded_network();
  if (network.posts.empty()) return;
  std::string events;
  for (const auto& [time, said] : network.posts) {
    CHECK(is_text_of(said.record["text"].get<std::string>(), said.truth));
    events += test::frame(event_of(time, said));
  }
  test::RawServer server([&](Connection& connection, const std::string& head) {
    const bool robots = head.starts_with("GET /robots.txt");
    connection.send(robots ? test::answer("404 Not Found", "", "") : test::opened(head) + events);
    while (!robots && !connection.receive().empty()) {
    }
  });
  const TemporaryFolder folder;
  prepare(folder, fmt::format("  - {{name: stream, kind: jetstream, url: 'ws://127.0.0.1:{}/'}}\n", server.port()));
  const std::vector<std::string> crawl{"crawl", "--stream-for", "60s", "--stream-messages", "403"};
  const auto first = handlewatch(folder / "d", crawl);
  CHECK_MESSAGE(says(first.out, "1 connections, 403 messages, 403 posts, 403 new, 23 hits"), first.out << first.err);
  CHECK(check_hits(folder, network).size() == 23);
  const auto second = handlewatch(folder / "d", crawl);
  CHECK_MESSAGE(says(second.out, "403 posts, 0 new, 0 hits"), second.out << second.err);
  CHECK(check_hits(folder, network).size() == 23);
}

TEST_CASE("a real network's searches: what they find, each post once, page by page, and nothing new the second time") {
  const Network network = recorded_network();
  if (network.posts.empty()) return;
  const auto server = web::Server::start([&](const web::HttpRequest& request) {
    const auto url = parse_url("http://127.0.0.1" + request.path + "?" + request.query);
    const auto answer = network.searches.find(query_parameter(*url, "q") + " " + query_parameter(*url, "cursor"));
    if (!request.path.ends_with("/xrpc/app.bsky.feed.searchPosts") || answer == network.searches.end())
      return web::HttpResponse{404, "text/plain", "not recorded"};
    return web::HttpResponse{200, "application/json; charset=utf-8",
                             since(answer->second, query_parameter(*url, "since"))};
  });
  REQUIRE_OK(server);
  std::string sources;
  std::set<std::string> ids;
  std::size_t posts = 0;
  for (const auto& [query, found] : network.found) {
    sources += fmt::format("  - {{name: {0}, kind: bluesky, url: '{1}?q={0}', delay: 0s}}\n", query, server->url());
    ids.insert(found.begin(), found.end());
    posts += found.size();
  }
  const TemporaryFolder folder;
  prepare(folder, sources);
  const auto first = handlewatch(folder / "d", {"crawl"});
  CHECK_MESSAGE(first.status == 0, first.err);
  CHECK_MESSAGE(says(first.out, fmt::format("{} posts, ", posts)), first.out);
  const std::size_t asked = server->requests();
  CHECK(asked == network.searches.size() + 1);  // and robots.txt
  std::set<std::string> adverts;
  for (const auto& [time, said] : network.posts)
    if (said.truth["hit"] == true && ids.contains(said.id)) adverts.insert(said.id);
  CHECK(check_hits(folder, network) == adverts);
  MESSAGE(ids.size() << " of 403 posts and " << adverts.size() << " of 23 adverts are in the recorded searches");
  std::vector<std::string> again{"crawl"};
  for (const auto& [query, found] : network.found) again.push_back(query);
  const auto second = handlewatch(folder / "d", again);
  CHECK_MESSAGE(says(second.out, " 0 new"), second.out << second.err);
  CHECK(server->requests() - asked == network.found.size());
}
