// What the caller makes of documents, in two steps: reading them, which any number of threads may do at once, and
// storing what was read, which one thread does.
//
// A page is done only after store() has returned: by then its hits are committed. An error of either step is the
// environment failing (a full disk): the pages stay queued and the run ends with that error.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/document.h"
#include "common/error.h"
#include "common/request.h"
#include "common/time.h"
#include "config/settings.h"

namespace hw::crawler {

// What became of a document that was read and stored.
struct PageOutcome {
  std::vector<Request> follow;        // further pages, same host; others are refused and counted
  std::optional<std::string> cursor;  // what the source's adapter wants remembered
  std::size_t posts = 0;
  std::size_t new_posts = 0;
  std::size_t hits = 0;
  std::optional<Time> newest_post{};  // when it was written, where the page says
  std::string trouble;                // empty, or what is wrong with the page in words: "login wall"
};

// What reading made of one document; opaque to the crawler.
class Reading {
 public:
  virtual ~Reading() = default;
};

class PageStages {
 public:
  virtual ~PageStages() = default;
  // Called by several threads at once. Never nullptr.
  virtual std::unique_ptr<Reading> read(const config::SourceSpec& source, Document document) const = 0;
  // One outcome for each reading, in their order. Called by the thread that runs the crawl.
  virtual Result<std::vector<PageOutcome>> store(std::span<const std::unique_ptr<Reading>> readings) = 0;
};

// Both steps in one function, called by the thread that runs the crawl.
using PageHandler = std::function<Result<PageOutcome>(const config::SourceSpec&, const Document&)>;
std::unique_ptr<PageStages> stages_of(PageHandler handler);

}  // namespace hw::crawler
