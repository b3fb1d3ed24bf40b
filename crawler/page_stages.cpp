#include "crawler/page_stages.h"

#include <utility>

namespace hw::crawler {
namespace {

struct Unread final : Reading {
  Unread(const config::SourceSpec& from, Document answer) : source(from), document(std::move(answer)) {}
  const config::SourceSpec& source;
  Document document;
};

class HandlerStages final : public PageStages {
 public:
  explicit HandlerStages(PageHandler handler) : handler_(std::move(handler)) {}

  std::unique_ptr<Reading> read(const config::SourceSpec& source, Document document) const override {
    return std::make_unique<Unread>(source, std::move(document));
  }

  Result<std::vector<PageOutcome>> store(std::span<const std::unique_ptr<Reading>> readings) override {
    std::vector<PageOutcome> outcomes;
    for (const std::unique_ptr<Reading>& reading : readings) {
      const auto& unread = static_cast<const Unread&>(*reading);
      auto outcome = handler_(unread.source, unread.document);
      if (!outcome) return tl::unexpected(outcome.error());
      outcomes.push_back(std::move(*outcome));
    }
    return outcomes;
  }

 private:
  PageHandler handler_;
};

}  // namespace

std::unique_ptr<PageStages> stages_of(PageHandler handler) {
  return std::make_unique<HandlerStages>(std::move(handler));
}

}  // namespace hw::crawler
