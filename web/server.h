// A small HTTP server on loopback: it hands each request to one function and sends back what that returns.
//
// start() returns when the port is bound and answers; requests are served on a bounded number of threads until stop()
// or the destructor. The handler and the log are called from several threads at once. An exception in the handler
// becomes a 500 without its text. GET and HEAD reach the handler, every other method is answered with 405.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/document.h"
#include "common/error.h"

namespace hw::web {

struct HttpRequest {
  std::string method;
  std::string path;   // as sent, still percent-encoded
  std::string query;  // without '?'
  std::vector<Header> headers;

  // The first header of that name (ASCII case ignored), or nothing.
  std::optional<std::string_view> header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/html; charset=utf-8";
  std::string body;
  std::vector<Header> headers = {};  // beyond Content-Type and Content-Length
};

using Handler = std::function<HttpResponse(const HttpRequest&)>;
using RequestLog = std::function<void(const HttpRequest&, const HttpResponse&)>;

struct ServerOptions {
  std::uint16_t port = 0;   // 0: any free one
  std::size_t threads = 4;  // connections served at the same time; a kept-alive one holds its thread for a second
  RequestLog log = {};      // called after each answer
};

class Server {
 public:
  // Fails (io) when the port is taken.
  static Result<Server> start(Handler handler, ServerOptions options = {});
  Server(Server&&) noexcept;
  Server& operator=(Server&&) = delete;
  ~Server();

  // Finishes the requests in flight and frees the port; an idle connection may hold it up for a second. Idempotent.
  void stop();

  std::uint16_t port() const;
  std::string url() const;         // "http://127.0.0.1:PORT/"
  std::uint64_t requests() const;  // answered since the start

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hw::web
