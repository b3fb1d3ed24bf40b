#include <fmt/format.h>

#include "app/alarm.h"

namespace hw::app {

Status guarded_post(const crawler::FetchRules& rules, const std::string& url, const std::string& body,
                    const std::string& signature) {
  auto fetcher = crawler::make_curl_fetcher(rules);
  if (!fetcher) return tl::unexpected(fetcher.error());
  crawler::FetchRequest request;
  request.request.url = url;
  request.accept = "*/*";
  request.post = body;
  request.post_type = "application/json";
  request.signature = signature;
  (*fetcher)->start(0, request);
  std::vector<crawler::Fetched> answers;
  while (answers.empty()) answers = (*fetcher)->wait(rules.total_timeout);
  const crawler::Fetched& answer = answers.front();
  if (answer.status >= 200 && answer.status < 300) return {};
  if (answer.status != 0) return fail(ErrorCode::network, fmt::format("the webhook answers {}", answer.status));
  return within("the webhook", answer.document.error());
}

}  // namespace hw::app
