// What a person sees of a crawl while it runs: one line that changes on a terminal, plain lines elsewhere, and a
// summary.
#pragma once

#include <iosfwd>
#include <map>
#include <string>

#include "app/session.h"
#include "app/terminal.h"
#include "crawler/crawler.h"

namespace hw::app {

class Progress {
 public:
  explicit Progress(Session& session);
  void on(const crawler::Event& event);
  void end();

 private:
  Session& session_;
  StatusLine line_;
  std::size_t fetched_ = 0;
  std::size_t unchanged_ = 0;
  std::size_t troubles_ = 0;
};

// "62 requests (1.2 MB), 61 pages, 404 posts, 404 new, 23 hits": zero counts of trouble are left out.
std::string summary(const crawler::RunReport& report);

}  // namespace hw::app
