#include "parsers/markdown.h"

#include <doctest/doctest.h>

using namespace hw;
using parsers::written_in_markdown;

namespace {

const std::string kPage = "https://lemmy.invalid/";

}  // namespace

TEST_CASE("quoted lines stand apart, one quotation for lines that follow each other") {
  const auto written = written_in_markdown("> one\n> two\n\nmine\n\n>> three\n&gt; four\nand mine\r\n", kPage);
  CHECK(written.quotes == std::vector<std::string>{"one\ntwo", "three\nfour"});
  CHECK(written.text == "mine\n\nand mine");
}

TEST_CASE("links keep their target and their words, images vanish") {
  const auto written = written_in_markdown(
      "see [my list](https://garden.invalid/list \"a title\") ![pots](https://garden.invalid/a.png), [](</c/x>) and "
      "[no",
      kPage);
  CHECK(written.text == "see my list ,  and [no");
  REQUIRE(written.links.size() == 2);
  CHECK(written.links[0] == Link{"https://garden.invalid/list", "my list"});
  CHECK(written.links[1] == Link{"https://lemmy.invalid/c/x", ""});
}

TEST_CASE("a link within a quotation is not the author's; a spoiler is opened; code keeps its signs") {
  const auto written =
      written_in_markdown("> [theirs](https://a.invalid/)\n\n::: spoiler more\nhidden\n:::\n```\n> code\n```", kPage);
  CHECK(written.links.empty());
  CHECK(written.quotes == std::vector<std::string>{"theirs"});
  CHECK(written.text == "hidden\n```\n> code\n```");
  CHECK(written_in_markdown(">!hidden", kPage).text == "hidden");
}

TEST_CASE("what is cheap to send stays cheap to read") {
  for (const char* piece : {"[", "![", "[a](", ">", "[](", "]("}) {
    std::string text;
    while (text.size() < 400'000) text += piece;
    CHECK(written_in_markdown(text, kPage).text.size() <= text.size());
  }
  CHECK(written_in_markdown("", kPage).text.empty());
}
