#include "tests/crawler/fake_site.h"

#include <sstream>

#include <doctest/doctest.h>

#include "common/url.h"
#include "crawler/gate.h"

namespace hw::test {

std::size_t FakeSite::asked(const std::string& url) const {
  return static_cast<std::size_t>(
      std::count_if(log.begin(), log.end(), [&](const Access& access) { return access.url == url; }));
}

Answer FakeSite::answer_for(const std::string& url) const {
  if (serve)
    if (auto answer = serve(url)) return *answer;
  const auto found = pages.find(url);
  if (found != pages.end()) return found->second;
  Answer missing;
  missing.status = 404;
  return missing;
}

void FakeSite::start(crawler::Ticket ticket, const crawler::FetchRequest& request) {
  const Answer answer = answer_for(request.request.url);
  const auto url = parse_url(request.request.url);
  log.push_back(
      {request.request.url, url ? url->host : "", clock_.now(), clock_.now() + answer.takes, request.etag, request});
  running_.emplace(clock_.now() + answer.takes, Running{ticket, request.request, answer, log.size() - 1});
  most_at_once = std::max(most_at_once, running_.size());
  if (on_start) on_start(log.back());
}

std::vector<crawler::Fetched> FakeSite::wait(Duration at_most) {
  std::vector<crawler::Fetched> out;
  const Time until = clock_.now() + at_most;
  if (running_.empty() || running_.begin()->first > until) {
    clock_.set(until);
    return out;
  }
  clock_.set(std::max(clock_.now(), running_.begin()->first));
  while (!running_.empty() && running_.begin()->first <= clock_.now()) {
    out.push_back(finish(running_.begin()->second));
    running_.erase(running_.begin());
  }
  return out;
}

crawler::Fetched FakeSite::finish(const Running& running) {
  crawler::Fetched fetched{running.ticket, fail(ErrorCode::network, "")};
  fetched.remote_address = remote_address;
  fetched.received_bytes = running.answer.body.size();
  if (running.answer.error) {
    fetched.document = tl::unexpected(*running.answer.error);
    fetched.status = running.answer.error->code == ErrorCode::refused ? running.answer.status : 0;
    return fetched;
  }
  Document document;
  document.request = running.request;
  document.url = running.request.url;
  document.status = running.answer.status;
  document.headers = running.answer.headers;
  document.content_type = crawler::parse_media_type(document.header("content-type").value_or("")).type;
  document.body = running.answer.body;
  document.fetched_at = clock_.now();
  fetched.status = document.status;
  fetched.document = std::move(document);
  return fetched;
}

crawler::PageOutcome read_lines(const Document& document) {
  crawler::PageOutcome outcome;
  std::istringstream lines(document.body);
  for (std::string word; lines >> word;) {
    std::string rest;
    if (word == "link") {
      int role = 0;
      Request request;
      lines >> role >> request.stamp >> request.url;
      request.role = static_cast<PageRole>(role);
      if (request.stamp == "-") request.stamp.clear();
      outcome.follow.push_back(request);
    } else if (word == "post") {
      ++outcome.posts;
      ++outcome.new_posts;
    } else if (word == "trouble" || word == "cursor") {
      std::getline(lines >> std::ws, rest);
      if (word == "trouble")
        outcome.trouble = rest;
      else
        outcome.cursor = rest;
      continue;
    }
    std::getline(lines, rest);
  }
  return outcome;
}

std::string link_line(const Request& request) {
  std::ostringstream line;
  line << "link " << static_cast<int>(request.role) << ' ' << (request.stamp.empty() ? "-" : request.stamp) << ' '
       << request.url << '\n';
  return line.str();
}

config::SourceSpec source_at(const std::string& url, const std::string& name) {
  config::SourceSpec source;
  source.name = name;
  source.kind = "auto";
  source.url = url;
  source.delay = std::chrono::seconds(5);
  source.every = std::chrono::minutes(30);
  source.max_pages = 200;
  return source;
}

}  // namespace hw::test
