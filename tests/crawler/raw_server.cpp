#include "tests/crawler/raw_server.h"

#include <cstring>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

namespace hw::test {
namespace {

constexpr int kPollMillis = 20;

bool ready(int descriptor, short events) {
  pollfd entry{descriptor, events, 0};
  return ::poll(&entry, 1, kPollMillis) > 0;
}

}  // namespace

std::string Connection::read_head() {
  std::string head;
  char byte = 0;
  while (!stopping_ && !head.ends_with("\r\n\r\n")) {
    if (!ready(descriptor_, POLLIN)) continue;
    if (::recv(descriptor_, &byte, 1, 0) != 1) return {};
    head += byte;
  }
  return stopping_ ? "" : head;
}

bool Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (stopping_) return false;
    if (!ready(descriptor_, POLLOUT)) continue;
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string Connection::receive() {
  std::string bytes(4096, '\0');
  while (!stopping_) {
    if (!ready(descriptor_, POLLIN)) continue;
    const auto got = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  return {};
}

void Connection::reset() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

RawServer::RawServer(Script script, const std::string& address, Begins begins)
    : script_(std::move(script)), begins_(begins), address_(address) {
  const bool six = address.find(':') != std::string::npos;
  listener_ = ::socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(listener_ >= 0);
  sockaddr_storage storage{};
  socklen_t size = six ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  auto* four = reinterpret_cast<sockaddr_in*>(&storage);
  auto* other = reinterpret_cast<sockaddr_in6*>(&storage);
  storage.ss_family = six ? AF_INET6 : AF_INET;
  REQUIRE(::inet_pton(storage.ss_family, address.c_str(),
                      six ? static_cast<void*>(&other->sin6_addr) : static_cast<void*>(&four->sin_addr)) == 1);
  REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&storage), size) == 0);
  REQUIRE(::listen(listener_, 16) == 0);
  REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&storage), &size) == 0);
  port_ = ntohs(six ? other->sin6_port : four->sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

RawServer::~RawServer() {
  stopping_ = true;
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
}

void RawServer::accept_all() {
  while (!stopping_) {
    if (!ready(listener_, POLLIN)) continue;
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) continue;
    ++connections_;
    threads_.emplace_back([this, descriptor] { serve(descriptor); });
  }
}

void RawServer::serve(int descriptor) {
  Connection connection(descriptor, stopping_);
  const std::string head = begins_ == Begins::at_once ? "" : connection.read_head();
  if (begins_ == Begins::at_once) {
    script_(connection, head);
  } else if (!head.empty()) {
    {
      const std::lock_guard lock(mutex_);
      heads_.push_back(head);
    }
    script_(connection, head);
  }
  ::close(descriptor);
}

std::string RawServer::url(std::string_view path) const {
  const bool six = address_.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}{}", six ? "[" : "", address_, six ? "]" : "", port_, path);
}

std::vector<std::string> RawServer::heads() const {
  const std::lock_guard lock(mutex_);
  return heads_;
}

std::string answer(std::string_view status, std::string_view headers, std::string_view body) {
  return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\n\r\n{}", status, headers, body.size(), body);
}

std::string page(std::string_view body) { return answer("200 OK", "Content-Type: text/html\r\n", body); }

std::string gzip_of_zeros(std::size_t size) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string chunk(1U << 20, 'a');
  std::string out;
  std::string buffer(1U << 16, '\0');
  while (size > 0) {
    const std::size_t now = std::min(size, chunk.size());
    size -= now;
    stream.next_in = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_in = static_cast<uInt>(now);
    do {
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = static_cast<uInt>(buffer.size());
      deflate(&stream, size == 0 ? Z_FINISH : Z_NO_FLUSH);
      out.append(buffer, 0, buffer.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return out;
}

}  // namespace hw::test
