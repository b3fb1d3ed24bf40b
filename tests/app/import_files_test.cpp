// `import` of what platforms and archivists keep: gzip, CSV, web archives, and broken ones of each.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/text.h"
#include "tests/support/gzip.h"
#include "tests/support/process.h"

using hw::test::handlewatch;
using hw::test::Outcome;
using hw::test::TemporaryFolder;
using hw::test::write_file;
using nlohmann::json;

namespace {

const std::string kAdvert = "#perv #nolimits kik: hwdemo_oak33";

struct Store {
  Store() { REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0); }

  Outcome import(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.begin(), "import");
    return handlewatch(folder / "d", std::move(arguments), input);
  }
  std::string file(const std::string& name, std::string_view content) {
    write_file(folder / name, content);
    return (folder / name).string();
  }
  std::vector<json> hits() {
    std::vector<json> out;
    const Outcome listed = handlewatch(folder / "d", {"hits", "list", "--limit", "0", "--format", "jsonl"});
    for (const std::string_view line : hw::split(listed.out, '\n'))
      if (!line.empty()) out.push_back(json::parse(line));
    return out;
  }

  TemporaryFolder folder;
};

std::string post(int id, const std::string& text) {
  return json{{"id", std::to_string(id)}, {"author", "a"}, {"text", text}}.dump() + "\n";
}

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string record(const std::string& type, const std::string& block, const std::string& content_type) {
  return "WARC/1.0\r\nWARC-Type: " + type +
         "\r\nWARC-Target-URI: http://b.example/feed\r\nContent-Type: " + content_type +
         "\r\nContent-Length: " + std::to_string(block.size()) + "\r\n\r\n" + block + "\r\n\r\n";
}

}  // namespace

TEST_CASE("packed JSON Lines, in one member or several") {
  Store store;
  const std::string packed = hw::test::packed(post(1, kAdvert)) + hw::test::packed(post(2, "the beans are up"));
  CHECK(store.import({store.file("posts.jsonl.gz", packed)}).out == "2 posts, 2 new, 1 hits\n");
  CHECK(store.import({"-"}, packed).out == "2 posts, 0 new, 0 hits\n");
  const Outcome cut = store.import({store.file("cut.gz", packed.substr(0, packed.size() - 9))});
  CHECK(cut.status == 1);
  CHECK(says(cut.err, "cut.gz: the gzip data is cut short"));
  CHECK(cut.out.starts_with("2 posts, 0 new"));
}

TEST_CASE("a line of 200 MB that unpacks from a few bytes is passed over and counted, and so is a bomb of them") {
  Store store;
  const std::string line = "{\"id\":\"big\",\"text\":\"" + std::string(200 << 20, 'x') + "\"}\n";
  const std::string file = store.file("big.jsonl.gz", hw::test::packed(post(1, "before")) + hw::test::packed(line) +
                                                          hw::test::packed(post(2, kAdvert)));
  const Outcome outcome = store.import({file});
  CHECK(outcome.status == 1);
  // Past 64 MiB at more than 500 to 1 the member is given up; what stands before it was taken.
  CHECK(says(outcome.err, "a bomb"));
  CHECK(says(outcome.out, "1 posts, 1 new"));
}

TEST_CASE("CSV: columns by their names or as they are mapped, in any charset") {
  Store store;
  const std::string csv =
      "\xEF\xBB\xBFpost_id,user,body,posted,internal\r\n"
      "1,ida,\"two lines,\r\n" +
      kAdvert +
      "\",2026-11-20 10:00,x\r\n"
      "2,otto,\"he said \"\"beans\"\"\",1763800000,x\r\n"
      "3,otto,too,many,cells,here\r\n"
      ",otto,no id,,x\r\n"
      "5,otto,an odd time,yesterday,x\r\n"
      "6,otto,\"never closed,2026-11-20,x\r\n"
      "7,otto,the last,2026-11-20,x\r\n";
  const Outcome outcome =
      store.import({"--platform", "exampleboard", "--column", "id=post_id", "--column", "text=body", "--column",
                    "author=user", "--column", "created_at=posted", store.file("export.csv", csv)});
  CHECK(outcome.status == 1);
  CHECK(says(outcome.out, "4 posts, 4 new, 1 hits, 3 lines were no posts"));
  CHECK(says(outcome.err, "export.csv:5: it has 6 cells, there are 5 columns"));
  CHECK(says(outcome.err, "export.csv:6: its id is empty"));
  CHECK(says(outcome.err, "export.csv:8: a quote is never closed"));
  CHECK(says(outcome.err, "1 of 5 columns are not used"));
  CHECK(says(outcome.err, "1 posts have a time in no known form"));
  CHECK_FALSE(says(outcome.err, "hwdemo"));
  const auto hits = store.hits();
  REQUIRE(hits.size() == 1);
  CHECK(hits[0]["platform"] == "exampleboard");
}

TEST_CASE("CSV: a mapping file, semicolons, windows-1252 and UTF-16") {
  Store store;
  const std::string mapping = store.file("map.yaml", "columns: {id: nr, text: wörter}\n");
  const std::string latin =
      "nr;w\xF6rter\n1;sch\xF6ne Gr\xFC\xDF"
      "e\n2;" +
      kAdvert + "\n";
  CHECK(store.import({"--mapping", mapping, store.file("latin.csv", latin)}).out == "2 posts, 2 new, 1 hits\n");
  std::string wide = "\xFF\xFE";
  for (const char c : "id\ttext\n9\twords\n" + std::string()) wide += {c, '\0'};
  CHECK(store.import({store.file("wide.tsv", wide)}).out == "1 posts, 1 new, 0 hits\n");
  const Outcome unnamed = store.import({store.file("unnamed.csv", "1,hwdemo_secret\n")});
  CHECK(unnamed.status == 1);
  CHECK(says(unnamed.err, "say which one it is with --column id=NAME"));
  CHECK_FALSE(says(unnamed.err, "hwdemo"));
  const Outcome wrong = store.import({"--column", "txet=body", mapping});
  CHECK(wrong.status == 2);
  CHECK(says(wrong.err, "did you mean \"text\"?"));
  const Outcome wrong_file = store.import({"--mapping", store.file("bad.yaml", "columns: {txet: a}\n"), mapping});
  CHECK(wrong_file.status == 2);
  CHECK(says(wrong_file.err, "bad.yaml:1:"));
}

TEST_CASE("an archive: text goes through its adapter, everything else is passed over and counted") {
  Store store;
  const std::string feed =
      "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><item><guid>1</guid><title>t</title>"
      "<description>" +
      kAdvert + "</description></item></channel></rss>";
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: ";
  const std::string http = "application/http; msgtype=response";
  const std::string archive = record("warcinfo", "software: x", "application/warc-fields") +
                              record("response", head + "application/rss+xml\r\n\r\n" + feed, http) +
                              record("response", head + "image/png\r\n\r\n\x89PNG\r\n", http) +
                              record("response", head + "text/html\r\n\r\n\x89PNG\r\n\x1A\n", http) +
                              record("response", head + "text/html\r\n\r\n<p>of no engine</p>", http) +
                              record("response", "HTTP/1.1 404 Gone\r\n\r\n", http) + "junk\r\n" +
                              record("conversion", "A whole page. " + kAdvert, "text/plain");
  const Outcome outcome = store.import({store.file("a.warc.gz", hw::test::packed(archive))});
  CHECK(outcome.status == 1);
  CHECK(says(outcome.out, "2 posts, 2 new, 2 hits\n"));
  CHECK(says(outcome.out,
             "5 captures left out: 1 damaged, 1 known to no adapter, 1 not answered with a page, 2 not text"));
  CHECK(says(outcome.err, "a.warc.gz: a damaged record at byte 0"));
  for (const json& hit : store.hits()) CHECK(hit["platform"] == "b.example");
}

TEST_CASE("a file that cannot be read does not keep the others from it") {
  Store store;
  const Outcome outcome = store.import({(store.folder / "missing").string(), store.file("a.jsonl", post(1, kAdvert))});
  CHECK(outcome.status == 1);
  CHECK(says(outcome.err, "cannot read"));
  CHECK(outcome.out == "1 posts, 1 new, 1 hits\n");
}

TEST_CASE("the recorded boards as archives: every post, and the 23 adverts") {
  const auto boards = hw::test::recorded("fixtures/boards");
  if (!boards) return;
  // By one engine each: the boards' feeds lie in the recordings too and give the posts other ids. What a recording
  // shows in several forms (a page and an API's answer) is judged in each of them and is one hit.
  struct Board {
    const char* file;
    const char* kind;
    int posts;  // 0: not one form of each
  };
  for (const Board& board : {Board{"phpbb.warc.gz", "phpbb", 404}, Board{"mybb.warc.gz", "mybb", 403},
                             Board{"nodebb.warc.gz", "nodebb", 0}, Board{"atproto.warc.gz", "bluesky", 0}}) {
    CAPTURE(std::string(board.file));
    Store store;
    const Outcome outcome = store.import({"--kind", board.kind, (*boards / board.file).string()});
    CHECK_MESSAGE(outcome.status == 0, outcome.err);
    CHECK_MESSAGE(says(outcome.out, " new, 23 hits"), outcome.out);
    if (board.posts != 0) CHECK_MESSAGE(says(outcome.out, std::to_string(board.posts) + " new"), outcome.out);
    CHECK(store.hits().size() == 23);
  }
}
