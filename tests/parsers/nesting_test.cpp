#include "parsers/nesting.h"

#include <doctest/doctest.h>

using namespace hw::parsers;

namespace {

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

}  // namespace

TEST_CASE("open tags are counted, closed and self-closing ones are not") {
  CHECK(most_open_tags("") == 0);
  CHECK(most_open_tags("<div><span>x</span></div><div></div>") == 2);
  CHECK(most_open_tags(repeated("<div>", 600)) == 600);
  CHECK(most_open_tags(repeated("<br><img src=x><hr>", 600)) == 0);
  CHECK(most_open_tags(repeated("<p>text", 600)) == 0);
  CHECK(most_open_tags("<ul>" + repeated("<li>item", 600)) == 1);
  CHECK(most_open_tags("<table>" + repeated("<tr><td>a<td>b", 600)) == 1);
}

TEST_CASE("an end tag closes nothing that is not open under its name") {
  CHECK(most_open_tags(repeated("<div></span>", 600)) == 600);
  CHECK(most_open_tags(repeated("<div></div></div></div>", 600)) == 1);
  CHECK(most_open_tags(repeated("<x-one></x-two>", 600)) == 1);  // all unknown names are one
}

TEST_CASE("tags in comments, attribute values, scripts and styles are none") {
  CHECK(most_open_tags("<!--" + repeated("<div>", 600) + "-->") == 0);
  CHECK(most_open_tags("<!-->" + repeated("<div>", 600) + "-->") == 600);
  CHECK(most_open_tags("<i title=\"" + repeated("<div>", 600) + "\">") == 1);
  CHECK(most_open_tags("<script>" + repeated("'<div>'", 600) + "</script>") == 1);
  CHECK(most_open_tags("<textarea>" + repeated("</div>", 3) + "</textarea><div>") == 1);
  CHECK(most_open_tags("<div><!-- </div> --><div>") == 2);
  CHECK(most_open_tags("a < b <3 </ <") == 0);
}

TEST_CASE("the text of what no tree is built for") {
  CHECK(text_without_tree("a<b>b</b>c<div>d</div>e") == "abc\nd\ne");
  CHECK(text_without_tree("&lt;i&gt; &amp;amp; &eacute;") == "<i> &amp; é");
  CHECK(text_without_tree("a<script>x<b></script>b<style>c</style><!-- d -->e") == "abe");
  CHECK(text_without_tree("1 < 2 <") == "1 < 2 <");
  CHECK(text_without_tree("<") == "<");
  CHECK(text_without_tree("") == "");
}
