#include "app/evidence_file.h"

#include <charconv>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/byte_stream.h"
#include "common/digest.h"
#include "common/text.h"
#include "common/unpack.h"

namespace hw::app {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestLine = 64U << 10;
constexpr std::size_t kLargestBody = 64U << 20;

struct Record {
  std::map<std::string, std::string> fields;  // by their names in lower case
  std::string body;
  std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  }
};

// Records one after the other; what breaks them ends it.
class Records {
 public:
  explicit Records(ByteStream& stream) : stream_(stream) {}

  // Nothing at the end, or where trouble() says why.
  std::optional<Record> next() {
    std::optional<std::string> line = read_line();
    while (line && line->empty()) line = read_line();
    if (!line) return std::nullopt;
    if (*line != "WARC/1.1") return broken("there is no WARC/1.1 record");
    Record record;
    for (line = read_line(); line && !line->empty(); line = read_line()) {
      const auto colon = line->find(':');
      if (colon == std::string::npos) return broken("a header line has no colon");
      record.fields[to_lower(line->substr(0, colon))] = trim(std::string_view(*line).substr(colon + 1));
    }
    const std::string length = record.field("content-length");
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), size);
    if (!line || length.empty() || error != std::errc{} || end != length.data() + length.size() || size > kLargestBody)
      return broken("a record does not say its length");
    if (!read(record.body, size)) return broken("a record is cut short");
    return record;
  }

  std::string trouble() const { return trouble_.empty() ? stream_.trouble() : trouble_; }

 private:
  std::nullopt_t broken(const char* why) {
    trouble_ = why;
    return std::nullopt;
  }

  // Without its line end. Nothing at the end of the stream, or where a line has none for too long.
  std::optional<std::string> read_line() {
    std::string line;
    for (std::string_view piece = stream_.peek(); !piece.empty(); piece = stream_.peek()) {
      const auto end = piece.find('\n');
      line += piece.substr(0, end);
      if (line.size() > kLongestLine) return broken("a header line is too long");
      stream_.skip(end == std::string_view::npos ? piece.size() : end + 1);
      if (end == std::string_view::npos) continue;
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    return std::nullopt;
  }

  bool read(std::string& into, std::size_t size) {
    while (into.size() < size) {
      const std::string_view piece = stream_.peek().substr(0, size - into.size());
      if (piece.empty()) return false;
      into += piece;
      stream_.skip(piece.size());
    }
    return true;
  }

  ByteStream& stream_;
  std::string trouble_;
};

std::string word_of(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

json member(const json& object, const char* key) {
  return object.is_object() && object.contains(key) ? object.at(key) : json();
}

class Checker {
 public:
  void take(const Record& record) {
    ++file_.records;
    const std::string id = record.field("warc-record-id");
    const std::string digest = sha256_hex(record.body);
    if (record.field("warc-block-digest") != "sha256:" + digest) say("is not what was written");
    if (id.empty() || !digests_.emplace(id, digest).second) say("has no id of its own");
    if (record.field("warc-type") != "metadata") return;
    const json about = json::parse(record.body, nullptr, false);
    if (about.is_discarded()) return say("is metadata that cannot be read");
    if (about.contains("checkpoint"))
      manifest_ = about;
    else
      check_capture(about, record.field("warc-refers-to"));
  }

  EvidenceFile finish(const std::string& trouble) {
    if (!trouble.empty()) file_.problems.push_back(fmt::format("after record {}: {}", file_.records, trouble));
    if (manifest_.is_null()) file_.problems.emplace_back("there is no manifest: the file is cut short, or not of ours");
    std::set<std::string> named;
    for (const json& hit : member(manifest_, "hits")) {
      ++file_.hits;
      for (const json& id : member(hit, "records"))
        if (id.is_string()) named.insert(id.get<std::string>());
    }
    for (const std::string& id : named)
      if (!digests_.contains(id)) file_.problems.emplace_back("a record that the manifest names is missing");
    // Beside them there are the head and the manifest itself.
    if (!manifest_.is_null() && digests_.size() != named.size() + 2)
      file_.problems.emplace_back("there are records that the manifest does not name");
    return std::move(file_);
  }

 private:
  void say(std::string_view what) { file_.problems.push_back(fmt::format("record {} {}", file_.records, what)); }

  // A version of a hit: its text, and the post as it was served, which is the record that it refers to.
  void check_capture(const json& about, const std::string& refers) {
    const json capture = member(about, "capture");
    if (word_of(capture, "text_sha256") != sha256_hex(word_of(member(about, "post"), "text")))
      say("holds another text than was captured");
    const auto served = digests_.find(refers);
    if (served == digests_.end()) return say("refers to no record before it");
    if (const std::string kept = word_of(capture, "as_served_sha256"); kept != sha256_hex("") && kept != served->second)
      say("refers to a post that is not as it was served");
  }

  EvidenceFile file_;
  std::map<std::string, std::string> digests_;  // of bodies, by record
  json manifest_;
};

Result<std::string> digest_of(const std::string& path) {
  const auto stream = open_bytes(path);
  if (!stream) return tl::unexpected(stream.error());
  Sha256 hash;
  for (std::string_view piece = (*stream)->peek(); !piece.empty(); piece = (*stream)->peek()) {
    hash.add(piece);
    (*stream)->skip(piece.size());
  }
  return to_hex(hash.finish());
}

}  // namespace

Result<EvidenceFile> check_evidence_file(const std::string& path) {
  auto digest = digest_of(path);
  if (!digest) return tl::unexpected(digest.error());
  auto packed = open_bytes(path);
  if (!packed) return tl::unexpected(packed.error());
  const auto stream = unpacked(std::move(*packed));
  Records records(*stream);
  Checker checker;
  while (const auto record = records.next()) checker.take(*record);
  EvidenceFile file = checker.finish(records.trouble());
  file.sha256 = std::move(*digest);
  return file;
}

}  // namespace hw::app
