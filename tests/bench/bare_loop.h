// As little as fetching can be: a bare libcurl-multi loop, and what a process used of the CPU meanwhile.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hw::bench {

inline constexpr std::size_t kAtOnce = 64;

// A fresh folder under the system's temporary one, removed with all in it.
class Folder {
 public:
  Folder();
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct Cost {
  double wall = 0;  // seconds
  double cpu = 0;   // of user and system together
  std::size_t pages = 0;
  double a_page() const { return cpu / static_cast<double>(pages); }
};

const Cost& cheaper(const Cost& a, const Cost& b);
void print(std::string_view what, const Cost& cost);
void print_ratio(std::string_view what, const Cost& theirs, const Cost& ours, double goal);
// A whole number above 0 from the command line.
int argument(int count, char** values, int at, int otherwise);

// Of this process while `work` runs, which gives the number of its pages.
Cost measured(const std::function<std::size_t()>& work);
// Of another program, until it ends; no pages where it cannot be run.
Cost measured_program(const std::vector<std::string>& command);

// Fetches all, `at_once` at the same time, in the order given; hands each body on.
std::size_t bare_loop(const std::vector<std::string>& urls, std::size_t at_once,
                      const std::function<void(const std::string& body)>& take);

}  // namespace hw::bench
