#include "crawler/sitemap.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include "tests/crawler/raw_server.h"

using namespace hw;
using namespace hw::crawler;

namespace {

std::string packed(std::string text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("sitemap: addresses and when they changed") {
  const Sitemap read = parse_sitemap(R"(<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url><loc> http://forum.test/viewtopic.php?f=3&amp;t=7 </loc><lastmod>2026-11-20</lastmod><priority>0.5</priority></url>
  <url>
    <loc><![CDATA[http://forum.test/t2?a=1&b=2]]></loc>
    <image:image><image:loc>http://forum.test/picture.png</image:loc></image:image>
    <lastmod>2026-11-21T10:30:00+01:00</lastmod>
  </url>
  <url><lastmod>never</lastmod><loc>http://forum.test/t3</loc></url>
  <url><loc></loc></url>
  <url><loc>http://forum.test/t4</loc><lastmod>soon</lastmod></url>
</urlset>)");
  CHECK_FALSE(read.index);
  REQUIRE(read.entries.size() == 4);
  CHECK(read.entries[0].url == "http://forum.test/viewtopic.php?f=3&t=7");
  CHECK(read.entries[0].changed == parse_rfc3339("2026-11-20T00:00:00Z"));
  CHECK(read.entries[1].url == "http://forum.test/t2?a=1&b=2");
  CHECK(read.entries[1].changed == parse_rfc3339("2026-11-21T09:30:00Z"));
  CHECK(read.entries[2].url == "http://forum.test/t3");
  CHECK_FALSE(read.entries[3].changed.has_value());
}

TEST_CASE("sitemap: an index names sitemaps") {
  const Sitemap read = parse_sitemap(
      "<sitemapindex><sitemap><loc>http://forum.test/s1.xml.gz</loc><lastmod>2026-11-22</lastmod></sitemap>"
      "<sitemap><loc>http://forum.test/s2.xml</loc></sitemap></sitemapindex>");
  CHECK(read.index);
  REQUIRE(read.entries.size() == 2);
  CHECK(read.entries[0].changed.has_value());
}

TEST_CASE("sitemap: an address a line") {
  const Sitemap read = parse_sitemap("\xEF\xBB\xBFhttp://forum.test/a\r\nhttp://forum.test/b\n\nno address\n");
  REQUIRE(read.entries.size() == 2);
  CHECK(read.entries[1].url == "http://forum.test/b");
}

TEST_CASE("sitemap: whatever bytes arrive, it reads what it can and no more than the protocol's number") {
  for (const std::string text :
       {"", "<", "<loc", "<url><loc>", "<url><loc>x", "<url><loc>http://a.test/", "<urlset><url></url>",
        "<lastmod>2026-11-22</lastmod>", "<loc>http://a.test/</loc>", "<<<<>>>>", "</url><url/>"})
    CHECK_MESSAGE(parse_sitemap(text).entries.empty(), text);
  std::string many = "<urlset>";
  for (std::size_t i = 0; i < kMostSitemapEntries + 10; ++i)
    many += "<url><loc>http://a.test/" + std::to_string(i) + "</loc></url>";
  CHECK(parse_sitemap(many).entries.size() == kMostSitemapEntries);
  CHECK(parse_sitemap(std::string(1U << 20, '<')).entries.empty());
}

TEST_CASE("sitemap: gzip is unpacked within bounds; what is in it has to be text") {
  const std::string text = "<urlset><url><loc>http://forum.test/a</loc></url></urlset>";
  CHECK(sitemap_text(text, 1000) == text);
  CHECK(sitemap_text(packed(text), 1000) == text);
  CHECK_FALSE(sitemap_text(test::gzip_of_zeros(1U << 20), 1000).has_value());
  CHECK_FALSE(sitemap_text(packed("\x89PNG\r\n\x1A\n picture"), 1000).has_value());
  CHECK_FALSE(sitemap_text("\x89PNG\r\n\x1A\n picture", 1000).has_value());
  CHECK_FALSE(sitemap_text("PK\x03\x04 archive", 1000).has_value());
  CHECK_FALSE(sitemap_text("\x1F\x8B damaged", 1000).has_value());
}
