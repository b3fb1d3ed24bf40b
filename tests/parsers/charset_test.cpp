#include "parsers/charset.h"

#include <doctest/doctest.h>

#include "common/text.h"

using namespace hw;
using parsers::Markup;
using parsers::to_utf8;

TEST_CASE("the header decides, and labels mean what browsers take them to mean") {
  CHECK(to_utf8("caf\xE9 \x80", "iso-8859-1", Markup::html) == "café €");  // windows-1252 by the Encoding Standard
  CHECK(to_utf8("\xEF\xF0\xE8\xE2\xE5\xF2", "windows-1251", Markup::html) == "привет");
  CHECK(to_utf8("\xCF\xD2\xC9\xD7\xC5\xD4", "KOI8-R", Markup::html).size() == 12);
  CHECK(to_utf8("\x82\xB1\x82\xF1", "Shift_JIS", Markup::html) == "こん");
  CHECK(to_utf8("\xC4\xE3\xBA\xC3", "gb2312", Markup::html) == "你好");
  CHECK(to_utf8("\xBE\xC8\xB3\xE7", "euc-kr", Markup::html) == "안녕");
}

TEST_CASE("a byte order mark outranks the header") {
  CHECK(to_utf8("\xEF\xBB\xBF"
                "caf\xC3\xA9",
                "windows-1251", Markup::html) == "café");
  CHECK(to_utf8(std::string_view("\xFF\xFE"
                                 "h\0i\0",
                                 6),
                "utf-8", Markup::html) == "hi");
  CHECK(to_utf8(std::string_view("\xFE\xFF\0h\0i", 6), "", Markup::none) == "hi");
}

TEST_CASE("the page's own declaration is read where the server says nothing") {
  CHECK(to_utf8("<meta charset=\"windows-1251\">\xEF\xF0", "", Markup::html).ends_with("пр"));
  CHECK(to_utf8("<META http-equiv=Content-Type content=\"text/html; charset=koi8-r\">\xD0", "", Markup::html)
            .ends_with("п"));
  CHECK(to_utf8("<?xml version='1.0' encoding='iso-8859-15'?><a>\xA4</a>", "", Markup::xml).ends_with("<a>€</a>"));
  CHECK(to_utf8("<meta charset=\"no-such-charset\">caf\xC3\xA9", "nor-this", Markup::html).ends_with("café"));
}

TEST_CASE("text that is valid UTF-8 is not spoiled by a server that says latin-1") {
  CHECK(to_utf8("schöne Grüße", "iso-8859-1", Markup::html) == "schöne Grüße");
}

TEST_CASE("text that is called UTF-8 and holds none is read as what it looks like") {
  CHECK(to_utf8("caf\xE9 cr\xE8me br\xFBl\xE9"
                "e",
                "utf-8", Markup::html) == "café crème brûlée");
}

TEST_CASE("undeclared text: UTF-8, then ICU's guess") {
  CHECK(to_utf8("plain", "", Markup::none) == "plain");
  CHECK(to_utf8("schöne Grüße", "", Markup::none) == "schöne Grüße");
  const std::string guessed = to_utf8(
      "\xCF\xF0\xE8\xE2\xE5\xF2, \xEA\xE0\xEA \xE4\xE5\xEB\xE0? \xDF \xF1\xEE\xE1\xE8\xF0\xE0\xFE "
      "\xFF\xE1\xEB\xEE\xEA\xE8 "
      "\xE2 \xF1\xE0\xE4\xF3 \xE8 \xE2\xE0\xF0\xFE \xE2\xE0\xF0\xE5\xED\xFC\xE5.",
      "", Markup::none);
  CHECK(guessed.starts_with("Привет, как дела?"));
}

TEST_CASE("whatever the bytes and the label, what comes out is valid UTF-8") {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes += static_cast<char>((i * 7919) >> 3);
  for (const char* label :
       {"", "utf-8", "utf-16", "utf-16le", "utf-32", "utf-7", "iso-2022-jp", "gb18030", "big5", "shift_jis", "ebcdic",
        "hz-gb-2312", "x-user-defined", "\xFF\xFE", "a label that is far too long to be the name of any charset"})
    for (const Markup markup : {Markup::html, Markup::xml, Markup::json, Markup::none})
      CHECK_MESSAGE(valid_utf8(to_utf8(bytes, label, markup)), label);
}

TEST_CASE("JSON is UTF-8 whatever the header says") {
  CHECK(to_utf8("{\"a\":\"\xC3\xA9\"}", "windows-1251", Markup::json) == "{\"a\":\"é\"}");
  CHECK(to_utf8("\xE9", "iso-8859-1", Markup::json) == "\xEF\xBF\xBD");
}

TEST_CASE("UTF-7 is not a charset of the web") {
  CHECK(to_utf8("+ADw-script+AD4-", "utf-7", Markup::html) == "+ADw-script+AD4-");
}
