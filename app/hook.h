// Starting an operator's own program to tell them something: no shell, an empty environment but PATH, a time limit.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/time.h"

namespace hw::app {

// Runs `command` (a full path, then arguments) and waits for it. After `within`, or when a stop is asked for, it and
// what it started are killed. An Error says why it did not end with status 0; it never holds the arguments.
Status run_hook(const std::vector<std::string>& command, Duration within, const std::stop_token& stop);

}  // namespace hw::app
