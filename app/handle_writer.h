// The forms in which `handles export` writes: one writer each, which sees one handle at a time, so that a list of any
// length needs the memory of one handle. Every form says that the poster may not be the owner and for which days it
// holds, and carries the export's number, the case, the marking and the audit checkpoint.
#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.h"
#include "db/exports.h"

namespace hw::app {

struct ExportContext {
  db::Export made;
  std::string case_name;
  Time now{};
  std::string organisation;  // who exports; empty: not said
};

class HandleWriter {
 public:
  virtual ~HandleWriter() = default;
  virtual void begin() {}
  virtual Status add(const db::ExportedHandle& handle) = 0;
  virtual Status finish() { return {}; }
  // Whether add() wants the posts as well (ExportedHandle::adverts).
  virtual bool wants_adverts() const { return false; }
};

// "csv", "jsonl", "stix", "graphml" and "html" write to `out`, which is borrowed. Whether bytes arrive, the stream
// knows.
std::unique_ptr<HandleWriter> make_csv_writer(const ExportContext& context, std::ostream& out);
std::unique_ptr<HandleWriter> make_jsonl_writer(const ExportContext& context, std::ostream& out);
std::unique_ptr<HandleWriter> make_stix_writer(const ExportContext& context, std::ostream& out);
std::unique_ptr<HandleWriter> make_graphml_writer(const ExportContext& context, std::ostream& out);
std::unique_ptr<HandleWriter> make_html_writer(const ExportContext& context, std::ostream& out);

// "confirmed by 2"
std::string review_words(const db::HandleRow& row);

}  // namespace hw::app
