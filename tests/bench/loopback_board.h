// Hosts to crawl: one board, served by nginx at as many loopback addresses as are asked for. Its pages are invented and
// neutral, in phpBB's manner, of about 32 KB; one topic in a hundred has a post that is a hit.
//
// The server is a process of its own, so that its CPU is not counted. It and its files are gone with the object.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"

namespace hw::bench {

class LoopbackBoard {
 public:
  static constexpr int kMostHosts = 250;

  // Nothing where nginx is absent or does not start; says why on standard error.
  static std::unique_ptr<LoopbackBoard> serve(int hosts, int topics);
  ~LoopbackBoard();
  LoopbackBoard(const LoopbackBoard&) = delete;
  LoopbackBoard& operator=(const LoopbackBoard&) = delete;

  std::string forum(int host) const;
  std::string topic(int host, int number) const;  // from 1
  // One a host, without a delay.
  std::vector<config::SourceSpec> sources() const;
  // Host-interleaved, as every crawler asks.
  std::vector<std::string> all_pages() const;
  int hosts() const { return hosts_; }
  int topics() const { return topics_; }
  std::size_t pages() const { return static_cast<std::size_t>(hosts_) * static_cast<std::size_t>(topics_ + 1); }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  LoopbackBoard(int hosts, int topics) : hosts_(hosts), topics_(topics) {}
  void write_pages() const;
  void write_configuration() const;
  bool start();
  bool answers() const;

  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  int hosts_;
  int topics_;
  int process_ = -1;
};

}  // namespace hw::bench
