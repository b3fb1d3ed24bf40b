// Exports: what leaves the store. Nothing leaves unreviewed or unrecorded (DESIGN rule 5).
//
// An export of handles carries those alone that enough reviewers confirmed one by one and nobody disputes, in a post at
// least that was not seen deleted at its source since: what was taken back is looked at again before it leaves.
// begin_export() writes who, for which case and why to the audit log before anything can be read; finish_export() adds
// how much it was and the digest of the file. An export that was begun and never finished stands in the log as such.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "db/audit.h"
#include "db/handles.h"
#include "db/store.h"

namespace hw::db {

// `what` of a referral's: it stands in the audit log and in no list, since nothing held does.
inline constexpr std::string_view kReferralExport = "referral";

struct ExportOrder {
  std::string what;  // "handles", "hits", "bans"
  std::string case_name;
  std::string purpose;
  std::string format;
};

struct Export {
  std::int64_t id = 0;
  Checkpoint checkpoint;  // with this export's own beginning; goes into the file
};

struct ExportedHandle {
  HandleRow row;
  OpenedHandle name;
  std::vector<Judged> adverts{};  // where they were asked for: posts in which somebody confirmed it, newest first
  std::vector<std::int64_t> accounts{};  // the account row of each, 0 where there is none
};

enum class WithAdverts { no, yes };
inline constexpr std::size_t kMostExportedAdverts = 20;  // of one handle

// case and purpose must not be empty (usage); `by` is an exporter (refused), or of safeguarding for a referral.
Result<Export> begin_export(Store& store, const Person& by, const ExportOrder& order);
// Every exportable handle, oldest first, one at a time in bounded memory; remembers each as part of the export, so that
// an overturned verdict finds it. Stops at the first failure of `take` and returns it. Gives how many there were.
Result<std::size_t> export_handles(Store& store, const Opener& opener, const Export& made,
                                   const std::function<Status(const ExportedHandle&)>& take,
                                   WithAdverts with = WithAdverts::no);
Status finish_export(Store& store, const Person& by, const Export& made, std::size_t count, std::string_view sha256);

// Whether an export of handles would carry it.
Result<bool> is_exportable(Store& store, std::int64_t handle);
// Confirmed handles that stay behind, since every post in which they were confirmed was seen deleted since.
Result<std::size_t> count_left_behind(Store& store);
// The same remembering for what carries handles in another form: evidence of the posts that advertise them.
Status note_exported(Store& store, const Export& made, const std::vector<std::int64_t>& handles);

struct ExportRow {
  std::int64_t id = 0;
  std::string what;
  std::string day;
  std::int64_t count = -1;  // -1: never finished
  std::string sha256;
};
Result<std::vector<ExportRow>> list_exports(Store& store);

// An export that carried handles which may no longer be exported.
struct Recall {
  ExportRow made;
  std::vector<std::int64_t> handles;
};
// Those with handles that are still in the review tables; what was held since told its exports when it was held.
Result<std::vector<Recall>> list_recalls(Store& store);

}  // namespace hw::db
