// The crawl against its bound: the crawler with its real fetcher and frontier beside a bare libcurl-multi loop, over
// the same pages of the same server in the same run.
//
//   bench_crawl [HOSTS [PAGES_PER_HOST [ROUNDS]]]
//
// The server is a process of its own, so that its CPU is not counted. Hosts are the addresses 127.0.0.1, 127.0.0.2 …;
// each page is 32 KB. Prints pages per second of wall time and CPU time per page for both, and their ratio.
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crawler/crawler.h"

namespace {

using namespace hw;
using namespace hw::crawler;

constexpr std::size_t kPageBytes = 32U << 10;

struct Site {
  std::uint16_t port = 0;
  int hosts = 8;
  int pages = 500;

  std::string url(int host, int page) const {
    return fmt::format("http://127.0.0.{}:{}/{}", host + 1, port, page == 0 ? std::string() : fmt::format("t{}", page));
  }
};

// ---- the server ----

int listen_at(int host, std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(host));
  if (::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return -1;
  ::listen(descriptor, 64);
  return descriptor;
}

std::uint16_t port_of(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

std::string answer_to(std::string_view request) {
  const auto path = request.substr(4, request.find(' ', 4) - 4);
  if (path == "/robots.txt") return "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n";
  std::string body = fmt::format("<html><body><p>page {}</p>", path);
  while (body.size() < kPageBytes) body += "<p>maps and board games, and a journalist's number</p>\n";
  body.resize(kPageBytes);
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n{}",
                     body.size(), body);
}

void send_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

[[noreturn]] void serve(const std::vector<int>& listeners) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  const auto watch = [&](int descriptor) {
    epoll_event event{EPOLLIN, {.fd = descriptor}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
  };
  for (const int listener : listeners) watch(listener);
  std::map<int, std::string> pending;
  for (;;) {
    epoll_event events[64];
    const int count = ::epoll_wait(poll, events, 64, -1);
    for (int i = 0; i < count; ++i) {
      const int descriptor = events[i].data.fd;
      if (std::find(listeners.begin(), listeners.end(), descriptor) != listeners.end()) {
        const int client = ::accept4(descriptor, nullptr, nullptr, SOCK_CLOEXEC);
        const int on = 1;
        ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(client);
        continue;
      }
      char buffer[4096];
      const auto got = ::recv(descriptor, buffer, sizeof buffer, 0);
      if (got <= 0) {
        ::close(descriptor);
        pending.erase(descriptor);
        continue;
      }
      std::string& request = pending[descriptor].append(buffer, static_cast<std::size_t>(got));
      if (!request.ends_with("\r\n\r\n")) continue;
      send_all(descriptor, answer_to(request));
      request.clear();
    }
  }
}

// ---- what is measured ----

struct Cost {
  double wall = 0;  // seconds
  double cpu = 0;
  std::size_t pages = 0;
};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_now() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

template <class Work>
Cost measured(Work work) {
  const auto begun = std::chrono::steady_clock::now();
  const double cpu = cpu_now();
  const std::size_t pages = work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count(), cpu_now() - cpu, pages};
}

struct Bare {
  CURL* handle;
  int host;
  int page;
  std::string body;
};

std::size_t keep(char* bytes, std::size_t size, std::size_t count, void* into) {
  static_cast<Bare*>(into)->body.append(bytes, size * count);
  return size * count;
}

// As little as fetching can be: one connection per host, each handle taking the host's next page.
std::size_t bare_loop(const Site& site) {
  CURLM* multi = curl_multi_init();
  std::vector<std::unique_ptr<Bare>> all;
  for (int host = 0; host < site.hosts; ++host) {
    all.push_back(std::make_unique<Bare>(Bare{curl_easy_init(), host, 0, {}}));
    Bare& bare = *all.back();
    curl_easy_setopt(bare.handle, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(bare.handle, CURLOPT_WRITEDATA, &bare);
    curl_easy_setopt(bare.handle, CURLOPT_PRIVATE, &bare);
    curl_easy_setopt(bare.handle, CURLOPT_PROXY, "");
    curl_easy_setopt(bare.handle, CURLOPT_URL, site.url(host, 0).c_str());
    curl_multi_add_handle(multi, bare.handle);
  }
  std::size_t pages = 0;
  for (int running = 1; running > 0;) {
    curl_multi_perform(multi, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      Bare* bare = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &bare);
      curl_multi_remove_handle(multi, bare->handle);
      pages += bare->body.size() == kPageBytes ? 1 : 0;
      bare->body.clear();
      if (++bare->page > site.pages) continue;
      curl_easy_setopt(bare->handle, CURLOPT_URL, site.url(bare->host, bare->page).c_str());
      curl_multi_add_handle(multi, bare->handle);
      running = 1;
    }
    if (running > 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
  }
  for (const auto& bare : all) curl_easy_cleanup(bare->handle);
  curl_multi_cleanup(multi);
  return pages;
}

std::size_t crawl(const Site& site, Frontier& frontier) {
  CrawlerOptions options;
  options.rules.user_agent = "handlewatch-bench";
  options.rules.network_allow = {"127.0.0.0/8"};
  options.concurrency = static_cast<std::size_t>(site.hosts);
  auto fetcher = make_curl_fetcher(options.rules);
  std::vector<config::SourceSpec> sources(static_cast<std::size_t>(site.hosts));
  std::vector<SourceRun> runs;
  for (int host = 0; host < site.hosts; ++host) {
    config::SourceSpec& source = sources[static_cast<std::size_t>(host)];
    source.name = fmt::format("host{}", host);
    source.url = site.url(host, 0);
    source.delay = Duration{0};
    source.max_pages = 1'000'000;
    runs.push_back({&source, {{source.url, PageRole::entry, ""}}});
  }
  const PageHandler handler = [&](const config::SourceSpec& source, const Document& document) -> Result<PageOutcome> {
    PageOutcome outcome;
    if (document.request.role != PageRole::entry) return outcome;
    const int host = std::stoi(source.name.substr(4));
    for (int page = 1; page <= site.pages; ++page)
      outcome.follow.push_back({site.url(host, page), PageRole::thread, "s"});
    return outcome;
  };
  const SystemClock clock;
  Crawler crawler(frontier, **fetcher, clock, options);
  const auto report = crawler.run(runs, handler, {}, {});
  if (!report) fmt::print(stderr, "{}\n", report.error().message);
  return report ? report->pages : 0;
}

std::size_t crawl_in_fresh_folder(const Site& site) {
  std::string pattern = (std::filesystem::temp_directory_path() / "handlewatch-bench.XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(pattern.data());
  const SystemClock clock;
  std::size_t pages = 0;
  if (auto frontier = Frontier::open(folder / "frontier.db", clock)) pages = crawl(site, *frontier);
  std::filesystem::remove_all(folder);
  return pages;
}

void print(std::string_view what, const Cost& cost) {
  fmt::print("{:<22}{:>7} pages {:>9.0f} pages/s {:>8.1f} us CPU a page\n", what, cost.pages,
             static_cast<double>(cost.pages) / cost.wall, cost.cpu / static_cast<double>(cost.pages) * 1e6);
}

const Cost& cheaper(const Cost& a, const Cost& b) { return b.cpu < a.cpu ? b : a; }

int argument(int count, char** values, int at, int otherwise) {
  return count > at ? std::max(1, std::atoi(values[at])) : otherwise;
}

}  // namespace

int main(int count, char** values) {
  Site site;
  site.hosts = std::min(argument(count, values, 1, 16), 250);
  site.pages = argument(count, values, 2, 300);
  const int rounds = argument(count, values, 3, 3);
  std::vector<int> listeners{listen_at(0, 0)};
  site.port = port_of(listeners[0]);
  for (int host = 1; host < site.hosts; ++host) listeners.push_back(listen_at(host, site.port));
  if (std::count(listeners.begin(), listeners.end(), -1) > 0) {
    fmt::print(stderr, "cannot listen on 127.0.0.1 to 127.0.0.{} at port {}: run it again, the port may be taken\n",
               site.hosts, site.port);
    return 1;
  }
  const pid_t server = ::fork();
  if (server == 0) serve(listeners);
  for (const int listener : listeners) ::close(listener);
  curl_global_init(CURL_GLOBAL_DEFAULT);

  fmt::print("{} hosts, {} pages of 32 KB each, one connection per host, no delay, best of {} rounds\n", site.hosts,
             site.pages + 1, rounds);
  Cost bare;
  Cost ours;
  for (int round = 0; round < rounds; ++round) {
    const Cost one = measured([&] { return bare_loop(site); });
    const Cost two = measured([&] { return crawl_in_fresh_folder(site); });
    bare = round == 0 ? one : cheaper(bare, one);
    ours = round == 0 ? two : cheaper(ours, two);
  }
  print("bare libcurl multi", bare);
  print("crawler", ours);
  fmt::print("ratio per CPU-second  {:.2f}   per second of wall time  {:.2f}\n", bare.cpu / ours.cpu,
             bare.wall / ours.wall);
  ::kill(server, SIGKILL);
  ::waitpid(server, nullptr, 0);
  const auto expected = static_cast<std::size_t>(site.hosts) * static_cast<std::size_t>(site.pages + 1);
  return bare.pages == expected && ours.pages == expected ? 0 : 1;
}
