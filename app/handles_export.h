// `handles export`: the list that investigators receive.
#pragma once

#include <functional>
#include <string>

#include "app/reading.h"
#include "app/session.h"

namespace hw::app {

struct HandlesExport {
  Grounds grounds;
  std::string format = "csv";  // jsonl, stix, misp, html
  std::string output = "-";
};

struct HandlesExported {
  std::int64_t id = 0;
  std::size_t handles = 0;
  std::size_t left_behind = 0;  // confirmed, but deleted at the source since
};

// Writes every exportable handle; the audit log knows before the first one leaves.
Result<HandlesExported> export_handles(Session& session, db::Store& store, const db::Person& by,
                                       const db::Opener& opener, const HandlesExport& order);

void add_handles_export(CLI::App& handles, Session& session);

}  // namespace hw::app
