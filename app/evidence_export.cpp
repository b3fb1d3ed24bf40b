#include "app/evidence_export.h"

#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/caution.h"
#include "app/export_stream.h"
#include "app/version.h"
#include "app/warc_writer.h"
#include "common/digest.h"
#include "common/json.h"
#include "common/url.h"
#include "db/hits.h"
#include "db/reviews.h"
#include "db/sightings.h"

namespace hw::app {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kRowsAtATime = 200;

std::string dump(const ordered_json& value) {
  return value.dump(1, ' ', false, ordered_json::error_handler_t::replace);
}

// An address as a WARC names it; one that is none becomes a name of our own.
std::string target_of(const Post& post, std::int64_t hit) {
  const auto url = parse_url(post.url);
  return url ? url->text() : fmt::format("urn:handlewatch:hit:{}", hit);
}

ordered_json parsed(const std::string& text) {
  auto value = ordered_json::parse(text, nullptr, false);
  return value.is_discarded() ? ordered_json() : value;
}

enum class Leaves { yes, unconfirmed, deleted };

class Writer {
 public:
  Writer(Session& session, db::Store& store, const db::Opener& opener, const EvidenceExport& order,
         const db::Export& made, std::ostream& out)
      : session_(session), store_(store), opener_(opener), order_(order), made_(made), warc_(out) {}

  Result<EvidenceExported> run() {
    done_.id = made_.id;
    write_head();
    if (auto written = order_.hits.empty() ? write_all() : write_named(); !written)
      return tl::unexpected(written.error());
    write_manifest();
    done_.records = warc_.records();
    return done_;
  }

 private:
  void write_head() {
    warc_.write(
        {"warcinfo",
         "",
         session_.clock->now(),
         "application/warc-fields",
         {},
         fmt::format("software: handlewatch {}\r\nformat: WARC file version 1.1\r\ndescription: evidence, export "
                     "{}, case {}. {}\r\n",
                     kVersion, made_.id, order_.grounds.case_name, kCaution)});
  }

  Status write_named() {
    for (const std::int64_t hit : order_.hits) {
      const auto row = db::find_hit(store_, hit);
      if (!row) return tl::unexpected(row.error());
      const auto leaves = may_leave(*row);
      if (!leaves) return tl::unexpected(leaves.error());
      if (*leaves == Leaves::unconfirmed)
        return fail(ErrorCode::refused,
                    fmt::format("hit {} advertises a handle that is not confirmed; review it first", hit));
      if (*leaves == Leaves::deleted)
        return fail(ErrorCode::refused,
                    fmt::format("hit {} was deleted at its source since it was reviewed; review it again first", hit));
      if (auto written = write_hit(*row); !written) return written;
    }
    return {};
  }

  Status write_all() {
    db::HitFilter filter;
    filter.state = db::HitState::confirmed;
    filter.limit = kRowsAtATime;
    for (;;) {
      const auto rows = db::list_hits(store_, filter);
      if (!rows) return tl::unexpected(rows.error());
      for (const db::HitRow& row : *rows) {
        const auto leaves = may_leave(row);
        if (!leaves) return tl::unexpected(leaves.error());
        done_.unconfirmed += *leaves == Leaves::unconfirmed ? 1U : 0U;
        done_.deleted += *leaves == Leaves::deleted ? 1U : 0U;
        if (*leaves != Leaves::yes) continue;
        if (auto written = write_hit(row); !written) return written;
      }
      if (rows->size() < kRowsAtATime) return {};
      filter.before = rows->back().hit;
    }
  }

  // A post that advertises several handles leaves only when each of them may.
  Result<Leaves> may_leave(const db::HitRow& row) {
    if (row.state != db::HitState::confirmed || row.handles.empty()) return Leaves::unconfirmed;
    const auto deleted = db::deleted_since_review(store_, row.hit);
    if (!deleted) return tl::unexpected(deleted.error());
    if (*deleted) return Leaves::deleted;
    for (const std::int64_t handle : row.handles) {
      const auto exportable = db::is_exportable(store_, handle);
      if (!exportable) return tl::unexpected(exportable.error());
      if (!*exportable) return Leaves::unconfirmed;
    }
    return Leaves::yes;
  }

  Status write_hit(const db::HitRow& row) {
    if (auto noted = db::note_exported(store_, made_, row.handles); !noted) return noted;
    auto versions = db::open_earlier(store_, opener_, row.hit);
    if (!versions) return tl::unexpected(versions.error());
    auto latest = db::open_hit(store_, opener_, row.hit);
    if (!latest) return tl::unexpected(latest.error());
    versions->push_back(std::move(*latest));
    const auto sightings = db::sightings_of(store_, row.hit);
    if (!sightings) return tl::unexpected(sightings.error());
    ordered_json later = ordered_json::array();
    for (const db::SightingRow& seen : *sightings)
      later.push_back(ordered_json{{"day", seen.day}, {"seen", to_string(seen.what)}});
    ordered_json entry{
        {"hit", row.hit}, {"handles", row.handles}, {"later", later}, {"records", ordered_json::array()}};
    for (const db::Judged& version : *versions) write_version(row, version, later, entry["records"]);
    manifest_.push_back(std::move(entry));
    ++done_.hits;
    return {};
  }

  void write_version(const db::HitRow& row, const db::Judged& version, const ordered_json& later, ordered_json& ids) {
    const std::string target = target_of(version.post, row.hit);
    const bool served = !version.post.as_served.empty();
    const bool json = !served || version.post.as_served.starts_with('{');
    const std::string post = warc_.write({"resource",
                                          target,
                                          version.seen_at,
                                          json ? "application/json" : "text/html; charset=utf-8",
                                          {},
                                          served ? version.post.as_served : to_json(version.post)});
    ids.push_back(post);
    if (!version.page.empty())
      ids.push_back(warc_.write({"resource",
                                 target,
                                 version.seen_at,
                                 "text/html; charset=utf-8",
                                 {{"WARC-Concurrent-To", post}},
                                 version.page}));
    const ordered_json about{{"hit", row.hit},
                             {"seen_at", to_rfc3339(version.seen_at)},
                             {"capture", parsed(version.capture)},
                             {"post", parsed(to_json(version.post))},
                             {"verdict", parsed(to_json(version.verdict))},
                             {"later", later}};
    ids.push_back(warc_.write(
        {"metadata", target, version.seen_at, "application/json", {{"WARC-Refers-To", post}}, dump(about)}));
  }

  void write_manifest() {
    const ordered_json manifest{{"export", made_.id},
                                {"case", order_.grounds.case_name},
                                {"purpose", order_.grounds.purpose},
                                {"made", to_rfc3339(session_.clock->now())},
                                {"marking", kMarking},
                                {"caution", kCaution},
                                {"checkpoint", made_.checkpoint.text()},
                                {"hits", manifest_}};
    warc_.write(
        {"metadata", "urn:handlewatch:manifest", session_.clock->now(), "application/json", {}, dump(manifest)});
  }

  Session& session_;
  db::Store& store_;
  const db::Opener& opener_;
  const EvidenceExport& order_;
  const db::Export& made_;
  WarcWriter warc_;
  ordered_json manifest_ = ordered_json::array();
  EvidenceExported done_;
};

}  // namespace

Result<EvidenceExported> export_evidence(Session& session, db::Store& store, const db::Person& by,
                                         const db::Opener& opener, const EvidenceExport& order) {
  auto target = ExportStream::open(order.output, *session.out);
  if (!target) return tl::unexpected(target.error());
  const Grounds& grounds = order.grounds;
  const auto made = db::begin_export(store, by, {"evidence", grounds.case_name, grounds.purpose, "warc"});
  if (!made) return tl::unexpected(made.error());
  const auto done = Writer(session, store, opener, order, *made, target->stream()).run();
  if (!done) return done;
  const auto digest = target->finish();
  if (!digest) return tl::unexpected(digest.error());
  if (auto finished = db::finish_export(store, by, *made, done->hits, *digest); !finished)
    return tl::unexpected(finished.error());
  return done;
}

std::vector<std::string> evidence_problems(const db::Judged& judged) {
  const ordered_json capture = parsed(judged.capture);
  std::vector<std::string> problems;
  if (!capture.is_object()) return {"it has no capture record: it was recorded by an earlier version"};
  const auto compare = [&](const char* key, const std::string& kept, std::string_view what) {
    const auto found = capture.find(key);
    const bool same = found != capture.end() && found->is_string() && found->get<std::string>() == sha256_hex(kept);
    if (!same) problems.push_back(fmt::format("{} is not what was captured", what));
  };
  compare("text_sha256", judged.post.text, "the text");
  compare("as_served_sha256", judged.post.as_served, "the post as served");
  if (!judged.page.empty() || capture.contains("page_sha256")) compare("page_sha256", judged.page, "the page");
  return problems;
}

}  // namespace hw::app
