#include "parsers/served.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/text.h"
#include "parsers/select.h"

namespace hw::parsers {
namespace {

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string served_of(std::string html, const Match& post, const Match& next = {.id = "none"}) {
  const auto tree = HtmlTree::build(std::move(html));
  REQUIRE(tree);
  return served_fragment(first(tree->root(), post), first(tree->root(), next));
}

TEST_CASE("what is kept keeps its bytes") {
  const std::string post =
      "<DIV id=p1  class='post'>Tom &amp; Ann &#233;<br/>a < b <a "
      "HREF=\"https://example.org/x?a=1&amp;b=2\">x</a></DIV>";
  CHECK(served_of("<p>before</p>" + post + "<p>after</p>", {.id = "p1"}) == post);
}

TEST_CASE("media are cut in every form") {
  const char* const forms[] = {
      "<img src=\"/a/secret\">",
      "<IMG\nSRC='secret.jpg' alt=secret>",
      "<video controls><source src=secret.mp4>secret</video>",
      "<audio src=secret.mp3></audio>",
      "<picture><source srcset=\"secret\"><img src=\"secret\"></picture>",
      "<iframe src=\"https://example.org/secret\"></iframe>",
      "<object data=\"secret\"><p>secret</p></object>",
      "<embed src=\"secret\">",
      "<svg><image href=\"secret\"/></svg>",
      "<div style=\"background:url(secret)\"></div>",
      "<td background=secret></td>",
      "<a href=\"secret.png\"></a>",
      "<a href=\"/download/file.php?id=7&secret\"></a>",
      "<a href=\"secret&#46;jpg\"></a>",
      "<a href='DATA:text/plain,secret'></a>",
      "<p data-src=\"secret\" onclick=\"secret\"></p>",
      "<script>secret</script>",
      "<style>secret</style>",
      "<!-- secret -->",
      "<noscript>&lt;img src=secret&gt;<img src=secret></noscript>",
      "&lt;img src=&quot;secret&quot;&gt;",
      "&lt;p&gt;&amp;lt;img src=secret&amp;gt;&lt;/p&gt;",
      "<video><video>secret</video>secret</video>",
  };
  for (const char* const form : forms) {
    CAPTURE(std::string(form));
    const std::string kept = served_markup("<p>before</p>" + std::string(form) + "<p>after</p>");
    CHECK_FALSE(holds(kept, "secret"));
    CHECK(holds(kept, "<p>before</p>"));
    CHECK(holds(kept, "<p>after</p>"));
  }
}

TEST_CASE("what others wrote is cut: quotations, and posts that broken markup has put within this one") {
  CHECK(served_markup("a<blockquote>x<blockquote>y</blockquote>z</blockquote>b") == "a[cut]b");
  CHECK(served_markup("a<div class=\"bbCodeBlock bbCodeBlock--quote\"><div>x</div></div>b") == "a[cut]b");
  CHECK(served_of("<div id=p1>mine<div id=p2>theirs</div>", {.id = "p1"}, {.id = "p2"}) == "<div id=p1>mine");
}

TEST_CASE("markup that never ends hides nothing and loses no plain words") {
  CHECK(served_markup("write to <me") == "write to <me");
  CHECK(served_markup("a<blockquote>theirs, and no end") == "a[cut]");
  CHECK(served_markup("a<script>x") == "a[cut]");
  CHECK(served_markup("a<img src=secret") == "a[cut]");
  CHECK(served_markup("a<b <img src=\"secret") == "a[cut]");
  CHECK(served_markup("a<!-- secret") == "a");
}

TEST_CASE("a feed's entry: enclosures and media modules go, CDATA stays text") {
  const std::string entry =
      "<item><title>t</title><enclosure url=\"secret\" type=\"audio/mpeg\"/><media:content url=\"secret\"/>"
      "<media:group><media:title>secret</media:title></media:group>"
      "<description><![CDATA[<p>kept</p><img src=\"secret\">]]></description></item>";
  CHECK(served_markup(entry) ==
        "<item><title>t</title>[cut][cut][cut]<description><![CDATA[<p>kept</p>[cut]]]></description></item>");
}

TEST_CASE("the size is bounded, at a character and outside a tag") {
  std::string long_text;
  while (long_text.size() < 3 * kMostBytesServed) long_text += "<b>é€</b>";
  for (std::size_t shift = 0; shift < 12; ++shift) {
    const std::string kept = served_markup(std::string(shift, 'x') + long_text);
    CHECK(kept.size() <= kMostBytesServed);
    CHECK(kept.size() > kMostBytesServed - 20);
    CHECK(valid_utf8(kept));
    CHECK(kept.ends_with("[cut]"));
  }
}

TEST_CASE("a JSON object keeps its own members, without media and without the members of others") {
  const auto post = nlohmann::json::parse(R"({"id":7,"content":"<p>kept</p><img src=secret>","avatar":"/u/secret.png",
    "data":"data:image/png;base64,secret","parent":{"content":"secret"},"list":["a","https://example.org/secret.mp4"],
    "user":{"name":"ann","parent":"secret"},"plain":"a < b","lone":null})");
  CHECK(served_object(post, {"parent"}) ==
        R"({"avatar":"[cut]","content":"<p>kept</p>[cut]","data":"[cut]","id":7,"list":["a","[cut]"],"lone":null,)"
        R"("plain":"a < b","user":{"name":"ann"}})");
}

TEST_CASE("a whole page keeps what others wrote, and no media") {
  std::string page = "<html><img src=secret><blockquote>theirs</blockquote>";
  page += std::string(2 * kMostBytesServed, 'x') + "<!-- secret --><a href=\"secret.png\">end</a></html>";
  const std::string kept = text_of_page(page);
  CHECK(holds(kept, "<blockquote>theirs</blockquote>"));
  CHECK(holds(kept, ">end</a></html>"));
  CHECK_FALSE(holds(kept, "secret"));
}

TEST_CASE("an object that is nested without end is cut, one that is too long says so") {
  const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
  CHECK(holds(served_object(nlohmann::json{{"deep", nlohmann::json::parse(deep)}}), "[cut]"));
  const nlohmann::json wide{{"text", std::string(kMostBytesServed / 2, 'x')},
                            {"more", std::string(kMostBytesServed, 'x')}};
  CHECK(served_object(wide) == R"({"cut":"longer than is kept"})");
}

}  // namespace
}  // namespace hw::parsers
