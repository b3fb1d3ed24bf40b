// Which network addresses may be connected to: the globally routable ones, and those that the operator lists.
//
// Judged on the resolved address when a socket is about to be opened, never on the spelling of a name, so that decimal
// and octal forms, names that resolve inwards and answers that change between two look-ups all meet the same judge.
// Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

struct sockaddr;

namespace hw::crawler {

// An IPv6 address; an IPv4 one in its mapped form ::ffff:a.b.c.d, so that one table of ranges serves both.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool operator==(const Address&) const = default;
};

// A literal as inet_pton reads it: "192.0.2.7", "2001:db8::1", "[::1]". Nothing for names and for other spellings.
std::optional<Address> parse_address(std::string_view text);
// Nothing for families other than IPv4 and IPv6.
std::optional<Address> address_of(const sockaddr* address);

struct AddressRange {
  Address first;
  int prefix = 128;  // leading bits that count, of 128
  bool holds(const Address& address) const;
};

// "10.0.0.0/8", "fd00::/8", or a single address.
Result<AddressRange> parse_range(std::string_view text);

class AddressGuard {
 public:
  // Fails (configuration) on a range that cannot be read.
  static Result<AddressGuard> create(const std::vector<std::string>& allow);

  // Empty when the address may be reached, else what it is: "a loopback address". IPv4 inside mapped and NAT64
  // addresses is judged as itself; 6to4 and Teredo tunnels are refused whole.
  std::string_view objection(const Address& address) const;
  // The same of a host as a Url has it, where somebody else will look it up: an address that is written as such,
  // however it is disguised, and names that lead into a private network by their form.
  std::string_view objection_as_written(std::string_view host) const;
  // Whether the operator lists it.
  bool lists(const Address& address) const;

 private:
  std::vector<AddressRange> allow_;
};

}  // namespace hw::crawler
