#include <memory>
#include <thread>

#include <doctest/doctest.h>
#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crawler/fetcher.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::crawler;

namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

std::unique_ptr<X509, Free> self_signed(EVP_PKEY* key) {
  std::unique_ptr<X509, Free> certificate(X509_new());
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const std::string host = "127.0.0.1";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  REQUIRE(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
  return certificate;
}

}  // namespace

TEST_CASE("a certificate that nobody vouches for is refused, and nothing is asked of its server") {
  const std::unique_ptr<EVP_PKEY, Free> key(EVP_RSA_gen(2048));
  const auto certificate = self_signed(key.get());
  httplib::SSLServer server(certificate.get(), key.get());
  REQUIRE(server.is_valid());
  std::atomic<int> asked{0};
  server.Get(".*", [&](const httplib::Request&, httplib::Response& response) {
    ++asked;
    response.set_content("secret", "text/html");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread thread([&] { server.listen_after_bind(); });
  FetchRules rules;
  rules.network_allow = {"127.0.0.0/8"};
  auto fetcher = make_curl_fetcher(rules);
  REQUIRE_OK(fetcher);
  (*fetcher)->start(1, {{"https://127.0.0.1:" + std::to_string(port) + "/", PageRole::entry, ""}, "", {}, {}});
  std::vector<Fetched> done;
  while (done.empty()) done = (*fetcher)->wait(std::chrono::seconds(10));
  server.stop();
  thread.join();
  REQUIRE_FALSE(done.front().document.has_value());
  CHECK(done.front().document.error().message == "its TLS certificate cannot be verified");
  CHECK(asked == 0);
}
