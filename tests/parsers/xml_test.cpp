#include "parsers/xml.h"

#include <cstdio>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/support/support.h"

using namespace hw::parsers;

TEST_CASE("XML is defused before it is parsed") {
  CHECK(defused("<!DOCTYPE a [<!ENTITY x \"]>\"><!-- ]> -->]><a>&x;</a>") == "<a>&#38;x;</a>");
  CHECK(defused("<!doctype html><a/>") == "<a/>");
  CHECK(defused("&amp;&lt;&gt;&quot;&apos;") == "&#38;&#60;&#62;&#34;&#39;");
  CHECK(defused("&#8364;&#x20AC;") == "&#8364;&#x20AC;");
  CHECK(defused("&#0;&#xD800;&#x110000;&#;&#x;&#99999999999;") ==
        "&#38;#0;&#38;#xD800;&#38;#x110000;&#38;#;&#38;#x;&#38;#99999999999;");
  CHECK(defused("a & b &nbsp; &") == "a &#38; b &#38;nbsp; &#38;");
  CHECK(defused("<![CDATA[&nbsp; & <b>]]>&x;") == "<![CDATA[&nbsp; & <b>]]>&#38;x;");
  CHECK(defused("<!-- &x; --><!-- open &x;") == "<!-- &x; --><!-- open &x;");
  CHECK(defused(std::string_view("a\0b\x01", 4)) ==
        "a\xEF\xBF\xBD"
        "b\xEF\xBF\xBD");
  CHECK(defused("<!DOCTYPE never ends [ <!ENTITY") == "");
}

TEST_CASE("elements are named by their namespace, or by a prefix that nobody declared") {
  const auto tree = XmlTree::build(
      "<rss "
      "xmlns:d='http://purl.org/dc/elements/1.1/'><channel><item><d:creator>a</d:creator><content:encoded>b</"
      "content:encoded>"
      "<m:title xmlns:m='http://search.yahoo.com/mrss/'>c</m:title></item></channel></rss>",
      "https://f.example/");
  REQUIRE(tree.has_value());
  const XmlElement item = tree->root().child(Vocabulary::core, "channel").child(Vocabulary::core, "item");
  CHECK(item.child(Vocabulary::dublin_core, "creator").text() == "a");
  CHECK(item.child(Vocabulary::content, "encoded").text() == "b");
  CHECK_FALSE(item.child(Vocabulary::core, "title"));
  CHECK(item.parent().is(Vocabulary::core, "CHANNEL"));
}

TEST_CASE("markup within an element is kept as markup, text as text") {
  const auto tree = XmlTree::build("<a><b>x<i>y</i> &lt;z&gt;</b><c>&lt;p&gt;</c></a>", "");
  REQUIRE(tree.has_value());
  CHECK(tree->root().child(Vocabulary::core, "b").content() == "x<i>y</i> &lt;z&gt;");
  CHECK(tree->root().child(Vocabulary::core, "c").content() == "<p>");
  CHECK_FALSE(tree->damaged());
}

TEST_CASE("damage is passed over and said") {
  const auto tree = XmlTree::build("junk <a><b>1</b><c>2 &lt; 3<d></a>", "");
  REQUIRE(tree.has_value());
  CHECK(tree->damaged());
  CHECK(tree->root().child(Vocabulary::core, "b").text() == "1");
  CHECK(tree->root().child(Vocabulary::core, "c").text() == "2 < 3");
  CHECK_FALSE(XmlTree::build("", "").has_value());
  CHECK_FALSE(XmlTree::build("no markup", "").has_value());
}

TEST_CASE("nothing of a document reaches standard error, however broken it is") {
  const hw::test::TemporaryFolder folder;
  const std::string file = (folder / "stderr").string();
  fflush(stderr);
  const int kept = dup(STDERR_FILENO);
  const int captured = open(file.c_str(), O_CREAT | O_WRONLY, 0600);
  dup2(captured, STDERR_FILENO);
  XmlTree::build("<a><b attribute='hwdemo secret'>hwdemo &#1; <a:b c='1' c='2'/>", "");
  XmlTree::build("<a>hwdemo secret" + std::string(11'000'000, '&') + "</a>", "");  // past libxml2's longest text
  fflush(stderr);
  dup2(kept, STDERR_FILENO);
  close(kept);
  close(captured);
  CHECK(hw::test::read_file(file).empty());
}
