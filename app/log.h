// Lines for the journal: time, level, what. Only the daemon logs; commands print. Handles and addresses of posts never
// appear: nothing that reaches here holds one. Any thread may log.
#pragma once

#include <string_view>

#include "common/error.h"

namespace hw::app {

// Level: "debug", "info", "warning", "error". Format: "text", "json" (one object a line: time, level, message), or
// "auto": text, and under systemd lines for the journal, with its priority in front and without the time, which it
// adds. Writes to standard error.
Status start_log(std::string_view level, std::string_view format = "auto");
void log_debug(std::string_view what);
void log_info(std::string_view what);
void log_warning(std::string_view what);
void log_error(std::string_view what);

}  // namespace hw::app
