// Lines for the journal: time, level, what. Only the daemon logs; commands print. Handles and addresses of posts never
// appear: nothing that reaches here holds one.
#pragma once

#include <string_view>

#include "common/error.h"

namespace hw::app {

// "debug", "info", "warning", "error". Writes to standard error; under systemd without the time, which the journal
// adds.
Status start_log(std::string_view level);
void log_debug(std::string_view what);
void log_info(std::string_view what);
void log_warning(std::string_view what);
void log_error(std::string_view what);

}  // namespace hw::app
