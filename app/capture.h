// The capture record of a hit: how its page was asked for, what answered, and what was made of it. Sealed with the hit,
// so that a reader can later show what was seen, when, and by which version under which rules.
#pragma once

#include <string>

#include "common/document.h"
#include "config/settings.h"
#include "db/store.h"

namespace hw::app {

// What every capture of a run shares.
struct CaptureContext {
  std::string configuration_sha256;  // of the whole file, as the audit log's entry "configuration" has it
  bool full_capture = false;
};
CaptureContext capture_context(const config::Settings& settings, db::Store& store);

// Fills judged.capture, and judged.page where the whole page is kept. `document` is null for what was imported: then
// there was no exchange to speak of. Only hits are worth it.
void add_capture(db::Judged& judged, const Document* document, const CaptureContext& context);

}  // namespace hw::app
