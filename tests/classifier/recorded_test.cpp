// Recorded real material beside the checkout: what must be found is found, and nothing else rises.
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <re2/re2.h>

#include "common/json.h"
#include "common/text.h"
#include "tests/classifier/support.h"

namespace hw::classifier {
namespace {

using nlohmann::json;

bool holds(const Verdict& verdict, const std::string& messenger, const std::string& handle) {
  return std::any_of(verdict.handles.begin(), verdict.handles.end(), [&](const HandleFound& found) {
    return found.messenger == messenger && found.handle == handle && found.intent == Intent::advertised;
  });
}

TEST_CASE("the boards' adverts are found, and none of their neighbours rises") {
  const auto file = test::recorded("fixtures/boards/truth.json");
  if (!file) return;
  std::size_t hits = 0, neighbours = 0;
  for (const json& row : json::parse(test::read_file(*file))) {
    Post post;
    post.id = std::to_string(row.at("thread").get<int>()) + "/" + std::to_string(row.at("post").get<int>());
    post.title = row.at("title");
    post.text = row.at("text");
    post.author = row.at("user");
    const Verdict verdict = test::shipped().classify(post);
    CAPTURE(post.id);
    if (row.at("hit").get<bool>()) {
      ++hits;
      CHECK(verdict.band == Band::medium);
      CHECK(holds(verdict, row.at("messenger"), row.at("handle")));
      CHECK_FALSE(verdict.held());
    } else {
      ++neighbours;
      CHECK(verdict.band == Band::none);
      CHECK_FALSE(verdict.held());
    }
  }
  CHECK(hits == 23);
  CHECK(neighbours == 380);
}

struct Pipe {
  std::FILE* stream;
  explicit Pipe(const std::string& command) : stream(::popen(command.c_str(), "r")) { REQUIRE(stream != nullptr); }
  ~Pipe() { ::pclose(stream); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
};

template <class Each>
void each_line(std::FILE* stream, Each each) {
  char* line = nullptr;
  std::size_t capacity = 0;
  for (ssize_t length = 0; (length = ::getline(&line, &capacity, stream)) > 0;)
    each(std::string_view(line, static_cast<std::size_t>(length)));
  std::free(line);
}

TEST_CASE("76,000 pieces of benign text raise nothing") {
  const auto file = test::recorded("fixtures/benign-dev.jsonl.gz");
  if (!file) return;
  const Pipe pipe("gzip -dc '" + file->string() + "'");
  std::size_t pieces = 0, held = 0;
  std::map<Band, std::size_t> bands;
  each_line(pipe.stream, [&](std::string_view line) {
    const auto post = post_from_json(line);
    REQUIRE_OK(post);
    const Verdict verdict = test::shipped().classify(*post);
    ++pieces;
    ++bands[verdict.band];
    if (verdict.held()) ++held;
    CHECK_MESSAGE(verdict.band <= Band::low, post->id, ": ", to_json(verdict));
  });
  MESSAGE("pieces ", pieces, ", low ", bands[Band::low], ", held ", held);
  CHECK(pieces > 76000);
  CHECK(bands[Band::medium] + bands[Band::high] == 0);
  CHECK(bands[Band::low] <= 8);
  CHECK(held <= 8);
}

// Replies of real services: every object with a text in it is a post.
class Recording {
 public:
  std::size_t posts = 0;

  void read(const std::filesystem::path& file) {
    const std::string content = test::read_file(file);
    if (const json parsed = json::parse(content, nullptr, false); !parsed.is_discarded()) return walk(parsed);
    // YAML cassettes hold the replies as JSON in a string: their texts are taken out one by one.
    static const RE2 text(R"re("(?:content|full_text|text|body|selftext|note|description)":\s?("(?:[^"\\]|\\.)*"))re");
    re2::StringPiece rest(content), literal;
    while (RE2::FindAndConsume(&rest, text, &literal)) {
      const json value = json::parse(literal.begin(), literal.end(), nullptr, false);
      if (value.is_string()) classify({{"text", value}});
    }
  }

 private:
  static std::string text_of(const json& object, std::initializer_list<const char*> keys) {
    static const RE2 tag("<[^>]*>");
    for (const char* key : keys) {
      const auto found = object.find(key);
      if (found == object.end() || !found->is_string() || found->get_ref<const std::string&>().empty()) continue;
      std::string text = repair_utf8(found->get<std::string>());
      RE2::GlobalReplace(&text, tag, " ");
      return text;
    }
    return "";
  }

  void classify(const json& object) {
    Post post;
    post.id = "recorded";
    post.title = text_of(object, {"title"});
    post.text = text_of(
        object, {"full_text", "selftext", "body", "text", "content", "note", "public_description", "description"});
    post.author_display = text_of(object, {"display_name", "name"});
    if (post.text.empty() && post.title.empty()) return;
    const Verdict verdict = test::shipped().classify(post);
    CHECK_MESSAGE(verdict.band <= Band::low, to_json(verdict));
    ++posts;
  }

  void walk(const json& value) {
    if (value.is_object()) classify(value);
    if (value.is_string()) {
      const std::string& text = value.get_ref<const std::string&>();
      if (text.size() < 3 || (text[0] != '{' && text[0] != '[')) return;
      if (const json inner = json::parse(text, nullptr, false); !inner.is_discarded()) walk(inner);
    }
    if (value.is_structured())
      for (const json& item : value) walk(item);
  }
};

TEST_CASE("recorded posts of Reddit, Mastodon and X raise nothing at medium") {
  constexpr std::array<std::string_view, 7> kFolders{"praw",           "mastodon_py",  "mastodon_api_rb",   "tweepy",
                                                     "python_twitter", "twitter_ruby", "sns_python_twitter"};
  Recording recording;
  for (const std::string_view folder : kFolders) {
    const auto path = test::recorded("fixtures/" + std::string(folder));
    if (!path) return;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(*path)) {
      const std::string extension = entry.path().extension().string();
      if (extension == ".json" || extension == ".yaml") recording.read(entry.path());
    }
  }
  MESSAGE("recorded texts ", recording.posts);
  CHECK(recording.posts > 300);
}

}  // namespace
}  // namespace hw::classifier
