// Web archives: written here record by record, mutated, and recorded ones where they lie beside the checkout.
#include "parsers/warc.h"

#include <random>

#include <doctest/doctest.h>

#include "tests/parsers/warc.h"
#include "tests/support/gzip.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::parsers;

namespace {

std::string record(const std::string& type, const std::string& content_type, const std::string& block,
                   const std::string& url = "https://b.example/1") {
  return "WARC/1.1\r\nWARC-Type: " + type + "\r\nWARC-Target-URI: " + url +
         "\r\nWARC-Date: 2026-11-22T10:00:00Z\r\nContent-Type: " + content_type +
         "\r\nContent-Length: " + std::to_string(block.size()) + "\r\n\r\n" + block + "\r\n\r\n";
}

std::string response(const std::string& head, const std::string& body, const std::string& url = "https://b.example/1") {
  return record("response", "application/http; msgtype=response",
                "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=UTF-8\r\n" + head + "\r\n" + body, url);
}

std::vector<ArchiveRecord> read(std::string_view bytes, std::size_t piece = 4096) {
  const auto stream = unpacked(std::make_unique<MemoryBytes>(bytes, piece));
  WarcReader reader(*stream, [](std::string_view type) { return type.empty() || type.starts_with("text/"); });
  std::vector<ArchiveRecord> records;
  while (auto record = reader.next()) records.push_back(std::move(*record));
  return records;
}

std::vector<RecordState> states(const std::vector<ArchiveRecord>& records) {
  std::vector<RecordState> out;
  for (const ArchiveRecord& record : records) out.push_back(record.state);
  return out;
}

using enum RecordState;
using States = std::vector<RecordState>;

}  // namespace

TEST_CASE("a response is a document as the server sent it") {
  for (const std::size_t piece : {1U, 5U, 4096U}) {
    const std::string file = record("warcinfo", "application/warc-fields", "software: x") +
                             record("request", "application/http", "GET / HTTP/1.1\r\n\r\n") +
                             response("X-One: a\r\n", "<p>hello</p>", "<https://b.example/a>");
    const auto records = read(file, piece);
    REQUIRE(states(records) == States{page});
    const Document& document = records[0].document;
    CHECK(document.url == "https://b.example/a");
    CHECK(document.status == 200);
    CHECK(document.content_type == "text/html");
    CHECK(document.charset == "utf-8");
    CHECK(document.header("x-one") == "a");
    CHECK(document.body == "<p>hello</p>");
    CHECK(to_rfc3339(document.fetched_at) == "2026-11-22T10:00:00Z");
    CHECK(file.substr(records[0].offset).starts_with("WARC/1.1\r\nWARC-Type: response"));
  }
}

TEST_CASE("resources and the conversions of WET files") {
  const auto records = read(record("resource", "text/plain; charset=iso-8859-1", "a resource") +
                            record("conversion", "text/plain", "the text of a page"));
  REQUIRE(states(records) == States{page, text});
  CHECK(records[0].document.body == "a resource");
  CHECK(records[0].document.charset == "iso-8859-1");
  CHECK(records[1].document.body == "the text of a page");
}

TEST_CASE("bodies in chunks and in codings are decoded") {
  const std::string text = "some words, and some more of them";
  const auto body_of = [](const std::string& file) {
    const auto records = read(file);
    REQUIRE(records.size() == 1);
    CHECK(records[0].state == page);
    return records[0].document.body;
  };
  CHECK(body_of(response("Transfer-Encoding: chunked\r\n", "4\r\nsome\r\n6;x=y\r\n words\r\n0\r\n\r\n")) ==
        "some words");
  CHECK(body_of(response("Transfer-Encoding: chunked\r\n", "<p>not in chunks</p>")) == "<p>not in chunks</p>");
  CHECK(body_of(response("Transfer-Encoding: chunked\r\n", "FF\r\ncut short")) == "cut short");
  CHECK(body_of(response("Content-Encoding: gzip\r\n", test::packed(text))) == text);
  CHECK(body_of(response("Content-Encoding: deflate\r\n", test::packed(text, 15))) == text);
  CHECK(body_of(response("Content-Encoding: deflate\r\n", test::packed(text, -15))) == text);
  CHECK(body_of(response("Content-Encoding: br\r\n", std::string("\x0B\x02\x80hello\x03", 9))) == "hello");
  CHECK(body_of(response("Content-Encoding: gzip\r\n", "<p>decoded already</p>")) == "<p>decoded already</p>");
  CHECK(states(read(response("Content-Encoding: gzip\r\n", "\x1F\x8B no gzip"))) == States{undecodable});
  CHECK(states(read(response("Content-Encoding: zstd\r\n", "x"))) == States{undecodable});
}

TEST_CASE("media, bombs and giants are passed over, and what follows is read") {
  const std::string last = response("", "last");
  const std::string image = record("response", "application/http",
                                   "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n" + std::string(100'000, 'x'));
  CHECK(states(read(image + last)) == States{not_text, page});
  const std::string bomb = response("Content-Encoding: gzip\r\n", test::packed(std::string(20 << 20, ' ')));
  CHECK(states(read(bomb + last)) == States{undecodable, page});
  CHECK(states(read(response("", std::string(17 << 20, 'x')) + last)) == States{too_large, page});
}

TEST_CASE("a broken record is told with its place and costs itself alone") {
  const std::string first = response("", "first");
  const std::string last = response("", "last");
  const std::string junk = "some bytes\nthat are no record\n";
  auto records = read(first + junk + last);
  REQUIRE(states(records) == States{page, damaged, page});
  CHECK(records[1].offset == first.size());
  CHECK(records[2].offset == first.size() + junk.size());
  std::string lengthless = last;
  lengthless.replace(lengthless.find("Content-Length"), 14, "Content-Lengt_");
  records = read(first + lengthless + last + last);
  CHECK(states(records) == States{page, damaged, page, page});
  CHECK(records[1].offset == first.size());
  std::string huge = last;
  huge.replace(huge.find("Content-Length: ") + 16, 0, "99999999999");
  CHECK(states(read(first + huge + last + last)) == States{page, damaged, page, page});
  CHECK(states(read(first + last.substr(0, last.size() - 10))) == States{page, damaged});
  CHECK(states(read("")).empty());
}

TEST_CASE("a packed archive: the place is that of the member, and a damaged member costs itself alone") {
  const std::string first = test::packed(response("", "first"));
  std::string broken = test::packed(response("", std::string(20'000, 'x') + "broken"));
  for (std::size_t i = broken.size() / 2; i < broken.size() / 2 + 20; ++i) broken[i] = static_cast<char>(~broken[i]);
  const std::string last = test::packed(response("", "last"));
  const auto records = read(first + broken + last);
  REQUIRE(records.size() >= 3);
  CHECK(records.front().document.body == "first");
  CHECK(records[1].state == damaged);
  CHECK(records[1].offset == first.size());
  CHECK(records.back().document.body == "last");
  CHECK(records.back().offset == first.size() + broken.size());
}

TEST_CASE("mutated archives are read to their end") {
  const std::string file = response("Transfer-Encoding: chunked\r\n", "4\r\nsome\r\n0\r\n\r\n") +
                           response("Content-Encoding: gzip\r\n", test::packed("packed words")) +
                           record("conversion", "text/plain", "words") + response("", "last");
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    std::string mutated = round % 2 == 0 ? file : test::packed(file);
    for (int edits = 1 + static_cast<int>(random() % 4); edits > 0; --edits) {
      const std::size_t at = random() % mutated.size();
      if (random() % 2 == 0)
        mutated[at] = static_cast<char>(random());
      else
        mutated.erase(at, random() % 40);
    }
    for (const ArchiveRecord& record : read(mutated, 1 + random() % 5000))
      CHECK(record.document.body.size() <= WarcReader::kLargestBody);
  }
}

TEST_CASE("recorded archives of other tools") {
  struct Case {
    const char* file;
    std::size_t pages;
    std::size_t damaged;
  };
  static constexpr Case kCases[] = {
      {"warcio/test/data/example-bad-non-chunked.warc.gz", 1, 0},
      {"warcio/test/data/example-iana.org-chunked.warc", 1, 0},
      {"warcio/test/data/example-resource.warc.gz", 1, 0},
      {"warcio/test/data/post-test.warc.gz", 3, 0},
      {"pywb/sample_archive/warcs/example.warc.gz", 2, 0},
      {"pywb/sample_archive/warcs/example.warc", 2, 1},
      {"pywb/sample_archive/warcs/example-wpull.warc.gz", 2, 0},
      {"pywb/sample_archive/warcs/missing-status-text.warc", 0, 1},
      {"iipc/src/test/resources/org/archive/format/gzip/IAH-urls-wget.warc.gz", 17, 0},
      {"iipc/src/test/resources/org/archive/resource/html/link-extraction-test.warc", 7, 0},
  };
  for (const Case& each : kCases) {
    const auto file = test::recorded(std::string("fixtures/") + each.file);
    if (!file) return;
    std::size_t pages = 0;
    std::size_t damage = 0;
    for (const ArchiveRecord& record : test::records_in(*file)) {
      pages += record.state == page && !record.document.body.empty() ? 1 : 0;
      damage += record.state == damaged ? 1 : 0;
    }
    CHECK_MESSAGE(pages == each.pages, std::string(each.file));
    CHECK_MESSAGE(damage == each.damaged, std::string(each.file));
  }
}
