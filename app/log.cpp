#include "app/log.h"

#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "common/text.h"

namespace hw::app {
namespace {

std::string one_line(std::string_view what) { return escape_for_terminal(what); }

// The message as a JSON string, quotes included.
class JsonText final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& into) override {
    const nlohmann::json text = std::string_view(message.payload.data(), message.payload.size());
    const std::string quoted = text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    into.append(quoted.data(), quoted.data() + quoted.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<JsonText>(); }
};

// systemd reads "<4>" in front of a line as its priority (sd-daemon(3)).
class Priority final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& into) override {
    const std::string_view level = message.level >= spdlog::level::err     ? "<3>"
                                   : message.level == spdlog::level::warn  ? "<4>"
                                   : message.level == spdlog::level::debug ? "<7>"
                                                                           : "<6>";
    into.append(level.data(), level.data() + level.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<Priority>(); }
};

std::unique_ptr<spdlog::formatter> formatter_for(std::string_view format) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<JsonText>('J').add_flag<Priority>('P');
  if (format == "json")
    formatter->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%J})");
  else if (format == "auto" && std::getenv("JOURNAL_STREAM") != nullptr)
    formatter->set_pattern("%P%v");
  else
    formatter->set_pattern("%Y-%m-%dT%H:%M:%SZ %l: %v");
  return formatter;
}

}  // namespace

Status start_log(std::string_view level, std::string_view format) {
  const auto parsed = spdlog::level::from_str(std::string(level));
  if (parsed == spdlog::level::off && level != "off")
    return fail(ErrorCode::usage, fmt::format("no log level \"{}\": debug, info, warning or error", level));
  if (format != "auto" && format != "text" && format != "json")
    return fail(ErrorCode::usage, fmt::format("no log format \"{}\": auto, text or json", format));
  auto logger = std::make_shared<spdlog::logger>("handlewatch", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_level(parsed);
  logger->set_formatter(formatter_for(format));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

void log_debug(std::string_view what) { spdlog::debug("{}", one_line(what)); }
void log_info(std::string_view what) { spdlog::info("{}", one_line(what)); }
void log_warning(std::string_view what) { spdlog::warn("{}", one_line(what)); }
void log_error(std::string_view what) { spdlog::error("{}", one_line(what)); }

}  // namespace hw::app
