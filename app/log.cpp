#include "app/log.h"

#include <cstdlib>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "common/text.h"

namespace hw::app {
namespace {

std::string one_line(std::string_view what) { return escape_for_terminal(what); }

}  // namespace

Status start_log(std::string_view level) {
  const auto parsed = spdlog::level::from_str(std::string(level));
  if (parsed == spdlog::level::off && level != "off")
    return fail(ErrorCode::usage, fmt::format("no log level \"{}\": debug, info, warning or error", level));
  auto logger = std::make_shared<spdlog::logger>("handlewatch", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_level(parsed);
  logger->set_pattern(std::getenv("JOURNAL_STREAM") != nullptr ? "%l: %v" : "%Y-%m-%dT%H:%M:%SZ %l: %v",
                      spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

void log_debug(std::string_view what) { spdlog::debug("{}", one_line(what)); }
void log_info(std::string_view what) { spdlog::info("{}", one_line(what)); }
void log_warning(std::string_view what) { spdlog::warn("{}", one_line(what)); }
void log_error(std::string_view what) { spdlog::error("{}", one_line(what)); }

}  // namespace hw::app
