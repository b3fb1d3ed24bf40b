// The real Fetcher: libcurl's multi interface, one connection per host, easy handles used again.
#include <map>
#include <utility>

#include <fmt/format.h>

#include "common/url.h"
#include "crawler/curl_transfer.h"
#include "crawler/socket_loop.h"

namespace hw::crawler {
namespace {

constexpr std::size_t kMostIdleTransfers = 64;
constexpr long kMostKept = 512;  // idle connections; without it four times as many as are busy just then
constexpr Duration kLongestPoll{std::chrono::hours(1)};

class CurlFetcher final : public Fetcher {
 public:
  CurlFetcher(FetchRules rules, AddressGuard guard)
      : rules_(std::move(rules)), guard_(std::move(guard)), multi_(curl_multi_init()) {
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kMostKept);
    curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX));
  }
  CurlFetcher(const CurlFetcher&) = delete;
  CurlFetcher& operator=(const CurlFetcher&) = delete;
  ~CurlFetcher() override {
    for (const auto& [handle, transfer] : running_) curl_multi_remove_handle(multi_.get(), handle);
  }

  bool usable() const { return loop_.usable(); }

  void start(Ticket ticket, const FetchRequest& request) override {
    if (request.proxy.in_use() && refuse_as_written(ticket, request)) return;
    std::unique_ptr<CurlTransfer> transfer = idle_transfer();
    transfer->prepare(ticket, request);
    CURL* handle = transfer->handle();
    curl_multi_add_handle(multi_.get(), handle);
    running_.emplace(handle, std::move(transfer));
  }

  std::vector<Fetched> wait(Duration at_most) override {
    std::vector<Fetched> finished = std::exchange(refused_, {});
    if (finished.empty()) finished = drive();
    if (!finished.empty() || at_most <= Duration{0}) return finished;
    const auto until = std::chrono::steady_clock::now() + std::min(at_most, kLongestPoll);
    while (finished.empty() && std::chrono::steady_clock::now() < until) {
      const bool woken = loop_.wait_until(until);
      finished = collect();
      if (woken) break;
    }
    return finished;
  }

  std::size_t under_way() const override { return running_.size() + refused_.size(); }

  void wake() override { loop_.wake(); }

 private:
  struct CleanUp {
    void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
  };

  // A proxy opens no socket for us to judge: what can be told from the address is told before it is asked.
  bool refuse_as_written(Ticket ticket, const FetchRequest& request) {
    const auto url = parse_url(request.request.url);
    const std::string_view objection = url ? guard_.objection_as_written(url->host) : "no address";
    if (objection.empty()) return false;
    refused_.push_back(
        {ticket, fail(ErrorCode::refused, fmt::format("it is {}, and no proxy is asked for that", objection)), 0});
    return true;
  }

  std::unique_ptr<CurlTransfer> idle_transfer() {
    if (idle_.empty()) return std::make_unique<CurlTransfer>(rules_, guard_);
    std::unique_ptr<CurlTransfer> transfer = std::move(idle_.back());
    idle_.pop_back();
    return transfer;
  }

  std::vector<Fetched> drive() {
    loop_.perform();
    return collect();
  }

  std::vector<Fetched> collect() {
    std::vector<Fetched> finished;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* handle = message->easy_handle;
      const CURLcode code = message->data.result;
      curl_multi_remove_handle(multi_.get(), handle);  // ends the message's life
      auto transfer = running_.extract(handle);
      finished.push_back(transfer.mapped()->finish(code));
      complete_certificate(finished.back());
      if (idle_.size() < kMostIdleTransfers) idle_.push_back(std::move(transfer.mapped()));
    }
    return finished;
  }

  // libcurl tells of a certificate only with the request that made the connection; further ones use the same.
  void complete_certificate(Fetched& fetched) {
    if (!fetched.document) return;
    const auto url = parse_url(fetched.document->url);
    if (!url || url->scheme != "https") return;
    std::string& leaf = fetched.document->exchange.tls_leaf_sha256;
    if (leaf.empty()) {
      const auto known = leaves_.find(url->authority());
      if (known != leaves_.end()) leaf = known->second;
    } else {
      leaves_[url->authority()] = leaf;
    }
  }

  FetchRules rules_;
  AddressGuard guard_;
  std::unique_ptr<CURLM, CleanUp> multi_;  // destroyed after the transfers
  SocketLoop loop_{multi_.get()};
  std::map<CURL*, std::unique_ptr<CurlTransfer>> running_;
  std::vector<std::unique_ptr<CurlTransfer>> idle_;
  std::map<std::string, std::string> leaves_;  // by authority
  std::vector<Fetched> refused_;               // without having been sent
};

}  // namespace

Result<std::unique_ptr<Fetcher>> make_curl_fetcher(FetchRules rules) {
  auto guard = AddressGuard::create(rules.network_allow);
  if (!guard) return tl::unexpected(guard.error());
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return fail(ErrorCode::network, "libcurl cannot be started");
  auto fetcher = std::make_unique<CurlFetcher>(std::move(rules), std::move(*guard));
  if (!fetcher->usable())
    return fail(ErrorCode::io, "no descriptors are left to wait for the network with; raise the limit (ulimit -n)");
  return std::unique_ptr<Fetcher>(std::move(fetcher));
}

}  // namespace hw::crawler
