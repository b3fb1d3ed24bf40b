// Measurements as Prometheus reads them: its text format, version 0.0.4. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hw::web {

inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

enum class MetricKind { counter, gauge };

struct Sample {
  std::vector<std::pair<std::string, std::string>> labels;  // names are ours; values may be any text
  double value = 0;
};

struct Metric {
  std::string name;  // [a-zA-Z_:][a-zA-Z0-9_:]*; of a counter, ending in _total
  std::string help;
  MetricKind kind = MetricKind::gauge;
  std::vector<Sample> samples;  // none: the metric is left out
};

// Label values and help are escaped, whole numbers written as such.
std::string exposition(std::span<const Metric> metrics);

}  // namespace hw::web
