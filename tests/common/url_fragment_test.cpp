#include <doctest/doctest.h>

#include "common/url.h"
#include "tests/support/support.h"

using namespace hw;

// RFC 3986 §5.2.2 and §5.4.1: "" and "#s" against http://a/b/c/d;p?q keep the query.
TEST_CASE("a reference into the same page keeps its query") {
  for (const char* reference : {"", "#s", " #s "}) {
    const auto url = resolve_url("http://a.test/b/c/d;p?q#old", reference);
    REQUIRE_OK(url);
    CHECK(url->text() == "http://a.test/b/c/d;p?q");
  }
  CHECK_FALSE(resolve_url("ftp://a.test/", "#s").has_value());
}
