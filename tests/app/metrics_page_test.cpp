// /metrics and /healthz: what they show, to whom, and what never stands there.
#include "app/metrics_page.h"

#include <csignal>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/process.h"
#include "tests/support/support.h"
#include "web/demo_board.h"
#include "web/server.h"

using namespace hw;
using namespace hw::app;
using hw::test::handlewatch;
using hw::test::TemporaryFolder;

namespace {

// The whole answer of a GET on loopback.
std::string get(std::uint16_t port, const std::string& path, const std::string& host = "127.0.0.1") {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
    static_cast<void>(::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL));
    std::string part(65536, '\0');
    for (ssize_t size = 0; (size = ::recv(descriptor, part.data(), part.size(), 0)) > 0;)
      answer.append(part, 0, static_cast<std::size_t>(size));
  }
  ::close(descriptor);
  return answer;
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

double value_of(const std::string& metrics, const std::string& sample) {
  const auto at = metrics.find("\n" + sample + " ");
  return at == std::string::npos ? -1 : std::stod(metrics.substr(at + sample.size() + 2));
}

std::uint16_t free_port() {
  const auto server = web::Server::start([](const web::HttpRequest&) { return web::HttpResponse{}; });
  REQUIRE_OK(server);
  return server->port();
}

}  // namespace

TEST_CASE("what the daemon knows of itself and its sources, as metrics") {
  DaemonNumbers numbers;
  numbers.version = "0.1.0";
  numbers.started = from_millis(1'764'000'000'500);
  numbers.totals.requests = 7;
  numbers.totals.hits = 2;
  crawler::SourceHealth garden;
  garden.source = "garden";
  garden.pages = 61;
  garden.trouble = "login wall";
  garden.paused = true;
  garden.last_success = from_millis(1'764'000'000'000);
  numbers.sources = {garden};
  const std::string text = metrics_text(numbers);
  CHECK(value_of(text, "handlewatch_requests_total") == 7);
  CHECK(value_of(text, "handlewatch_hits_total") == 2);
  CHECK(value_of(text, "handlewatch_start_time_seconds") == 1'764'000'000.5);
  CHECK(value_of(text, "handlewatch_build_info{version=\"0.1.0\"}") == 1);
  CHECK(value_of(text, "handlewatch_source_pages_total{source=\"garden\"}") == 61);
  CHECK(value_of(text, "handlewatch_source_in_trouble{source=\"garden\"}") == 1);
  CHECK(value_of(text, "handlewatch_source_paused{source=\"garden\"}") == 1);
  CHECK(value_of(text, "handlewatch_source_last_success_timestamp_seconds{source=\"garden\"}") == 1'764'000'000);
  CHECK(holds(text, "\n# TYPE handlewatch_source_pages_total counter\n"));
  CHECK_FALSE(holds(text, "held"));
}

TEST_CASE("reports add up, count by count") {
  crawler::RunReport a, b;
  a.requests = 1, a.bytes = 10, b.requests = 2, b.bytes = 5, b.hits = 3, b.answered = 1, b.stopped = true;
  const auto both = sum(a, b);
  CHECK(both.requests == 3);
  CHECK(both.bytes == 15);
  CHECK(both.hits == 3);
  CHECK(both.answered == 1);
  CHECK(both.stopped);
}

TEST_CASE("the page answers on loopback, under this machine's own names alone") {
  const auto opened = MetricsPage::open(0);
  REQUIRE_OK(opened);
  MetricsPage& page = **opened;
  page.publish("hw_up 1\n");
  const std::string metrics = get(page.port(), "/metrics");
  CHECK(metrics.starts_with("HTTP/1.1 200"));
  CHECK(holds(metrics, "text/plain; version=0.0.4; charset=utf-8"));
  CHECK(holds(metrics, "\r\n\r\nhw_up 1\n"));
  CHECK(get(page.port(), "/metrics", "localhost:1").starts_with("HTTP/1.1 200"));
  CHECK(get(page.port(), "/metrics", "attacker.test").starts_with("HTTP/1.1 403"));
  CHECK(get(page.port(), "/other").starts_with("HTTP/1.1 404"));
  CHECK(get(page.port(), "/healthz").ends_with("ok\n"));
  page.set_trouble("the disk is nearly full");
  const std::string health = get(page.port(), "/healthz");
  CHECK(health.starts_with("HTTP/1.1 503"));
  CHECK(health.ends_with("the disk is nearly full\n"));
  page.set_trouble("");
  CHECK(get(page.port(), "/healthz").starts_with("HTTP/1.1 200"));
  const auto taken = MetricsPage::open(page.port());
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().code == ErrorCode::configuration);
  CHECK(holds(taken.error().message, "metrics.port"));
}

TEST_CASE("the daemon's metrics after a crawl: totals that go on over a restart, no handle, author or address") {
  const auto board = web::DemoBoard::create();
  REQUIRE_OK(board);
  const auto forum =
      web::Server::start([&](const web::HttpRequest& request) { return board->answer(request.path, request.query); });
  REQUIRE_OK(forum);
  const TemporaryFolder folder;
  const std::uint16_t port = free_port();
  REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
  test::write_file(folder / "d/handlewatch.yaml",
                   "network: {allow: [127.0.0.0/8]}\nmetrics: {port: " + std::to_string(port) +
                       "}\nsources:\n  - {name: board, kind: phpbb, url: \"" + forum->url() +
                       "\", platform: board, delay: 0s, every: 1h}\n");
  double pages = 0;
  for (const bool restarted : {false, true}) {
    test::Invocation invocation;
    invocation.arguments = {"--data", (folder / "d").string(), "daemon"};
    test::Process process(invocation);
    std::string text;
    for (int tries = 0; tries < 3000 && !holds(text, "handlewatch_source_last_success"); ++tries) {
      ::usleep(10'000);
      text = get(port, "/metrics");
      if (value_of(text, "handlewatch_source_last_success_timestamp_seconds{source=\"board\"}") <= 0) text.clear();
    }
    REQUIRE_MESSAGE(holds(text, "handlewatch_source_last_success"), process.err_so_far());
    const double now = value_of(text, "handlewatch_source_pages_total{source=\"board\"}");
    CHECK(now > 10);
    if (restarted) CHECK(now == pages);
    pages = now;
    CHECK((value_of(text, "handlewatch_hits_total") > 0) == !restarted);  // of the process, which found none anew
    CHECK(get(port, "/healthz").ends_with("ok\n"));
    CHECK_FALSE(holds(text, "hwdemo"));
    CHECK_FALSE(holds(text, "://"));
    for (const Post& post : board->posts()) CHECK_MESSAGE(!holds(text, post.author), post.author);
    process.signal(SIGTERM);
    CHECK(process.wait().status == 0);
  }
}
