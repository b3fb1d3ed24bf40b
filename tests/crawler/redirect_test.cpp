#include "crawler/redirect.h"

#include <doctest/doctest.h>

#include "tests/support/support.h"

using namespace hw;
using namespace hw::crawler;

namespace {

Document moved_to(const std::string& location) {
  Document document;
  document.status = 302;
  document.headers = {{"Location", location}};
  return document;
}

std::string refusal(const std::string& location,
                    const std::vector<std::string>& visited = {"http://forum.test/a?b=1"}) {
  const auto judged = judge_redirect(moved_to(location), visited);
  REQUIRE_FALSE_MESSAGE(judged.has_value(), location);
  CHECK(judged.error().code == ErrorCode::refused);
  return judged.error().message;
}

std::string target(const std::string& location, const std::string& from = "http://forum.test/a?b=1") {
  const auto judged = judge_redirect(moved_to(location), {from});
  REQUIRE_OK(judged);
  return judged->text();
}

}  // namespace

TEST_CASE("redirects within the site are followed, relative ones too") {
  CHECK(target("/b") == "http://forum.test/b");
  CHECK(target("c?d=2") == "http://forum.test/c?d=2");
  CHECK(target("?d=2") == "http://forum.test/a?d=2");
  CHECK(target("//forum.test/x") == "http://forum.test/x");
  CHECK(target("http://FORUM.test:80/x#there") == "http://forum.test/x");
}

TEST_CASE("http may become https on the same host, never the other way") {
  CHECK(target("https://forum.test/b") == "https://forum.test/b");
  CHECK(refusal("http://forum.test/b", {"https://forum.test/b"}) == "a redirect from https back to http");
  CHECK(refusal("https://forum.test:8443/b").find("another host") != std::string::npos);
}

TEST_CASE("a redirect never leaves the host") {
  for (const char* location : {"http://other.test/", "http://www.forum.test/", "http://forum.test:81/", "//127.0.0.1/",
                               "http://127.0.0.1:8080/", "http://forum.test.evil.test/", "http://forum.test@evil.test/",
                               "http://evil.test/forum.test"})
    CHECK_MESSAGE(!refusal(location).empty(), location);
}

TEST_CASE("other schemes and broken addresses are refused") {
  for (const char* location : {"file:///etc/passwd", "ftp://forum.test/x", "gopher://forum.test/x",
                               "javascript:alert(1)", "data:text/html,x", "http://", "http://forum.test:99999/"})
    CHECK_MESSAGE(!refusal(location).empty(), location);
  CHECK(judge_redirect(Document{}, {"http://forum.test/"}).error().message == "a redirect that does not say where to");
}

TEST_CASE("a chain ends after five hops, and where it meets itself") {
  std::vector<std::string> visited;
  for (int i = 0; i < 5; ++i) visited.push_back("http://forum.test/" + std::to_string(i));
  CHECK(judge_redirect(moved_to("/next"), visited).has_value());
  visited.emplace_back("http://forum.test/5");
  CHECK(refusal("/next", visited) == "more than 5 redirects");
  CHECK(refusal("/a?b=1") == "a redirect that runs in a circle");
  CHECK(refusal("#again") == "a redirect that runs in a circle");
}

TEST_CASE("only the five statuses that name another place are redirects") {
  for (const int status : {301, 302, 303, 307, 308}) CHECK(is_redirect(status));
  for (const int status : {200, 300, 304, 305, 306, 309, 404}) CHECK_FALSE(is_redirect(status));
}
