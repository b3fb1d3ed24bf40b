// What the press, researchers and advisers write about all this is no lead: whole, by paragraph, by sentence, cut
// anywhere, and with a reporter's contact below it.
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/json.h"
#include "common/text.h"
#include "tests/classifier/support.h"

namespace hw::classifier {
namespace {

constexpr std::size_t kSnippet = 280;
constexpr std::size_t kStep = 157;
constexpr std::string_view kTips = " Tips: Signal hwdemo_desk.12";

std::vector<std::string> paragraphs_of(const std::string& article) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < article.size();) {
    const std::size_t end = std::min(article.find("\n\n", at), article.size());
    out.push_back(article.substr(at, end - at));
    at = end + 2;
  }
  return out;
}

void add_sentences(const std::string& paragraph, std::vector<std::string>& out) {
  for (std::size_t at = 0; at < paragraph.size();) {
    const std::size_t stop = paragraph.find_first_of(".!?", at);
    const std::size_t end = stop == std::string::npos ? paragraph.size() : stop + 1;
    out.push_back(paragraph.substr(at, end - at));
    at = end;
  }
}

std::vector<std::string> pieces_of(const std::string& article) {
  std::vector<std::string> out{article, article + std::string(kTips)};
  for (const std::string& paragraph : paragraphs_of(article)) {
    out.push_back(paragraph);
    out.push_back(paragraph + std::string(kTips));
    add_sentences(paragraph, out);
  }
  for (std::size_t at = 0; at < article.size(); at += kStep) out.push_back(article.substr(at, kSnippet));
  return out;
}

TEST_CASE("press articles about all this are no hit, whole or in pieces") {
  std::size_t articles = 0, pieces = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(test::source_folder() / "tests" / "fixtures" / "press")) {
    CAPTURE(entry.path().filename().string());
    ++articles;
    for (const std::string& piece : pieces_of(test::read_file(entry.path()))) {
      if (!valid_utf8(piece)) continue;  // cut within a character
      Post post;
      post.id = "1";
      post.text = piece;
      const Verdict verdict = test::shipped().classify(post);
      CHECK_MESSAGE(!verdict.hit(), piece, "\n", to_json(verdict));
      ++pieces;
    }
  }
  MESSAGE("articles ", articles, ", pieces ", pieces);
  CHECK(articles >= 6);
  CHECK(pieces > 400);
}

}  // namespace
}  // namespace hw::classifier
