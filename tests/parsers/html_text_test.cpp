#include "parsers/html_text.h"

#include <doctest/doctest.h>

#include "common/text.h"

using namespace hw;
using parsers::Written;
using namespace std::string_literals;

namespace {

Written read(std::string_view html) { return parsers::written_in(html, "https://board.example/dir/page", nullptr); }
std::string text(std::string_view html) { return read(html).text; }
using Quotes = std::vector<std::string>;
using Links = std::vector<Link>;

}  // namespace

TEST_CASE("block elements and <br> break lines, inline elements do not") {
  CHECK(text("one<br>two<br/>three") == "one\ntwo\nthree");
  CHECK(text("<div>one</div><div>two</div>") == "one\ntwo");
  CHECK(text("<div><div><div>one</div></div></div>two") == "one\ntwo");
  CHECK(text("<p>one</p><p>two</p>") == "one\n\ntwo");
  CHECK(text("o<b>n</b>e <i>two</i><span>!</span>") == "one two!");
  CHECK(text("one<br><br>two") == "one\n\ntwo");
  CHECK(text("<h2>Title</h2>text<hr>more") == "Title\ntext\nmore");
}

TEST_CASE("white space collapses as on a screen, but not in preformatted text") {
  CHECK(text("  one \n\t two  ") == "one two");
  CHECK(text("one <br> two") == "one\ntwo");
  CHECK(text("a&nbsp;&nbsp;b") == "a  b");
  CHECK(text("<pre>\n  one\n\n    two\n</pre>") == "one\n\n    two");
  CHECK(text("x<pre><code>a  b\nc</code></pre>y") == "x\n\na  b\nc\n\ny");
}

TEST_CASE("lists carry their marks") {
  CHECK(text("<ul><li>one</li><li>two</li></ul>") == "• one\n• two");
  CHECK(text("<ol><li>one<li>two<ul><li>inner</ul><li>three</ol>") == "1. one\n2. two\n• inner\n3. three");
}

TEST_CASE("table cells stay apart") { CHECK(text("<table><tr><td>a<td>b<tr><td>c</table>") == "a b\nc"); }

TEST_CASE("entities are characters") {
  CHECK(text("&lt;b&gt; &amp;amp; &eacute; &#8364; &#x1F331; &unknown;") == "<b> &amp; é € 🌱 &unknown;");
  CHECK(text("a&shy;b&#8203;c") ==
        "a\xC2\xAD"
        "b\xE2\x80\x8B"
        "c");  // what is invisible is left to who looks for it
}

TEST_CASE("emoji and smileys that a board turned into images are text again; other images vanish") {
  CHECK(text("ok <img class=\"emoji\" alt=\"👍\" src=\"//cdn.example/1f44d.svg\">!") == "ok 👍!");
  CHECK(text("<img class=\"smilies\" alt=\":)\" title=\"Smile\" src=\"x.gif\">") == ":)");
  CHECK(text("<img class=\"emojione\" title=\":seedling:\">") == ":seedling:");
  CHECK(text("a <img src=\"bed.jpg\" alt=\"my bed\"> b") == "a b");
}

TEST_CASE("what no reader sees vanishes") {
  CHECK(text("a<script>b</script><style>c</style><noscript>d</noscript><!-- e -->f") == "af");
  CHECK(text("a<span style=\"color:red; Display : NONE\">b</span><p hidden>c</p><i class=\"sr-only\">d</i>") == "a");
  CHECK(text("<video src=v.mp4>v</video><audio>a</audio><iframe "
             "src=x>i</iframe><svg><text>s</text></svg>") == "");
  CHECK(text("<object data=x.swf>what stands in for it</object>") == "what stands in for it");
  CHECK(text("<select><option>a</select><textarea>b</textarea><button>c</button>") == "");
}

TEST_CASE("a fragment cannot pose as a page's frame") {
  CHECK(text("<frameset><frame src=x></frameset>words") == "words");
  CHECK(text("<html><head><title>t</title></head><body class=x>words</body></html> more") == "words more");
}

TEST_CASE("spoilers are opened") {
  CHECK(text("<div class=\"spoiler\"><div style=\"display:none\">the end</div></div>") == "the end");
  CHECK(text("<div class=\"bbCodeSpoiler-content\" style=\"display:none\">the end</div>") == "the end");
  CHECK(text("<details><summary>More</summary>the end</details>") == "More\nthe end");
}

TEST_CASE("quotes stand apart from the author's words") {
  const Written one =
      read("<blockquote><div><cite>Ann wrote:</cite>too <b>dense</b></div></blockquote>Not if you wait.");
  CHECK(one.text == "Not if you wait.");
  CHECK(one.quotes == Quotes{"too dense"});
  const Written nested = read("a<blockquote>b<blockquote>c</blockquote>d</blockquote>e<blockquote>f</blockquote>");
  CHECK(nested.text == "a\n\ne");
  CHECK(nested.quotes == Quotes{"b\n\nc\n\nd", "f"});
  CHECK(read("<div class=\"quotebox\">q</div>x").quotes == Quotes{"q"});
  CHECK(read("<div class=\"bbCodeBlock bbCodeBlock--quote\">q</div>x").quotes == Quotes{"q"});
}

TEST_CASE("links keep their target; those within a quotation are not the author's") {
  CHECK(read("see <a href=\"../a?b=1#c\">this <b>page</b></a>").links ==
        Links{{"https://board.example/a?b=1#c", "this page"}});
  CHECK(read("<a href=\"https://signal.me/#p/+15550100\">me</a>").links ==
        Links{{"https://signal.me/#p/+15550100", "me"}});
  CHECK(read("<a href=\"tg://resolve?domain=hwdemo_x\">me</a>").links == Links{{"tg://resolve?domain=hwdemo_x", "me"}});
  CHECK(read("<blockquote><a href=\"https://a.example/\">a</a></blockquote>").links.empty());
  CHECK(read("<a href=\"javascript:alert(1)\">x</a><a href=\"data:text/html,x\">y</a><a href=\"#top\">z</a>")
            .links.empty());
  CHECK(read("<a href=\"photo.JPEG\">x</a><a href=\"https://v.example/a.mp4?x=1\">y</a><a href=\"s.zip\">z</a>")
            .links.empty());
}

TEST_CASE("what is nested too deep gives its text alone") {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<div>";
  bool alone = false;
  const Written written = parsers::written_in(deep + "call <b>me</b> &amp; <script>x</script>wait", "", &alone);
  CHECK(alone);
  CHECK(written.text == "call me & wait");
  CHECK_FALSE((parsers::written_in("<p>x", "", &alone), alone));
}

TEST_CASE("what is deeper than its tags say is read to the bottom all the same") {
  std::string deep;
  for (int i = 0; i < 700; ++i) deep += "<div><table></div></table>";
  bool alone = true;
  const Written written =
      parsers::written_in("top " + deep + "<div>call <b>me</b><script>x</script></div>", "", &alone);
  CHECK_FALSE(alone);
  CHECK(written.text == "top\ncall me");
}

TEST_CASE("whatever bytes come in, valid UTF-8 comes out without NUL") {
  const std::string hostile = "a\0b<p>\xEF\xBF\xBD</p>&#0;&#xD800;&#x110000;"s;
  const std::string read = text(repair_utf8(hostile));
  CHECK(valid_utf8(read));
  CHECK(read.find('\0') == std::string::npos);
}
