#include "common/unpack.h"

#include <random>

#include <doctest/doctest.h>

#include "tests/support/gzip.h"
#include "tests/support/support.h"

using namespace hw;

namespace {

std::string rest_of(ByteStream& stream) {
  std::string out;
  for (std::string_view piece = stream.peek(); !piece.empty(); piece = stream.peek()) {
    out += piece;
    stream.skip(piece.size());
  }
  return out;
}

std::string noise(std::size_t size) {
  std::mt19937 random(3);
  std::string out;
  while (out.size() < size) out += static_cast<char>(random());
  return out;
}

std::unique_ptr<ByteStream> stream_of(std::string_view bytes, std::size_t piece = 7, UnpackLimits limits = {}) {
  return unpacked(std::make_unique<MemoryBytes>(bytes, piece), limits);
}

}  // namespace

TEST_CASE("what is not gzip comes as it is, however short") {
  for (const char* text : {"", "a", "ab", "\x1F\x8B", "a longer text that is not packed"}) {
    CHECK(rest_of(*stream_of(text)) == text);
    CHECK(stream_of(text)->trouble().empty());
  }
}

TEST_CASE("gzip members one after another are one stream; zeros between them are padding") {
  const std::string large = noise(1'000'000);
  const std::string file =
      test::packed("one\n") + test::packed("") + test::packed(large) + std::string(512, '\0') + test::packed("two\n");
  for (const std::size_t piece : {1U, 13U, 65536U}) {
    const auto stream = stream_of(file, piece);
    CHECK(rest_of(*stream) == "one\n" + large + "two\n");
    CHECK(stream->trouble().empty());
    CHECK(stream->used() == file.size());
  }
}

TEST_CASE("a member that is cut short or damaged is told, and what follows it is read") {
  const std::string good = test::packed("good\n");
  std::string bad = test::packed(noise(5000));
  for (std::size_t i = 60; i < 90; ++i) bad[i] = static_cast<char>(~bad[i]);
  const auto cut = stream_of(std::string_view(good).substr(0, good.size() - 6));
  rest_of(*cut);
  CHECK(cut->trouble() == "the gzip data is cut short");
  CHECK_FALSE(cut->resume());
  const std::string file = good + bad + good;
  const auto stream = stream_of(file);
  CHECK(rest_of(*stream).starts_with("good\n"));
  CHECK(stream->trouble() == "the gzip data is damaged");
  CHECK(stream->offset() == good.size());
  std::string after;
  while (stream->resume()) after += rest_of(*stream);
  CHECK(after.ends_with("good\n"));
}

TEST_CASE("a bomb is told before it fills anything, and what follows it is read") {
  const std::string bomb = test::packed(std::string(4'000'000, '\0'));
  const std::string file = bomb + test::packed("after\n");
  const auto stream = stream_of(file, 65536, {1'000'000, 100});
  CHECK(rest_of(*stream).size() < 2'000'000);
  CHECK(stream->trouble().find("a bomb") != std::string::npos);
  std::string after;
  while (stream->resume()) after += rest_of(*stream);
  CHECK(after == "after\n");
  CHECK(rest_of(*stream_of(file, 65536)).size() == 4'000'006);  // small ones are no harm
}

TEST_CASE("bodies are unpacked up to a limit, with and without zlib's frame") {
  const std::string text(10'000, 'x');
  CHECK(unpack(test::packed(text, 31), Coding::gzip, 20'000) == text);
  CHECK(unpack(test::packed(text, 15), Coding::deflate, 20'000) == text);
  CHECK(unpack(test::packed(text, -15), Coding::deflate, 20'000) == text);
  CHECK(unpack("", Coding::gzip, 10) == "");
  CHECK_FALSE(unpack(test::packed(text, 31), Coding::gzip, 9'999));
  CHECK_FALSE(unpack("no such data", Coding::gzip, 100));
  CHECK_FALSE(unpack("no such data", Coding::brotli, 100));
  const std::string half = test::packed(noise(10'000), 31).substr(0, 5'000);
  const auto as_far_as_it_goes = unpack(half, Coding::gzip, 20'000);
  REQUIRE(as_far_as_it_goes.has_value());
  CHECK(as_far_as_it_goes->size() > 4'000);
  // RFC 7932: "hello" as one uncompressed block.
  CHECK(unpack(std::string_view("\x0B\x02\x80hello\x03", 9), Coding::brotli, 100) == "hello");
  CHECK_FALSE(unpack(std::string_view("\x0B\x02\x80hello\x03", 9), Coding::brotli, 4));
}

TEST_CASE("files, folders and what is not there") {
  const test::TemporaryFolder folder;
  test::write_file(folder / "a", "some bytes");
  auto file = open_bytes((folder / "a").string());
  REQUIRE_OK(file);
  Prefetched stream(std::move(*file), 4);
  CHECK(stream.first() == "some");
  CHECK(stream.offset() == 0);
  CHECK(rest_of(stream) == "some bytes");
  CHECK(stream.offset() == 10);
  CHECK(open_bytes((folder / "b").string()).error().code == ErrorCode::io);
  CHECK(open_bytes(folder.path().string()).error().message.find("it is a folder") != std::string::npos);
}
