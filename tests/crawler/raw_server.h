// A server on loopback that sends exactly the bytes a test says, well-formed or not. One thread accepts; each
// connection has its own, so that one that hangs does not hold up the others. All end with the object.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hw::test {

class Connection {
 public:
  explicit Connection(int descriptor, const std::atomic<bool>& stopping)
      : descriptor_(descriptor), stopping_(stopping) {}
  // One request head, up to and with its empty line; empty when the client is gone.
  std::string read_head();
  // False when the client is gone or the server is stopping.
  bool send(std::string_view bytes);
  // Some bytes that the client sent; empty when it is gone or the server is stopping.
  std::string receive();
  void reset();  // RST instead of FIN at the end
  bool stopping() const { return stopping_; }

 private:
  int descriptor_;
  const std::atomic<bool>& stopping_;
};

class RawServer {
 public:
  using Script = std::function<void(Connection&, const std::string& head)>;
  // Whether a request head is read before the script is asked, or the script reads all itself.
  enum class Begins { with_a_head, at_once };
  // `address` is an IPv4 loopback address or "::1".
  explicit RawServer(Script script, const std::string& address = "127.0.0.1", Begins begins = Begins::with_a_head);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view path = "/") const;
  std::vector<std::string> heads() const;  // of all requests so far
  std::size_t connections() const { return connections_; }

 private:
  void accept_all();
  void serve(int descriptor);

  Script script_;
  Begins begins_;
  std::string address_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> connections_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> heads_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// A whole answer with its Content-Length.
std::string answer(std::string_view status, std::string_view headers, std::string_view body);
std::string page(std::string_view body);
// The gzip form of `size` bytes of 'a'.
std::string gzip_of_zeros(std::size_t size);

}  // namespace hw::test
