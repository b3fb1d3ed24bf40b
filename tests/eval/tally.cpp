#include "tests/eval/tally.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

namespace hw::eval {
namespace {

using nlohmann::json;
using Handles = std::multiset<std::pair<std::string, std::string>>;

Handles expected_handles(const json& list) {
  Handles out;
  for (const json& handle : list) out.emplace(handle.at("messenger"), handle.at("handle"));
  return out;
}

Handles handles_of(const Verdict& verdict) {
  Handles out;
  for (const HandleFound& handle : verdict.handles) out.emplace(handle.messenger, handle.handle);
  return out;
}

void tally_band(const json& expect, const Verdict& verdict, Tally& out, bool& right) {
  const auto band = [&](const char* key) { return *parse_band(expect.at(key).get<std::string>()); };
  Band least = Band::none, most = Band::high;
  if (expect.contains("at_least")) least = band("at_least");
  if (expect.contains("at_most")) most = band("at_most");
  if (expect.contains("band")) least = most = band("band");
  right = right && verdict.band >= least && verdict.band <= most;
  if (least > Band::none) out.found.count(verdict.band >= least);
  if (verdict.band >= Band::medium) out.raised.count(most >= Band::medium);
}

void tally_handles(const json& expect, const Verdict& verdict, Tally& out, bool& right) {
  if (!expect.contains("handles")) return;
  const Handles wanted = expected_handles(expect.at("handles")), read = handles_of(verdict);
  Handles both;
  std::set_intersection(wanted.begin(), wanted.end(), read.begin(), read.end(), std::inserter(both, both.end()));
  out.handles_read += {both.size(), read.size()};
  out.handles_held += {both.size(), wanted.size()};
  right = right && wanted == read;
}

void tally_flags(const json& expect, const Verdict& verdict, Tally& out, bool& right) {
  const auto has = [&](const json& name) { return verdict.has(*parse_flag(name.get<std::string>())); };
  for (const json& name : expect.value("flags", json::array())) out.flags_raised.count(has(name));
  for (const json& name : expect.value("not_flags", json::array())) out.flags_spared.count(!has(name));
  right = right && out.flags_raised.good == out.flags_raised.of && out.flags_spared.good == out.flags_spared.of;
}

}  // namespace

Interval wilson(const Share& share) {
  if (share.of == 0) return {};
  constexpr double z = 1.96;
  const auto n = static_cast<double>(share.of);
  const double p = share.value();
  const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

Tally& Tally::operator+=(const Tally& other) {
  for (const auto member : {&Tally::cases, &Tally::found, &Tally::raised, &Tally::handles_read, &Tally::handles_held,
                            &Tally::flags_raised, &Tally::flags_spared})
    this->*member += other.*member;
  return *this;
}

double Tally::handles_f1() const {
  const double precision = handles_read.value(), recall = handles_held.value();
  return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
}

Tally tally(const json& expect, const Verdict& verdict) {
  Tally out;
  bool right = true;
  tally_band(expect, verdict, out, right);
  tally_handles(expect, verdict, out, right);
  tally_flags(expect, verdict, out, right);
  out.cases.count(right);
  return out;
}

}  // namespace hw::eval
