// A first look at a stream: a few of its messages, read and not stored.
#pragma once

#include <stop_token>

#include "app/session.h"
#include "common/document.h"

namespace hw::app {

// What comes within ten seconds, at most twenty messages, as a document for the source's adapter. Fails where the
// source may not be read, or cannot be.
Result<Document> sample_stream(const Session& session, const config::Settings& settings,
                               const config::SourceSpec& source, const std::stop_token& stop);

}  // namespace hw::app
