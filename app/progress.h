// What a person sees of a crawl while it runs: on a terminal one line that changes; elsewhere a plain line now and
// then; and a summary. What is refused, fails or ends is a line of its own in both.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "app/session.h"
#include "app/terminal.h"
#include "crawler/crawler.h"

namespace hw::app {

// Pages per second over the last few seconds. Pure, on the caller's clock.
class Rate {
 public:
  void add(std::chrono::steady_clock::time_point now, std::size_t pages);
  double per_second(std::chrono::steady_clock::time_point now) const;

 private:
  struct Moment {
    std::chrono::steady_clock::time_point at;
    std::size_t pages;  // up to then
  };
  std::deque<Moment> moments_;
};

// "3 hosts · 12.4 pages/s · 61 pages · 404 posts · 3 hits": as much of it as a line holds, what matters most first.
std::string progress_line(std::size_t hosts, double pages_per_second, const crawler::RunReport& so_far);

class Progress {
 public:
  explicit Progress(Session& session);
  void on(const crawler::Event& event);
  void end();

  std::size_t sources_in_trouble() const { return troubled_; }

 private:
  void say(const crawler::Event& event, Style style);
  bool told_already(const crawler::Event& event) const;
  void show(const crawler::RunReport& so_far);

  Session& session_;
  StatusLine line_;
  bool terminal_;
  Rate rate_;
  std::map<std::string, std::set<std::string>> working_;  // hosts, and their sources that are not over
  std::map<std::string, std::string> said_;               // the last of each source
  std::string waiting_;                                   // for whom and why, while nothing else goes on
  std::size_t troubled_ = 0;
  std::chrono::steady_clock::time_point shown_{};
};

// "62 requests (1.2 MB), 61 pages, 404 posts, 404 new, 23 hits": zero counts of trouble are left out.
std::string summary(const crawler::RunReport& report);

}  // namespace hw::app
