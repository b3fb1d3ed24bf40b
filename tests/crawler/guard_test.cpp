#include "crawler/guard.h"

#include <doctest/doctest.h>

#include "tests/support/support.h"

using namespace hw;
using namespace hw::crawler;

namespace {

AddressGuard guard_allowing(const std::vector<std::string>& allow) {
  auto guard = AddressGuard::create(allow);
  REQUIRE_OK(guard);
  return *guard;
}

std::string_view objection(const AddressGuard& guard, std::string_view text) {
  const auto address = parse_address(text);
  REQUIRE_MESSAGE(address.has_value(), std::string(text));
  return guard.objection(*address);
}

}  // namespace

TEST_CASE("globally routable addresses are reached") {
  const AddressGuard guard = guard_allowing({});
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.1", "172.15.255.255", "172.32.0.0", "192.167.255.255", "198.17.255.255", "198.20.0.0",
        "223.255.255.255", "2001:200::1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"})
    CHECK_MESSAGE(objection(guard, text) == "", text);
}

TEST_CASE("addresses that are not globally routable are refused by name") {
  const AddressGuard guard = guard_allowing({});
  const std::pair<const char*, const char*> cases[] = {
      {"0.0.0.0", "an address of this network"},
      {"0.255.255.255", "an address of this network"},
      {"10.0.0.0", "a private address"},
      {"10.255.255.255", "a private address"},
      {"100.64.0.0", "a carrier's shared address"},
      {"100.127.255.255", "a carrier's shared address"},
      {"127.0.0.1", "a loopback address"},
      {"127.255.255.255", "a loopback address"},
      {"169.254.169.254", "a link-local address"},
      {"172.16.0.0", "a private address"},
      {"172.31.255.255", "a private address"},
      {"192.0.0.8", "a protocol assignment"},
      {"192.0.2.1", "a documentation address"},
      {"192.88.99.1", "a 6to4 relay"},
      {"192.168.1.1", "a private address"},
      {"198.18.0.1", "a benchmarking address"},
      {"198.19.255.255", "a benchmarking address"},
      {"198.51.100.1", "a documentation address"},
      {"203.0.113.255", "a documentation address"},
      {"224.0.0.1", "a multicast address"},
      {"239.255.255.255", "a multicast address"},
      {"240.0.0.1", "a reserved address"},
      {"255.255.255.255", "a reserved address"},
      {"::", "the unspecified address"},
      {"::1", "a loopback address"},
      {"[::1]", "a loopback address"},
      {"::2", "not a globally routable address"},
      {"::7f00:1", "not a globally routable address"},  // the deprecated IPv4-compatible form
      {"::ffff:127.0.0.1", "a loopback address"},
      {"::ffff:a00:1", "a private address"},
      {"::ffff:0:127.0.0.1", "not a globally routable address"},  // the deprecated translated form
      {"64:ff9b::7f00:1", "a loopback address"},
      {"64:ff9b::a9fe:a9fe", "a link-local address"},
      {"64:ff9b:1::808:808", "a local NAT64 address"},
      {"100::1", "not a globally routable address"},
      {"2001::1", "a Teredo tunnel"},
      {"2001:0:4136:e378:8000:63bf:3fff:fdd2", "a Teredo tunnel"},
      {"2001:10::1", "a protocol assignment"},
      {"2001:db8::1", "a documentation address"},
      {"2002:7f00:1::", "a 6to4 tunnel"},
      {"2002:808:808::", "a 6to4 tunnel"},
      {"3fff::1", "a documentation address"},
      {"4000::1", "not a globally routable address"},
      {"5f00::1", "not a globally routable address"},
      {"fc00::1", "a private address"},
      {"fdff::1", "a private address"},
      {"fe80::1", "a link-local address"},
      {"febf::1", "a link-local address"},
      {"fec0::1", "a site-local address"},
      {"ff02::1", "a multicast address"},
  };
  for (const auto& [text, what] : cases) CHECK_MESSAGE(objection(guard, text) == what, text);
}

TEST_CASE("what the operator lists is reached, and nothing beside it") {
  const AddressGuard guard = guard_allowing({"127.0.0.0/8", "10.1.2.3", "fd12::/16"});
  CHECK(objection(guard, "127.9.9.9") == "");
  CHECK(objection(guard, "::ffff:127.0.0.1") == "");
  CHECK(objection(guard, "64:ff9b::7f00:1") == "");
  CHECK(objection(guard, "10.1.2.3") == "");
  CHECK(objection(guard, "10.1.2.4") == "a private address");
  CHECK(objection(guard, "fd12::1") == "");
  CHECK(objection(guard, "fd13::1") == "a private address");
  CHECK(objection(guard, "::1") == "a loopback address");
  CHECK(guard.lists(*parse_address("127.0.0.1")));
  CHECK_FALSE(guard.lists(*parse_address("8.8.8.8")));
}

TEST_CASE("a listing of all IPv4 does not let IPv6 in") {
  const AddressGuard guard = guard_allowing({"0.0.0.0/0"});
  CHECK(objection(guard, "192.168.0.1") == "");
  CHECK(objection(guard, "::1") == "a loopback address");
}

TEST_CASE("ranges are held to every bit of their length") {
  const auto range = parse_range("172.16.0.0/12");
  REQUIRE_OK(range);
  CHECK(range->holds(*parse_address("172.16.0.0")));
  CHECK(range->holds(*parse_address("172.31.255.255")));
  CHECK_FALSE(range->holds(*parse_address("172.32.0.0")));
  CHECK_FALSE(range->holds(*parse_address("172.15.255.255")));
}

TEST_CASE("a range that cannot be read is told with the mend") {
  for (const char* text : {"", "localhost", "127.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1",
                           "10.0.0/8", "/8", "10.0.0.1/8", "0x7f.0.0.1/8", "fd00::1/8", "10.0.0.0/8 "}) {
    const auto range = parse_range(text);
    REQUIRE_FALSE_MESSAGE(range.has_value(), text);
    CHECK(range.error().code == ErrorCode::configuration);
    CHECK(range.error().message.find("write it like 127.0.0.0/8") != std::string::npos);
  }
}

TEST_CASE("only plain literals are read as addresses") {
  for (const char* text :
       {"", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "127.0.0.1.", "localhost", "fe80::1%lo"})
    CHECK_FALSE_MESSAGE(parse_address(text).has_value(), text);
}
