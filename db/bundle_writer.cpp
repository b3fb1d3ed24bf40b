#include <ostream>

#include <nlohmann/json.hpp>

#include "common/text.h"
#include "db/audit_writer.h"
#include "db/bundle.h"
#include "db/bundle_format.h"
#include "db/merkle.h"
#include "db/work.h"

namespace hw::db {
namespace {

using nlohmann::ordered_json;

// Lines go out as they are made; the digest of all of them is signed at the end.
class Lines {
 public:
  explicit Lines(std::ostream& out) : out_(out) {}

  void add(const ordered_json& line) {
    const std::string text = line.dump() + "\n";
    hash_.add(text);
    out_ << text;
  }

  Digest finish() { return hash_.finish(); }

 private:
  std::ostream& out_;
  Sha256 hash_;
};

// Handles and accounts are made again where a hit is taken; they need no line.
void write_records(Work& work, Lines& lines) {
  Query keys(work, "SELECT key_id, box FROM sealed_key WHERE record = ?");
  Query all(work, R"(SELECT record, class, kind, owner, revision, nonce, body FROM sealed
      WHERE kind IN (1, 4, 5, 6) ORDER BY record)");
  while (all.next()) {
    ordered_json line{{"t", "record"},
                      {"class", all.number_at(1)},
                      {"kind", all.number_at(2)},
                      {"owner", all.number_at(3)},
                      {"revision", all.number_at(4)},
                      {"nonce", to_hex(all.blob_at(5))},
                      {"body", to_hex(all.blob_at(6))}};
    keys.number(all.number_at(0));
    while (keys.next()) line["keys"].push_back({to_hex(keys.blob_at(0)), to_hex(keys.blob_at(1))});
    keys.rewind();
    lines.add(line);
  }
}

void write_tokens(Work& work, Lines& lines) {
  Query holds(work, "SELECT token, origin FROM hold_token ORDER BY token, origin");
  while (holds.next())
    lines.add({{"t", "hold"}, {"token", to_hex(holds.blob_at(0))}, {"origin", to_hex(holds.blob_at(1))}});
  Query marks(work, "SELECT token, day FROM do_not_raise ORDER BY token");
  while (marks.next()) lines.add({{"t", "mark"}, {"token", to_hex(marks.blob_at(0))}, {"day", marks.number_at(1)}});
  Query reviews(work, R"(SELECT h.post, n.token, r.reviewer, r.verdict, r.sign, r.day, r.at
      FROM review r JOIN hit h USING (hit) LEFT JOIN handle n ON n.handle = r.handle ORDER BY r.hit, r.handle, r.reviewer)");
  while (reviews.next())
    lines.add({{"t", "review"},
               {"post", to_hex(reviews.blob_at(0))},
               {"handle", to_hex(reviews.blob_at(1))},
               {"by", reviews.text_at(2)},
               {"verdict", reviews.text_at(3)},
               {"sign", reviews.text_at(4)},
               {"day", reviews.number_at(5)},
               {"at", reviews.number_at(6)}});
  Query erased(work, "SELECT token, day FROM erased ORDER BY token");
  while (erased.next())
    lines.add({{"t", "erased"}, {"token", to_hex(erased.blob_at(0))}, {"day", erased.number_at(1)}});
}

}  // namespace

std::string signed_bundle(std::string_view digest) { return std::string(kBundleMagic) + "\n" + to_hex(digest); }

Status export_sealed(Store& store, std::ostream& out) {
  Lines lines(out);
  Digest digest;
  {
    Work work(store.core(), Work::Access::read);
    lines.add({{"handlewatch", kBundleMagic},
               {"store", to_hex(work.core().store_id)},
               {"host", to_hex(store.host().face().sign_key)}});
    write_tokens(work, lines);
    write_records(work, lines);
    if (auto done = work.finish(); !done) return done;
    digest = lines.finish();
  }
  out << ordered_json{{"signature", to_hex(store.host().sign(signed_bundle(digest)))}}.dump() << '\n';
  out.flush();
  if (!out) return fail(ErrorCode::io, "cannot write the bundle; make room and export it anew");
  Work work(store.core(), Work::Access::write);
  append_audit(work, AuditRecord("export-sealed").text("sha256", to_hex(digest)));
  return work.finish();
}

}  // namespace hw::db
