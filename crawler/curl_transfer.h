// One exchange on a libcurl easy handle: what is sent, and the judges that sit in its callbacks.
//
// Every limit is kept while bytes arrive: the type is judged when the headers end, the content by its first bytes, the
// size as libcurl hands on decoded bytes. Used by curl_fetcher.cpp only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <curl/curl.h>

#include "crawler/fetcher.h"
#include "crawler/guard.h"

namespace hw::crawler {

class CurlTransfer {
 public:
  // Borrows rules and guard; they outlive it.
  CurlTransfer(const FetchRules& rules, const AddressGuard& guard);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // Makes the handle ready for this request; the transfer may be used again after finish().
  void prepare(Ticket ticket, const FetchRequest& request);
  // What came of it, once libcurl says that it is done.
  Fetched finish(CURLcode code);
  CURL* handle() const { return handle_.get(); }

 private:
  struct CleanUp {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  enum class Cut { none, refused, body_unwanted };

  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static int on_debug(CURL* handle, curl_infotype kind, char* bytes, std::size_t size, void* self);
  static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

  void set_options();
  void set_proxy(const Proxy& proxy);
  bool may_connect_to(const Address& address);
  bool take_header(std::string_view line);
  bool take_status(std::string_view line);
  bool end_of_headers();
  void make_room();
  bool take_body(std::string_view bytes);
  void note_received(std::string_view bytes);
  std::string leaf_certificate() const;
  bool refuse(std::string reason);
  bool leave_out_body();
  bool wants_body() const { return document_.status >= 200 && document_.status < 300; }
  std::uint64_t received() const;
  Error error_of(CURLcode code) const;
  long http_version() const;
  FetchTimings timings() const;

  const FetchRules& rules_;
  const AddressGuard& guard_;
  std::unique_ptr<CURL, CleanUp> handle_;
  std::unique_ptr<curl_slist, CleanUp> sent_headers_;
  Ticket ticket_ = 0;
  Document document_;
  std::size_t header_bytes_ = 0;
  bool status_line_next_ = true;
  bool encoded_ = false;  // what is received differs from the body
  Cut cut_ = Cut::none;
  std::string reason_;  // why we cut it
  Expects expects_ = Expects::page;
  bool by_proxy_ = false;
  std::optional<Address> proxy_address_;  // where the proxy's host is written as a number
  std::string_view unreachable_;          // what the guard said of the last address it refused
};

}  // namespace hw::crawler
