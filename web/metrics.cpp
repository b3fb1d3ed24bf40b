#include "web/metrics.h"

#include <cmath>

#include <fmt/format.h>

namespace hw::web {
namespace {

enum class Place { help, label };

std::string escaped(std::string_view text, Place place) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && place == Place::label)
      out += "\\\"";
    else
      out += c;
  }
  return out;
}

std::string number(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (std::trunc(value) == value && std::abs(value) < kExact) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

std::string labels_of(const Sample& sample) {
  std::string out;
  for (const auto& [name, value] : sample.labels)
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "{" : ",", name, escaped(value, Place::label));
  return out.empty() ? out : out + "}";
}

}  // namespace

std::string exposition(std::span<const Metric> metrics) {
  std::string out;
  for (const Metric& metric : metrics) {
    if (metric.samples.empty()) continue;
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", metric.name, escaped(metric.help, Place::help), metric.name,
                       metric.kind == MetricKind::counter ? "counter" : "gauge");
    for (const Sample& sample : metric.samples)
      out += fmt::format("{}{} {}\n", metric.name, labels_of(sample), number(sample.value));
  }
  return out;
}

}  // namespace hw::web
