#include "app/capture.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/version.h"
#include "common/digest.h"
#include "common/text.h"
#include "db/audit.h"
#include "db/media.h"
#include "parsers/served.h"

namespace hw::app {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostHeaderBytes = 16U << 10;

ordered_json headers_json(const std::vector<Header>& headers, bool& cut) {
  ordered_json out = ordered_json::array();
  std::size_t bytes = 0;
  for (const Header& header : headers) {
    bytes += header.name.size() + header.value.size();
    if (bytes > kMostHeaderBytes) {
      cut = true;
      break;
    }
    out.push_back(ordered_json::array({header.name, header.value}));
  }
  return out;
}

void add_exchange(ordered_json& out, const Document& document) {
  const Exchange& exchange = document.exchange;
  bool cut = false;
  out["requested_url"] = exchange.redirects.empty() ? document.url : exchange.redirects.front();
  out["final_url"] = document.url;
  out["redirects"] = exchange.redirects;
  out["request_headers"] = headers_json(exchange.request_headers, cut);
  out["robots"] = exchange.robots;
  out["remote_address"] = exchange.remote_address;
  out["tls_leaf_sha256"] = exchange.tls_leaf_sha256;
  out["status"] = document.status;
  out["response_headers"] = headers_json(document.headers, cut);
  out["headers_cut"] = cut;
  out["received_sha256"] = sha256_hex(exchange.received.empty() ? document.body : exchange.received);
  out["received_bytes"] = exchange.received_bytes;
  out["body_sha256"] = sha256_hex(document.body);
  out["body_bytes"] = document.body.size();
  out["truncated"] = exchange.truncated;
  out["started"] = to_rfc3339(exchange.started);
  out["ended"] = to_rfc3339(document.fetched_at);
}

// Of the post as it is kept, so that whoever opens the seal can compare.
void add_extract(ordered_json& out, const db::Judged& kept) {
  out["text_sha256"] = sha256_hex(kept.post.text);
  out["as_served_sha256"] = sha256_hex(kept.post.as_served);
  ordered_json spans = ordered_json::array();
  const auto add = [&](std::string_view what, const std::string& field, Span span) {
    spans.push_back(ordered_json{{"what", what}, {"field", field}, {"from", span.from}, {"to", span.to}});
  };
  for (const HandleFound& handle : kept.verdict.handles) add(handle.messenger, handle.field, handle.span);
  for (const RuleFired& rule : kept.verdict.rules) add(rule.id, rule.field, rule.span);
  out["spans"] = std::move(spans);
}

}  // namespace

CaptureContext capture_context(const config::Settings& settings, db::Store& store) {
  return {db::noted_configuration(store).value_or(""), settings.evidence.full_capture};
}

void add_capture(db::Judged& judged, const Document* document, const CaptureContext& context) {
  db::Judged kept{judged.post, judged.verdict, judged.seen_at};
  db::cut_media(kept.post, kept.verdict);
  ordered_json out{{"via", document == nullptr ? "import" : "crawl"}};
  if (document != nullptr) add_exchange(out, *document);
  out["tool"] = fmt::format("handlewatch {}", kVersion);
  out["configuration_sha256"] = context.configuration_sha256;
  out["rules_hash"] = to_hex(judged.verdict.rules_hash);
  add_extract(out, kept);
  if (document != nullptr && context.full_capture) {
    judged.page = parsers::text_of_page(document->body);
    out["page_sha256"] = sha256_hex(judged.page);
  }
  judged.capture = out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace hw::app
