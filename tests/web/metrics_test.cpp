#include "web/metrics.h"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using namespace hw::web;

TEST_CASE("metrics are written in Prometheus' text format") {
  const std::vector<Metric> metrics{
      {"hw_pages_total", "Pages read.", MetricKind::counter, {{{{"source", "garden"}}, 12}, {{{"source", "b"}}, 0}}},
      {"hw_up", "Is it?", MetricKind::gauge, {{{}, 1}}},
      {"hw_nothing", "No sample.", MetricKind::gauge, {}}};
  CHECK(exposition(metrics) ==
        "# HELP hw_pages_total Pages read.\n# TYPE hw_pages_total counter\n"
        "hw_pages_total{source=\"garden\"} 12\nhw_pages_total{source=\"b\"} 0\n"
        "# HELP hw_up Is it?\n# TYPE hw_up gauge\nhw_up 1\n");
}

// "label_value can be any sequence of UTF-8 characters, but the backslash, double-quote and line feed characters have
// to be escaped as \\, \", and \n, respectively." Help escapes the backslash and the line feed.
TEST_CASE("label values and help cannot break their line") {
  const std::vector<Metric> metrics{
      {"m", "a\\b\n\"c\"", MetricKind::gauge, {{{{"x", "a\\b\n\"c\"}\n# HELP"}, {"y", "ü"}}, 1}}}};
  CHECK(exposition(metrics) ==
        "# HELP m a\\\\b\\n\"c\"\n# TYPE m gauge\nm{x=\"a\\\\b\\n\\\"c\\\"}\\n# HELP\",y=\"ü\"} 1\n");
}

TEST_CASE("numbers: whole ones stay whole, the rest as Go reads them") {
  const auto written = [](double value) {
    const std::vector<Metric> metrics{{"m", "h", MetricKind::gauge, {{{}, value}}}};
    const std::string text = exposition(metrics);
    return text.substr(text.rfind(' ') + 1);
  };
  CHECK(written(1764000000) == "1764000000\n");
  CHECK(written(1e15) == "1000000000000000\n");
  CHECK(written(0.25) == "0.25\n");
  CHECK(written(-3) == "-3\n");
  CHECK(written(std::numeric_limits<double>::infinity()) == "+Inf\n");
  CHECK(written(-std::numeric_limits<double>::infinity()) == "-Inf\n");
  CHECK(written(std::nan("")) == "NaN\n");
}
