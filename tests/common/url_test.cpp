#include "common/url.h"

#include <doctest/doctest.h>

using namespace hw;

namespace {

std::string read(std::string_view text) {
  const auto url = parse_url(text);
  return url ? url->text() : "refused";
}

std::string resolved(std::string_view reference) {
  const auto url = resolve_url("https://forum.example/a/viewtopic.php?t=1", reference);
  return url ? url->text() : "refused";
}

}  // namespace

TEST_CASE("an address is read into its parts") {
  const auto url = parse_url("HTTPS://Forum.Example:8443/a/b?c=d&e#f");
  REQUIRE(url.has_value());
  CHECK(url->scheme == "https");
  CHECK(url->host == "forum.example");
  CHECK(url->port == 8443);
  CHECK(url->path == "/a/b");
  CHECK(url->query == "c=d&e");
  CHECK(url->authority() == "forum.example:8443");
  CHECK(url->origin() == "https://forum.example:8443");
  CHECK(url->text() == "https://forum.example:8443/a/b?c=d&e");
}

TEST_CASE("spellings of the same address read the same") {
  CHECK(read("http://forum.example") == "http://forum.example/");
  CHECK(read("http:///forum.example/") == "http://forum.example/");
  CHECK(read("http://forum.example:80/#x") == "http://forum.example/");
  CHECK(read("https://forum.example:443") == "https://forum.example/");
  CHECK(read("http://forum.example/a/../b/./c") == "http://forum.example/b/c");
  CHECK(read("http://forum.example/a b?c d") == "http://forum.example/a%20b?c%20d");
  CHECK(read("http://forum.example/ä?ö") == "http://forum.example/%C3%A4?%C3%B6");
}

TEST_CASE("an address of this machine is seen through every disguise") {
  for (const char* text : {"http://127.0.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/",
                           "http://0177.0.0.1/", "http://127.1/"})
    CHECK_MESSAGE(read(text) == "http://127.0.0.1/", std::string(text));
  CHECK(read("http://１２７.0.0.1/") == "http://127.0.0.1/");
  CHECK(read("http://２１３０７０６４３３/") == "http://127.0.0.1/");
  CHECK(read("http://127。0。0。1/") == "http://127.0.0.1/");
  CHECK(read("http://[::1]:8080/") == "http://[::1]:8080/");
}

TEST_CASE("a host in another script becomes its IDNA form, or nothing") {
  CHECK(read("http://bücher.example/") == "http://xn--bcher-kva.example/");
  CHECK(read("http://xn--bcher-kva.example/") == "http://xn--bcher-kva.example/");
  CHECK(read("http://\xD3\x9E\xC0\x9D\xC5/") == "refused");
  CHECK(read("http:/\xD3\x9E\xC0\x9D\xC5\xC7\xCF\xD0\xC0\x84#y") == "refused");
}

TEST_CASE("what must not be fetched is refused") {
  for (const char* text : {"",
                           "forum.example",
                           "/a",
                           "//forum.example/",
                           "ftp://forum.example/",
                           "file:///etc/passwd",
                           "javascript:alert(1)",
                           "data:text/html,x",
                           "gopher://x/",
                           "http://",
                           "http://user@forum.example/",
                           "http://user:pw@forum.example/",
                           "http://forum.example:0/",
                           "http://forum.example:65536/",
                           "http://forum.example:x/",
                           "http://a\r\nHost: b/",
                           "http://a\tb/",
                           "http://forum.example\\@evil.example/",
                           "http://[::1%25eth0]/",
                           "http://[fe80::1%eth0]/",
                           "http://[::g]/",
                           "http://a%00b/",
                           "http://%31%32%37.0.0.1/",
                           "http:%2f%2fa/",
                           "http://a%2fb/",
                           "http://a%40b/",
                           "http://a b/",
                           "http://a<b>/",
                           "http://exa\"mple/"})
    CHECK_MESSAGE(read(text) == "refused", std::string(text));
  CHECK(read(std::string_view("http://a\0b/", 11)) == "refused");
  CHECK(read("http://forum.example/" + std::string(9000, 'a')) == "refused");
}

TEST_CASE("the refusal says why and never repeats the address") {
  const auto error = parse_url("ftp://hwdemo.example/").error();
  CHECK(error.code == ErrorCode::malformed);
  CHECK(error.message.find("not a usable address: ") == 0);
  CHECK(error.message.find("hwdemo") == std::string::npos);
}

// RFC 3986 §5.4 with our base.
TEST_CASE("references are resolved against the page") {
  CHECK(resolved("./viewforum.php?f=3") == "https://forum.example/a/viewforum.php?f=3");
  CHECK(resolved("../b") == "https://forum.example/b");
  CHECK(resolved("../../../b") == "https://forum.example/b");
  CHECK(resolved("/b?c") == "https://forum.example/b?c");
  CHECK(resolved("?t=2") == "https://forum.example/a/viewtopic.php?t=2");
  CHECK(resolved("#p7") == "https://forum.example/a/viewtopic.php?t=1");
  CHECK(resolved("") == "https://forum.example/a/viewtopic.php?t=1");
  CHECK(resolved("//other.example/x") == "https://other.example/x");
  CHECK(resolved("http://other.example/x") == "http://other.example/x");
  CHECK(resolved("  /b  ") == "https://forum.example/b");
  CHECK(resolved("/a b") == "https://forum.example/a%20b");
  CHECK(resolved("feed?sid=X?f=2") == "https://forum.example/a/feed?sid=X?f=2");
}

TEST_CASE("references that lead out of http are refused") {
  for (const char* text : {"javascript:void(0)", "mailto:a@b.example", "tel:+12025550143", "data:image/png;base64,AA",
                           "ftp://x/", "http://u:p@x/", "a\nb", "//a%00b/", "http://a%00b/"})
    CHECK_MESSAGE(resolved(text) == "refused", std::string(text));
}

TEST_CASE("a parameter is set at the end, escaped, in place of any before it") {
  const auto url = parse_url("https://f.example/v?a=1&b=2");
  REQUIRE(url.has_value());
  CHECK(with_parameter(*url, "a", "x y&z=/+é~").text() == "https://f.example/v?b=2&a=x%20y%26z%3D%2F%2B%C3%A9~");
  CHECK(query_parameter(with_parameter(*url, "a", "x y&z=/+é"), "a") == "x y&z=/+é");
  CHECK(with_parameter(*url, "b", "").query == "a=1");
  CHECK(with_parameter(*parse_url("https://f.example/"), "c", "3").text() == "https://f.example/?c=3");
}

TEST_CASE("this machine is told from others") {
  for (const char* host : {"localhost", "127.0.0.1", "127.1.2.3", "[::1]"}) CHECK(is_loopback(host));
  for (const char* host : {"127.0.0.1.evil.example", "localhost.example", "128.0.0.1", "", "[::2]"})
    CHECK_FALSE(is_loopback(host));
}

TEST_CASE("query parameters are stripped and read") {
  const auto url = parse_url("http://f.example/v?sid=1&t=2&SID=3&=4&start=%31%30&x");
  REQUIRE(url.has_value());
  CHECK(without_parameters(*url, {"sid"}).query == "t=2&=4&start=%31%30&x");
  CHECK(without_parameters(*url, {"sid", "t", "", "start", "x"}).text() == "http://f.example/v");
  CHECK(query_parameter(*url, "start") == "10");
  CHECK(query_parameter(*url, "x") == "");
  CHECK(query_parameter(*url, "none") == "");
  CHECK(query_parameter(*url, "t") == "2");
  CHECK(query_parameter(*parse_url("http://f.example/?t="), "t") == "");
}

// Plain addresses are read without libcurl's parser. A fragment is never plain, and dropped: with one, libcurl reads
// it.
TEST_CASE("what is read as plain is read as libcurl reads it") {
  const char* const schemes[] = {"http://", "https://", "HTTP://", "http:/", "ftp://"};
  const char* const hosts[] = {
      "forum.example",  "a-b.c_d.e2", "127.0.0.1", "127.0.0.01", "127.1",  "1.2.3.256", "0.0.0.0", "1.2.3.4.",
      "forum.example.", "x",          "xn--a",     "a.xn--p1ai", "0x7f.1", "1.2.3.4.5", "a.1",     "FORUM.example",
      "a..b",           ".a",         "-a.b",      "a b",        "",       "[::1]",     "u@h",     "255.255.255.255"};
  const char* const ports[] = {"", ":80", ":443", ":8080", ":0", ":08", ":65535", ":65536", ":", ":x", ":99999999999"};
  const char* const paths[] = {"",      "/",       "//",        "/a/b.php",       "/a/../b", "/./a", "/a/.",
                               "/.a",   "/a%2e/b", "/%2E%2e/x", "/a%20b",         "/a;b=1",  "/a|b", "/a\\b",
                               "/a\"b", "/ä",      "/a b",      "/~x!$&'()*+,:@", "/a%",     "/a%zz"};
  const char* const queries[] = {"", "?", "?f=3&t=7", "?a=/../b", "?a=/.b", "?q=%2e", "?q=a b", "??", "?a?b", "?a=[1]"};
  const auto told = [](const Result<Url>& url) {
    return url ? url->text() + ' ' + url->host + ' ' + std::to_string(url->port) + ' ' + url->path + ' ' + url->query
               : "refused";
  };
  for (const char* scheme : schemes)
    for (const char* host : hosts)
      for (const char* port : ports)
        for (const char* path : paths)
          for (const char* query : queries) {
            const std::string text = std::string(scheme) + host + port + path + query;
            REQUIRE_MESSAGE(told(parse_url(text)) == told(parse_url(text + "#p3")), text);
          }
}
