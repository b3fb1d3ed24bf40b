// A list of any length leaves through the memory of one handle: what each form of export keeps is measured. The
// benchmark has a hundred thousand.
#include <functional>
#include <ostream>
#include <streambuf>

#include <doctest/doctest.h>
#include <malloc.h>

#include "app/handle_writer.h"
#include "app/misp_feed.h"
#include "tests/support/support.h"

using namespace hw;

namespace {

constexpr std::size_t kFew = 500;
constexpr std::size_t kMany = 10'000;
constexpr std::size_t kRoom = 32U << 10;

// Counts what is written and keeps nothing of it.
class Nowhere final : public std::streambuf {
 public:
  std::size_t bytes() const { return bytes_; }

 protected:
  int_type overflow(int_type c) override {
    ++bytes_;
    return traits_type::not_eof(c);
  }
  std::streamsize xsputn(const char*, std::streamsize size) override {
    bytes_ += static_cast<std::size_t>(size);
    return size;
  }

 private:
  std::size_t bytes_ = 0;
};

db::ExportedHandle handle(std::size_t i) {
  const std::string n = std::to_string(i);
  db::ExportedHandle handle;
  handle.row.handle = static_cast<std::int64_t>(i);
  handle.row.confirmations = 2;
  handle.row.hits = 1;
  handle.row.platforms = {"board.example"};
  handle.row.first_day = handle.row.last_day = "2026-11-22";
  handle.name = {"wickr", "hwdemo_" + n};
  db::Judged advert;
  advert.post.id = n;
  advert.post.platform = "board.example";
  advert.post.author = "author" + n;
  advert.post.url = "https://board.example/" + n;
  handle.adverts = {advert};
  handle.accounts = {static_cast<std::int64_t>(i)};
  return handle;
}

app::ExportContext context() { return {{7, {12, std::string(64, 'a')}}, "2026-17", Time{}, "Example"}; }

// How much more the heap holds after many than after few; nothing where it cannot be told.
std::optional<std::size_t> growth(app::HandleWriter& writer) {
  writer.begin();
  for (std::size_t i = 1; i <= kFew; ++i) REQUIRE_OK(writer.add(handle(i)));
  const std::size_t few = mallinfo2().uordblks;
  for (std::size_t i = kFew + 1; i <= kMany; ++i) REQUIRE_OK(writer.add(handle(i)));
  const std::size_t many = mallinfo2().uordblks;
  REQUIRE_OK(writer.finish());
  if (few == 0) return std::nullopt;  // another allocator, such as AddressSanitizer's
  return many > few ? many - few : 0;
}

}  // namespace

TEST_CASE("no form of export grows with its list") {
  using Make = std::unique_ptr<app::HandleWriter> (*)(const app::ExportContext&, std::ostream&);
  for (const auto& [name, make] : {std::pair<const char*, Make>{"csv", app::make_csv_writer},
                                   {"jsonl", app::make_jsonl_writer},
                                   {"stix", app::make_stix_writer},
                                   {"graphml", app::make_graphml_writer},
                                   {"html", app::make_html_writer}}) {
    CAPTURE(name);
    Nowhere nowhere;
    std::ostream out(&nowhere);
    const auto grown = growth(*make(context(), out));
    CHECK(nowhere.bytes() > kMany * 50);
    if (grown) CHECK(*grown < kRoom);
  }
}

TEST_CASE("a MISP feed keeps a line of its manifest for each event, and no event") {
  const test::TemporaryFolder folder;
  auto feed = app::MispFeed::open(context(), folder / "feed");
  REQUIRE_OK(feed);
  const auto grown = growth(**feed);
  CHECK(std::filesystem::file_size(folder / "feed/manifest.json") > 1000);
  if (grown) CHECK(*grown < kRoom);
}
