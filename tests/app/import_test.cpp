// Recorded real posts of three networks, reduced to the Post form: none of them may be raised.
#include <functional>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/process.h"

using hw::test::handlewatch;
using hw::test::TemporaryFolder;
using nlohmann::json;

namespace {

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// Walks any JSON, through strings that hold JSON (recorded bodies) too, and shows every object.
void walk(const json& value, const std::function<void(const json&)>& show) {
  if (value.is_object()) show(value);
  if (value.is_structured())
    for (const json& child : value) walk(child, show);
  if (!value.is_string() || value.get_ref<const std::string&>().size() < 20) return;
  const auto& text = value.get_ref<const std::string&>();
  if (text.front() != '{' && text.front() != '[') return;
  const json inner = json::parse(text, nullptr, false);
  if (!inner.is_discarded()) walk(inner, show);
}

// A post's text under the names that Reddit, Mastodon and X give it.
void add_post(const json& object, const std::string& platform, std::string& into, std::size_t& count) {
  for (const char* key : {"selftext", "body", "content", "text", "full_text"}) {
    const std::string text = text_of(object, key);
    if (text.empty() || !object.contains("id")) continue;
    const json post{{"id", platform + std::to_string(++count)},
                    {"platform", platform},
                    {"title", text_of(object, "title")},
                    {"text", text},
                    {"author", text_of(object, "author")}};
    into += post.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    return;
  }
}

std::string posts_in(const std::filesystem::path& folder, const std::string& platform, std::size_t& count) {
  std::string out;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (!file.is_regular_file() || count >= 2000) continue;
    const json value = json::parse(hw::test::read_file(file.path()), nullptr, false);
    if (!value.is_discarded()) walk(value, [&](const json& object) { add_post(object, platform, out, count); });
  }
  return out;
}

}  // namespace

TEST_CASE("recorded real posts raise nothing at medium or above") {
  for (const char* name : {"praw", "mastodon_api_rb", "mastodon_py", "tweepy", "python_twitter", "twitter_ruby"}) {
    const auto folder_with_posts = hw::test::recorded(std::string("fixtures/") + name);
    if (!folder_with_posts) continue;
    std::size_t count = 0;
    const std::string posts = posts_in(*folder_with_posts, name, count);
    if (count == 0) continue;  // YAML cassettes
    const TemporaryFolder folder;
    REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
    const auto imported = handlewatch(folder / "d", {"import", "-"}, posts);
    CHECK_MESSAGE(imported.status == 0, imported.err);
    const auto hits = handlewatch(folder / "d", {"hits", "list", "--band", "medium", "--format", "jsonl"});
    CHECK(hits.status == 0);
    CHECK_MESSAGE(hits.out.empty(), std::string(name));
    MESSAGE(std::string(name) << ": " << count << " posts");
  }
}

TEST_CASE("importing a file twice adds nothing") {
  const TemporaryFolder folder;
  REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
  const std::string posts = R"({"id":"1","platform":"board","author":"a","text":"#perv #nolimits kik: hwdemo_oak33"})"
                            "\n"
                            R"({"id":"2","platform":"board","author":"b","text":"the beans are up"})"
                            "\n";
  CHECK(handlewatch(folder / "d", {"import", "-"}, posts).out == "2 posts, 2 new, 1 hits\n");
  CHECK(handlewatch(folder / "d", {"import", "-"}, posts).out == "2 posts, 0 new, 0 hits\n");
  const auto bad = handlewatch(folder / "d", {"import", "-"}, "{}\n" + posts);
  CHECK(bad.status == 1);
  CHECK(bad.err.find("standard input:1: \"id\" is required") != std::string::npos);
}
