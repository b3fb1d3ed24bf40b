#include "app/progress.h"

#include <ostream>

#include <fmt/format.h>

#include "common/text.h"

namespace hw::app {
namespace {

std::string bytes_in_words(std::uint64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} B", bytes);
  if (bytes < 10'000'000) return fmt::format("{} kB", bytes / 1000);
  return fmt::format("{} MB", bytes / 1'000'000);
}

}  // namespace

Progress::Progress(Session& session) : session_(session), line_(*session.err) {}

void Progress::on(const crawler::Event& event) {
  using crawler::EventKind;
  const auto say = [&](std::string_view what) {
    line_.clear();
    complain(session_, fmt::format("{}: {}", event.source, what));
  };
  switch (event.kind) {
    case EventKind::fetched:
      ++fetched_;
      break;
    case EventKind::not_modified:
      ++unchanged_;
      break;
    case EventKind::skipped:
      break;
    case EventKind::refused:
    case EventKind::failed:
      ++troubles_;
      say(event.what);
      break;
    case EventKind::waiting:
      line_.show(fmt::format("{} pages, {} unchanged · waiting {} for {}: {}", fetched_, unchanged_,
                             to_words(event.wait), event.host, event.what));
      return;
    case EventKind::source_done:
      say(event.what);
      break;
  }
  line_.show(
      fmt::format("{} pages, {} unchanged, {} refused or failed · {}", fetched_, unchanged_, troubles_, event.source));
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
