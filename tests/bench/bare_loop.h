// As little as fetching can be: a bare libcurl-multi loop, and what a process used of the CPU meanwhile.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace hw::bench {

struct Cost {
  double wall = 0;  // seconds
  double cpu = 0;   // of user and system together
  std::size_t pages = 0;
  double a_page() const { return cpu / static_cast<double>(pages); }
};

// Of this process while `work` runs, which gives the number of its pages.
Cost measured(const std::function<std::size_t()>& work);
// Of another program, until it ends; no pages where it cannot be run.
Cost measured_program(const std::vector<std::string>& command);

// Fetches all, `at_once` at the same time, in the order given; hands each body on.
std::size_t bare_loop(const std::vector<std::string>& urls, std::size_t at_once,
                      const std::function<void(const std::string& body)>& take);

}  // namespace hw::bench
