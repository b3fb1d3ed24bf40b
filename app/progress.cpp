#include "app/progress.h"

#include <ostream>

#include <fmt/format.h>

#include "common/text.h"

namespace hw::app {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kRateOver{5};
constexpr std::chrono::milliseconds kRedrawEvery{100};
constexpr std::chrono::seconds kPlainLineEvery{30};

std::string bytes_in_words(std::uint64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} B", bytes);
  if (bytes < 10'000'000) return fmt::format("{} kB", bytes / 1000);
  return fmt::format("{} MB", bytes / 1'000'000);
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

void Rate::add(steady_clock::time_point now, std::size_t pages) {
  moments_.push_back({now, pages});
  while (moments_.size() > 2 && now - moments_[1].at > kRateOver) moments_.pop_front();
}

double Rate::per_second(steady_clock::time_point now) const {
  if (moments_.size() < 2) return 0;
  const std::chrono::duration<double> time = now - moments_.front().at;
  return time.count() <= 0 ? 0 : static_cast<double>(moments_.back().pages - moments_.front().pages) / time.count();
}

std::string progress_line(std::size_t hosts, double pages_per_second, const crawler::RunReport& so_far) {
  std::string text =
      fmt::format("{} · {:.1f} pages/s · {} · {} · {}", counted(hosts, "host"), pages_per_second,
                  counted(so_far.pages, "page"), counted(so_far.posts, "post"), counted(so_far.hits, "hit"));
  if (so_far.not_modified > 0) text += fmt::format(" · {} unchanged", so_far.not_modified);
  if (so_far.refused + so_far.failed > 0)
    text += fmt::format(" · {} refused or failed", so_far.refused + so_far.failed);
  return text;
}

Progress::Progress(Session& session)
    : session_(session), line_(*session.err), terminal_(is_terminal(*session.err)), shown_(steady_clock::now()) {}

void Progress::on(const crawler::Event& event) {
  using crawler::EventKind;
  waiting_.clear();
  if (event.kind != EventKind::source_done && !event.source.empty()) working_[event.host].insert(event.source);
  switch (event.kind) {
    case EventKind::fetched:
    case EventKind::not_modified:
    case EventKind::skipped:
      break;
    case EventKind::refused:
      say(event, Style::yellow);
      break;
    case EventKind::failed:
      say(event, Style::red);
      break;
    case EventKind::waiting:
      waiting_ = fmt::format("waiting {} for {}: {}", to_words(event.wait), event.host, event.what);
      break;
    case EventKind::source_done:
      working_[event.host].erase(event.source);
      if (working_[event.host].empty()) working_.erase(event.host);
      troubled_ += event.trouble ? 1U : 0U;
      if (!told_already(event)) say(event, event.trouble ? Style::red : Style::green);
      break;
  }
  if (event.so_far != nullptr) show(*event.so_far);
}

// A source often ends with the very failure that its last line told.
bool Progress::told_already(const crawler::Event& event) const {
  const auto last = said_.find(event.source);
  return event.trouble && last != said_.end() && std::string_view(event.what).ends_with(last->second);
}

void Progress::say(const crawler::Event& event, Style how) {
  line_.clear();
  if (!event.source.empty()) said_[event.source] = event.what;
  *session_.err << style(*session_.err, how)
                << escape_for_terminal(
                       fmt::format("{}: {}", event.source.empty() ? event.host : event.source, event.what))
                << style(*session_.err, Style::plain) << '\n';
}

void Progress::show(const crawler::RunReport& so_far) {
  const auto now = steady_clock::now();
  rate_.add(now, so_far.pages + so_far.not_modified);
  const bool due = now - shown_ >= (terminal_ ? steady_clock::duration(kRedrawEvery) : kPlainLineEvery);
  if (!due && waiting_.empty()) return;
  if (!due && !terminal_) return;
  shown_ = now;
  std::string text = progress_line(working_.size(), rate_.per_second(now), so_far);
  if (!waiting_.empty()) text = waiting_ + " · " + text;
  if (terminal_)
    line_.show(escape_for_terminal(text));
  else
    *session_.err << escape_for_terminal(text) << std::endl;  // whoever follows a pipe wants it now
}

void Progress::end() { line_.clear(); }

std::string summary(const crawler::RunReport& report) {
  std::string text =
      fmt::format("{} requests ({}), {} pages, {} posts, {} new, {} hits", report.requests,
                  bytes_in_words(report.bytes), report.pages, report.posts, report.new_posts, report.hits);
  const auto add = [&](std::size_t count, std::string_view what) {
    if (count > 0) text += fmt::format(", {} {}", count, what);
  };
  add(report.not_modified, "unchanged");
  add(report.skipped, "skipped as known");
  add(report.refused, "refused");
  add(report.failed, "failed");
  if (report.stopped) text += "; stopped before the end, the rest is queued";
  return text;
}

}  // namespace hw::app
