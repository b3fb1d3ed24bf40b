#include "web/server.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>

#include "common/text.h"

namespace hw::web {
namespace {

constexpr const char* kLoopback = "127.0.0.1";

HttpRequest request_of(const httplib::Request& from) {
  HttpRequest request;
  request.method = from.method;
  const auto question = from.target.find('?');
  request.path = from.target.substr(0, question);
  if (question != std::string::npos) request.query = from.target.substr(question + 1);
  for (const auto& [name, value] : from.headers) request.headers.push_back({name, value});
  return request;
}

HttpResponse answer(const Handler& handler, const HttpRequest& request) {
  try {
    return handler(request);
  } catch (const std::exception&) {
    return {500, "text/plain; charset=utf-8", "internal error\n"};
  }
}

// The body, if any, is not read, so the connection cannot go on.
void refuse_method(httplib::Response& response) {
  response.status = 405;
  response.set_header("Allow", "GET, HEAD");
  response.set_header("Connection", "close");
}

// httplib shares a taken port (SO_REUSEPORT) unless it is told otherwise: two servers would then split the requests.
void own_the_port(socket_t socket) {
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

}  // namespace

std::optional<std::string_view> HttpRequest::header(std::string_view name) const {
  for (const Header& header : headers)
    if (equals_ignoring_case(header.name, name)) return header.value;
  return std::nullopt;
}

struct Server::Impl {
  httplib::Server http;
  Handler handler;
  RequestLog log;
  std::atomic<std::uint64_t> requests{0};
  int port = -1;
  std::thread thread;

  Impl(Handler handle, RequestLog logger) : handler(std::move(handle)), log(std::move(logger)) {}

  void configure(std::size_t threads) {
    http.new_task_queue = [threads] { return new httplib::ThreadPool(threads); };  // httplib's contract: it deletes it
    http.set_socket_options(own_the_port);
    http.set_keep_alive_timeout(1);
    http.set_keep_alive_max_count(1000000);
    http.set_tcp_nodelay(true);
    // Before routing, because httplib routes with std::regex.
    http.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      if (request.method == "GET" || request.method == "HEAD")
        serve(request, response);
      else
        refuse_method(response);
      return httplib::Server::HandlerResponse::Handled;
    });
  }

  void serve(const httplib::Request& from, httplib::Response& into) {
    const HttpRequest request = request_of(from);
    const HttpResponse response = answer(handler, request);
    into.status = response.status;
    for (const Header& header : response.headers) into.set_header(header.name, header.value);
    into.set_content(response.body, response.content_type);
    ++requests;
    if (log) log(request, response);
  }

  bool bind(std::uint16_t wanted) {
    if (wanted == 0)
      port = http.bind_to_any_port(kLoopback);
    else
      port = http.bind_to_port(kLoopback, wanted) ? wanted : -1;
    return port > 0;
  }

  void run() {
    thread = std::thread([this] { http.listen_after_bind(); });
    // httplib's stop() is lost unless the loop has begun.
    while (!http.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
};

Result<Server> Server::start(Handler handler, ServerOptions options) {
  auto impl = std::make_unique<Impl>(std::move(handler), std::move(options.log));
  impl->configure(std::max<std::size_t>(1, options.threads));
  if (!impl->bind(options.port))
    return fail(ErrorCode::io,
                fmt::format("cannot listen on {}:{}: the port is taken, choose another", kLoopback, options.port));
  impl->run();
  return Server(std::move(impl));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;
Server::~Server() {
  if (impl_) stop();
}

void Server::stop() {
  impl_->http.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

std::uint16_t Server::port() const { return static_cast<std::uint16_t>(impl_->port); }
std::string Server::url() const { return fmt::format("http://{}:{}/", kLoopback, impl_->port); }
std::uint64_t Server::requests() const { return impl_->requests; }

}  // namespace hw::web
