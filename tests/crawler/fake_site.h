// A world of sites on a clock that only it moves: what is asked is answered from a table after a given time, and every
// request is written down. Waiting moves the clock, so a month of crawling takes no time.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "crawler/crawler.h"
#include "tests/support/support.h"

namespace hw::test {

struct Answer {
  int status = 200;
  std::string body;
  std::vector<Header> headers{{"Content-Type", "text/html"}};
  Duration takes{std::chrono::milliseconds(50)};
  std::optional<Error> error;  // instead of an answer
};

struct Access {
  std::string url;
  std::string host;
  Time started;
  Time finished;
  std::optional<std::string> etag;
  crawler::FetchRequest sent = {};
};

class FakeSite final : public crawler::Fetcher {
 public:
  explicit FakeSite(FakeClock& clock) : clock_(clock) {}

  // Asked for each request; what it does not know is answered 404.
  std::function<std::optional<Answer>(const std::string& url)> serve;
  std::map<std::string, Answer> pages;
  std::vector<Access> log;
  std::function<void(const Access&)> on_start;
  std::string remote_address = "198.18.0.1";
  std::size_t most_at_once = 0;

  std::size_t asked(const std::string& url) const;

  void start(crawler::Ticket ticket, const crawler::FetchRequest& request) override;
  std::vector<crawler::Fetched> wait(Duration at_most) override;
  std::size_t under_way() const override { return running_.size(); }
  // Drops what is under way, as a killed process does.
  void forget() { running_.clear(); }

 private:
  struct Running {
    crawler::Ticket ticket;
    Request request;
    Answer answer;
    std::size_t access;
  };
  Answer answer_for(const std::string& url) const;
  crawler::Fetched finish(const Running& running);

  FakeClock& clock_;
  std::multimap<Time, Running> running_;
};

// Turns pages of lines into outcomes: "link ROLE STAMP URL", "post ID", "trouble TEXT", "cursor TEXT". A stamp of "-"
// is none.
crawler::PageOutcome read_lines(const Document& document);
std::string link_line(const Request& request);

config::SourceSpec source_at(const std::string& url, const std::string& name = "garden");

}  // namespace hw::test
