// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/config/node_address.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <boost/asio/ip/address.hpp>

namespace eventd::runtime {

namespace {

using boost::asio::ip::address;

failure bad(std::string_view text, const std::string& what) {
  return {ec::invalid_config, '\'' + std::string{text} + "' " + what};
}

/// A whole number in plain digits, at most `max`.
std::optional<uint64_t> to_number(std::string_view digits, uint64_t max) {
  uint64_t x = 0;
  auto end = digits.data() + digits.size();
  auto [at, error] = std::from_chars(digits.data(), end, x);
  if (error != std::errc{} || at != end || x > max || digits.front() == '0')
    return std::nullopt;
  return x;
}

std::optional<address> ip_of(const std::string& host) {
  boost::system::error_code wrong;
  auto x = boost::asio::ip::make_address(host, wrong);
  return wrong ? std::nullopt : std::optional{x};
}

/// Letters, digits and hyphens between dots. What ends in a number is an IPv4
/// address that went wrong, and no name.
bool is_name(std::string_view x) {
  auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'
           || c == '_' || c == '.';
  };
  auto last = x.substr(std::min(x.rfind('.') + 1, x.size()));
  return x.size() <= 253 && x.front() != '.' && x.front() != '-'
         && x.find("..") == x.npos && std::all_of(x.begin(), x.end(), plain)
         && last.find_first_not_of("0123456789") != last.npos;
}

} // namespace

std::string node_address::text() const {
  auto shown = host.find(':') == host.npos ? host : '[' + host + ']';
  return shown + ':' + std::to_string(port);
}

bool node_address::is_ip() const {
  return ip_of(host).has_value();
}

bool node_address::is_loopback() const {
  auto ip = ip_of(host);
  return ip && ip->is_loopback();
}

bool node_address::is_wildcard() const {
  auto ip = ip_of(host);
  return ip && ip->is_unspecified();
}

result<node_address> parse_node_address(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == text.npos || colon == 0)
    return bad(text, "is not HOST:PORT");
  auto port = to_number(text.substr(colon + 1), 65'535);
  if (!port)
    return bad(text, "has no port (1 to 65535) after its last colon");
  std::string host{text.substr(0, colon)};
  auto bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  auto ip = ip_of(host);
  if (bracketed != (ip && ip->is_v6()))
    return bad(text, bracketed ? "has no IPv6 address in its brackets"
                               : "needs its IPv6 address in brackets: "
                                 "[IPv6]:PORT");
  if (ip)
    return node_address{ip->to_string(), static_cast<uint16_t>(*port)};
  std::transform(host.begin(), host.end(), host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (!is_name(host))
    return bad(text, "begins with neither an IP address nor a host's name");
  return node_address{host == "localhost" ? "127.0.0.1" : host,
                      static_cast<uint16_t>(*port)};
}

result<uint64_t> parse_node_id(std::string_view text) {
  auto id = to_number(text, node_id_max);
  if (!id)
    return bad(text, "is not a node's id (1 to 65535)");
  return *id;
}

} // namespace eventd::runtime
