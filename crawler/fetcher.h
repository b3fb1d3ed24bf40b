// One HTTP exchange at a time per ticket, many tickets at once, under rules that no server can talk us out of.
//
// A Fetcher never follows a redirect: it reports it, and whoever asked judges the next address. It refuses private
// addresses at connect time, foreign schemes, media content types, oversized and over-compressed bodies. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/document.h"
#include "common/error.h"
#include "common/time.h"

namespace hw::crawler {

struct FetchRules {
  std::string user_agent;                    // product and contact
  std::vector<std::string> network_allow;    // CIDR ranges beyond the globally routable ones
  std::uint64_t max_body_bytes = 16U << 20;  // after decoding
  std::uint32_t max_ratio = 100;             // decoded to received bytes, once past 1 MiB
  Duration connect_timeout{std::chrono::seconds(15)};
  Duration total_timeout{std::chrono::seconds(120)};
  std::uint32_t least_bytes_per_second = 50;  // over 30 s; slower is cut off
};

using Ticket = std::uint64_t;

// Whom a request goes through. The address guard then sees only addresses that are written as such, never where a name
// leads; names that only a private network has are refused too. The proxy's own address, written as a number, is its
// own permission; where it is a name, it has to lead where the rules allow.
struct Proxy {
  std::string url;        // "socks5h://127.0.0.1:9050"; empty: none
  std::string user = {};  // secrets
  std::string password = {};
  bool in_use() const { return !url.empty(); }
};

// A sitemap may be text within gzip; whoever asked looks at what is in it.
enum class Expects { page, sitemap };

struct FetchRequest {
  Request request;
  std::string accept;                        // the Accept header; empty: pages, feeds and JSON
  std::optional<std::string> etag;           // for If-None-Match
  std::optional<std::string> last_modified;  // for If-Modified-Since
  // Secrets: they reach the server and nothing else.
  std::string authorization = {};  // the Authorization header; empty: none
  std::string basic_user = {};     // for HTTP Basic in its place; empty: none
  std::string basic_password = {};
  std::string secret_parameter = {};  // "key=…", added to the query as it is sent; the document has the address without
  // The body of a POST, where this is not a GET: only for a token, to the endpoint that an adapter declares, and for an
  // alarm, to the address that the operator gave for it.
  std::optional<std::string> post = {};
  std::string post_type = {};
  std::string signature = {};  // of an alarm's body: the X-Handlewatch-Signature-256 header; empty: none
  Proxy proxy = {};
  Expects expects = Expects::page;
};

// How long after the start each stage was reached; zero where it was not.
struct FetchTimings {
  Duration name_lookup{0};
  Duration connect{0};
  Duration tls{0};
  Duration first_byte{0};
  Duration total{0};
};

// Exactly one of: an HTTP answer (any status, redirects and 304 included), or an error with the reason. Only the body
// of a 2xx answer is judged by type, size and content; of any other answer an unwanted or long body is left out.
struct Fetched {
  Ticket ticket = 0;
  Result<Document> document;
  std::uint64_t received_bytes = 0;  // on the wire, before decoding
  std::string remote_address{};      // "192.0.2.7"; empty when no connection was made, or by a proxy
  int status = 0;                    // also where the body was refused; 0 without an answer
  std::vector<Header> headers{};     // of an answer whose body was refused
  FetchTimings timings{};
};

class Fetcher {
 public:
  virtual ~Fetcher() = default;
  virtual void start(Ticket ticket, const FetchRequest& request) = 0;
  // What has finished; waits up to `at_most` for the first, the whole of it when nothing is under way: the crawl loop
  // sleeps by this.
  virtual std::vector<Fetched> wait(Duration at_most) = 0;
  virtual std::size_t under_way() const = 0;
  // From any thread: a wait() that sleeps, or else the next one, returns soon. Does nothing where waiting is not
  // sleeping.
  virtual void wake() {}
};

// The real one, on libcurl's multi interface. Fails (configuration) when a range in the rules cannot be read.
Result<std::unique_ptr<Fetcher>> make_curl_fetcher(FetchRules rules);

// Another fetcher on a thread of its own, so that whoever asks may be busy with a disk while answers arrive.
std::unique_ptr<Fetcher> on_its_own_thread(std::unique_ptr<Fetcher> fetcher);

}  // namespace hw::crawler
