#include "crawler/guard.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

namespace hw::crawler {
namespace {

struct Refused {
  std::string_view range;
  std::string_view what;
};

// IANA's special-purpose registries (RFC 6890 and its updates), what is not "globally reachable" there, and multicast.
constexpr Refused kRefused[] = {
    {"0.0.0.0/8", "an address of this network"},
    {"10.0.0.0/8", "a private address"},
    {"100.64.0.0/10", "a carrier's shared address"},
    {"127.0.0.0/8", "a loopback address"},
    {"169.254.0.0/16", "a link-local address"},
    {"172.16.0.0/12", "a private address"},
    {"192.0.0.0/24", "a protocol assignment"},
    {"192.0.2.0/24", "a documentation address"},
    {"192.88.99.0/24", "a 6to4 relay"},
    {"192.168.0.0/16", "a private address"},
    {"198.18.0.0/15", "a benchmarking address"},
    {"198.51.100.0/24", "a documentation address"},
    {"203.0.113.0/24", "a documentation address"},
    {"224.0.0.0/4", "a multicast address"},
    {"240.0.0.0/4", "a reserved address"},
    {"::/128", "the unspecified address"},
    {"::1/128", "a loopback address"},
    {"64:ff9b:1::/48", "a local NAT64 address"},
    {"2001::/32", "a Teredo tunnel"},
    {"2001::/23", "a protocol assignment"},
    {"2001:db8::/32", "a documentation address"},
    {"2002::/16", "a 6to4 tunnel"},
    {"3fff::/20", "a documentation address"},
    {"fc00::/7", "a private address"},
    {"fe80::/10", "a link-local address"},
    {"fec0::/10", "a site-local address"},
    {"ff00::/8", "a multicast address"},
};

struct RefusedRange {
  AddressRange range;
  std::string_view what;
};

const std::vector<RefusedRange>& refused_ranges() {
  static const std::vector<RefusedRange> ranges = [] {
    std::vector<RefusedRange> out;
    for (const Refused& entry : kRefused) out.push_back({*parse_range(entry.range), entry.what});
    return out;
  }();
  return ranges;
}

Address mapped(const std::uint8_t* four_bytes) {
  Address out;
  out.bytes[10] = out.bytes[11] = 0xFF;
  std::copy_n(four_bytes, 4, out.bytes.begin() + 12);
  return out;
}

bool begins_with(const Address& address, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.bytes.begin());
}

bool is_mapped(const Address& address) { return begins_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}); }

// RFC 6052 §2.1: the well-known NAT64 prefix 64:ff9b::/96 carries an IPv4 address in its last four bytes.
Address unwrapped(const Address& address) {
  const bool nat64 = begins_with(address, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0});
  return nat64 ? mapped(address.bytes.data() + 12) : address;
}

// Whether a host's last part is a number, decimal or hexadecimal: then it is meant as an IPv4 address (WHATWG URL
// §3.5).
bool ends_in_number(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  if (last.starts_with("0x")) return last.find_first_not_of("0123456789abcdef", 2) == std::string_view::npos;
  return !last.empty() && last.find_first_not_of("0123456789") == std::string_view::npos;
}

// RFC 6762 (local), RFC 8375 (home.arpa), and what ICANN keeps for private use (internal).
bool only_in_private_networks(std::string_view host) {
  constexpr std::string_view kSuffixes[] = {".local", ".internal", ".home.arpa"};
  const auto is_below = [&](std::string_view suffix) { return host.ends_with(suffix); };
  return host.find('.') == std::string_view::npos || std::any_of(std::begin(kSuffixes), std::end(kSuffixes), is_below);
}

tl::unexpected<Error> bad_range(std::string_view text, std::string_view why) {
  return fail(ErrorCode::configuration,
              fmt::format("network.allow: \"{}\" {}; write it like 127.0.0.0/8 or fd00::/8", text, why));
}

bool bits_past_prefix(const AddressRange& range) {
  for (int bit = range.prefix; bit < 128; ++bit)
    if ((range.first.bytes[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8) & 1) != 0) return true;
  return false;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  const std::string terminated(text);
  in_addr four{};
  if (inet_pton(AF_INET, terminated.c_str(), &four) == 1) return mapped(reinterpret_cast<const std::uint8_t*>(&four));
  Address six;
  if (inet_pton(AF_INET6, terminated.c_str(), six.bytes.data()) == 1) return six;
  return std::nullopt;
}

std::optional<Address> address_of(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    const auto* four = reinterpret_cast<const sockaddr_in*>(address);
    return mapped(reinterpret_cast<const std::uint8_t*>(&four->sin_addr));
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  Address six;
  std::memcpy(six.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, six.bytes.size());
  return six;
}

bool AddressRange::holds(const Address& address) const {
  const auto whole = static_cast<std::size_t>(prefix / 8);
  if (!std::equal(first.bytes.begin(), first.bytes.begin() + static_cast<std::ptrdiff_t>(whole), address.bytes.begin()))
    return false;
  const int rest = prefix % 8;
  return rest == 0 || (first.bytes[whole] ^ address.bytes[whole]) >> (8 - rest) == 0;
}

Result<AddressRange> parse_range(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return bad_range(text, "is no range of addresses");
  const int most = is_mapped(*address) && text.find(':') == std::string_view::npos ? 32 : 128;
  int length = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc{} || end != digits.data() + digits.size() || length < 0 || length > most)
      return bad_range(text, "has no length that an address can have");
  }
  const AddressRange range{*address, length + 128 - most};
  if (bits_past_prefix(range)) return bad_range(text, "has bits beyond its length");
  return range;
}

Result<AddressGuard> AddressGuard::create(const std::vector<std::string>& allow) {
  AddressGuard guard;
  for (const std::string& text : allow) {
    const auto range = parse_range(text);
    if (!range) return tl::unexpected(range.error());
    guard.allow_.push_back(*range);
  }
  return guard;
}

bool AddressGuard::lists(const Address& address) const {
  const Address inner = unwrapped(address);
  return std::any_of(allow_.begin(), allow_.end(),
                     [&](const AddressRange& range) { return range.holds(address) || range.holds(inner); });
}

std::string_view AddressGuard::objection(const Address& address) const {
  if (lists(address)) return {};
  const Address inner = unwrapped(address);
  for (const RefusedRange& refused : refused_ranges())
    if (refused.range.holds(inner)) return refused.what;
  const bool global_unicast = (inner.bytes[0] & 0xE0) == 0x20;  // 2000::/3, RFC 4291 §2.4
  return is_mapped(inner) || global_unicast ? std::string_view{} : "not a globally routable address";
}

std::string_view AddressGuard::objection_as_written(std::string_view host) const {
  while (host.ends_with('.')) host.remove_suffix(1);
  if (const auto address = parse_address(host)) return objection(*address);
  if (host == "localhost" || host.ends_with(".localhost")) return objection(*parse_address("127.0.0.1"));
  if (host.empty() || host.front() == '[' || ends_in_number(host)) return "an address in disguise";
  return only_in_private_networks(host) ? std::string_view("a name of a private network") : std::string_view{};
}

}  // namespace hw::crawler
