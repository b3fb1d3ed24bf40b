#include "crawler/revisit.h"

#include <algorithm>

namespace hw::crawler {
namespace {

constexpr int kAgeShare = 16;  // a discussion that slept for 16 days is looked at every day

}  // namespace

Duration pause_after(Found found, Duration pause, Duration every, std::optional<Time> newest, Time now) {
  Duration next = found == Found::the_same ? std::max(pause * 2, every) : pause / 2;
  if (found == Found::changed && newest) next = std::max(next, (now - *newest) / kAgeShare);
  if (next < every) next = Duration{0};
  return std::min(next, kLongestPause);
}

Time rest_until(Duration pause, Duration every, Time now) {
  return pause == Duration{0} ? now : now + pause - every / 2;
}

}  // namespace hw::crawler
