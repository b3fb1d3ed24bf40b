#include "tests/bench/bare_loop.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hw::bench {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_of(const rusage& usage) { return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime); }

double cpu_now() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return cpu_of(usage);
}

double wall_since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

struct Exchange {
  CURL* handle = curl_easy_init();
  std::string body{};
};

std::size_t keep(char* bytes, std::size_t size, std::size_t count, void* into) {
  static_cast<Exchange*>(into)->body.append(bytes, size * count);
  return size * count;
}

}  // namespace

Folder::Folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "handlewatch-bench.XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

const Cost& cheaper(const Cost& a, const Cost& b) { return a.pages == 0 || b.cpu < a.cpu ? b : a; }

void print(std::string_view what, const Cost& cost) {
  fmt::print("  {:<40}{:>7} pages {:>9.0f} pages/s {:>8.1f} us CPU a page\n", what, cost.pages,
             static_cast<double>(cost.pages) / cost.wall, cost.a_page() * 1e6);
}

void print_ratio(std::string_view what, const Cost& theirs, const Cost& ours, double goal) {
  fmt::print("  {:<40}{:>7.2f}   goal {}\n", what, theirs.a_page() / ours.a_page(), goal);
}

int argument(int count, char** values, int at, int otherwise) {
  return count > at ? std::max(1, std::atoi(values[at])) : otherwise;
}

Cost measured(const std::function<std::size_t()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  const double cpu = cpu_now();
  const std::size_t pages = work();
  return {wall_since(begun), cpu_now() - cpu, pages};
}

Cost measured_program(const std::vector<std::string>& command) {
  const auto begun = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int descriptor : {0, 1, 2}) ::dup2(nowhere, descriptor);
    ::execvp(words[0], words.data());
    ::_exit(127);
  }
  int status = 0;
  rusage usage{};
  if (::wait4(child, &status, 0, &usage) != child || (WIFEXITED(status) && WEXITSTATUS(status) == 127)) return {};
  return {wall_since(begun), cpu_of(usage), 1};
}

std::size_t bare_loop(const std::vector<std::string>& urls, std::size_t at_once,
                      const std::function<void(const std::string& body)>& take) {
  CURLM* multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 1000L);
  std::vector<std::unique_ptr<Exchange>> all;
  std::size_t next = 0;
  std::size_t pages = 0;
  const auto begin = [&](Exchange& exchange) {
    if (next == urls.size()) return;
    exchange.body.clear();
    curl_easy_setopt(exchange.handle, CURLOPT_URL, urls[next++].c_str());
    curl_multi_add_handle(multi, exchange.handle);
  };
  for (std::size_t i = 0; i < at_once; ++i) {
    all.push_back(std::make_unique<Exchange>());
    Exchange& exchange = *all.back();
    curl_easy_setopt(exchange.handle, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(exchange.handle, CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(exchange.handle, CURLOPT_PRIVATE, &exchange);
    curl_easy_setopt(exchange.handle, CURLOPT_PROXY, "");
    begin(exchange);
  }
  for (int running = 1; running > 0;) {
    curl_multi_perform(multi, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      Exchange* exchange = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
      curl_multi_remove_handle(multi, exchange->handle);
      take(exchange->body);
      ++pages;
      begin(*exchange);
      running = 1;
    }
    if (running > 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
  }
  for (const auto& exchange : all) curl_easy_cleanup(exchange->handle);
  curl_multi_cleanup(multi);
  return pages;
}

}  // namespace hw::bench
