#include "common/text.h"

#include <random>

#include <doctest/doctest.h>
#include <unicode/uchar.h>

#include "common/document.h"

using namespace hw;

namespace {

std::string encode(char32_t c) {
  std::string out;
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
  return out;
}

const std::string kReplacement = "\xEF\xBF\xBD";

std::string replacements(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += kReplacement;
  return out;
}

}  // namespace

TEST_CASE("every code point but the surrogates is well-formed, and nothing beyond U+10FFFF") {
  for (char32_t c = 0; c <= 0x10FFFF; ++c)
    if (valid_utf8(encode(c)) != (c < 0xD800 || c > 0xDFFF)) FAIL(static_cast<unsigned>(c));
  CHECK_FALSE(valid_utf8("\xF4\x90\x80\x80"));
  CHECK_FALSE(valid_utf8("\xF8\x88\x80\x80\x80"));
}

// Unicode 15, §3.9: table 3-8 and the tables beside it, "U+FFFD for maximal subparts".
TEST_CASE("ill-formed sequences are replaced once per maximal subpart") {
  CHECK(repair_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") == replacements(8) + "A");  // table 3-8
  CHECK(repair_utf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41") == replacements(8) + "A");  // table 3-9
  CHECK(repair_utf8("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42") ==
        replacements(5) + "A" + replacements(2) + "B");                                 // table 3-10
  CHECK(repair_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") == replacements(4) + "A");  // table 3-11
  CHECK(repair_utf8("\xF0\x9F\x98") == kReplacement);
  CHECK(repair_utf8("a\x80z") == "a" + kReplacement + "z");
  CHECK(repair_utf8("") == "");
}

TEST_CASE("repairing any bytes gives well-formed text and leaves well-formed text alone") {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes;
    for (auto length = random() % 12; length > 0; --length)
      bytes += static_cast<char>(random() % 3 == 0 ? random() : 0x80 + random() % 0x80);
    const std::string repaired = repair_utf8(bytes);
    const bool holds =
        valid_utf8(repaired) && repair_utf8(repaired) == repaired && (repaired == bytes) == valid_utf8(bytes);
    if (!holds) FAIL(to_hex(bytes));
  }
}

TEST_CASE("no control, bidirectional or invisible character reaches a terminal") {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const auto point = static_cast<UChar32>(c);
    const bool hostile = u_charType(point) == U_CONTROL_CHAR || u_charType(point) == U_LINE_SEPARATOR ||
                         u_charType(point) == U_PARAGRAPH_SEPARATOR || u_hasBinaryProperty(point, UCHAR_BIDI_CONTROL) ||
                         u_hasBinaryProperty(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
    const std::string shown = escape_for_terminal(encode(c));
    // Specials (U+FFF0…) are escaped although some of them are visible somewhere.
    const bool right = hostile ? shown.starts_with("\\") : shown == encode(c) || (c >= 0xFFF0 && c <= 0xFFFB);
    if (!right) FAIL(static_cast<unsigned>(c));
  }
}

TEST_CASE("what a terminal must not see is spelled out") {
  CHECK(escape_for_terminal("a\x1b[31mb\r\n\t\x7f") == "a\\x1b[31mb\\x0d\\n\\x09\\x7f");
  CHECK(escape_for_terminal("x\u202Ey\u200Bz") == "x\\u202ey\\u200bz");
  CHECK(escape_for_terminal(std::string_view("\0", 1)) == "\\x00");
  CHECK(escape_for_terminal("\xC2\x9B") == "\\x9b");  // CSI as one character
  CHECK(escape_for_terminal("\xFF") == "\\ufffd");
  CHECK(escape_for_terminal("Grüße 日本 😀") == "Grüße 日本 😀");
}

TEST_CASE("an address is cited so that nothing makes a link of it") {
  CHECK(defang("https://forum.example/a.b?c.d") == "hxxps://forum[.]example/a.b?c.d");
  CHECK(defang("http://127.0.0.1:8080/") == "hxxp://127[.]0[.]0[.]1:8080/");
  CHECK(defang("forum.example") == "forum[.]example");
  CHECK(defang("HTTPS://Forum.Example") == "hxxps://Forum[.]Example");
  CHECK(defang("t.me/x") == "t[.]me/x");
  CHECK(defang("") == "");
}

TEST_CASE("the nearest name is offered only for a likely slip") {
  CHECK(nearest("dealy", {"delay", "every", "url"}) == "delay");
  CHECK(nearest("Sources", {"sources"}) == "sources");
  CHECK(nearest("x", {"delay", "every"}).empty());
  CHECK(nearest("", {"a", "bc"}) == "a");
  CHECK(nearest("word", {}).empty());
}

TEST_CASE("small helpers") {
  CHECK(to_lower("AbZ\xC3\x84[") == "abz\xC3\x84[");
  CHECK(trim(" \t\r\n a b \v\f") == "a b");
  CHECK(trim(" \n") == "");
  CHECK(equals_ignoring_case("Content-Type", "content-TYPE"));
  CHECK_FALSE(equals_ignoring_case("a", "ab"));
  CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
  CHECK(split(",", ',') == std::vector<std::string_view>{"", ""});
  CHECK(to_hex(std::string_view("\0\x7F\xFF", 3)) == "007fff");
}

TEST_CASE("a document's header is found whatever its case, the first one wins") {
  Document document;
  document.headers = {{"ETag", "\"1\""}, {"etag", "\"2\""}};
  CHECK(document.header("ETAG") == "\"1\"");
  CHECK_FALSE(document.header("Link").has_value());
}
