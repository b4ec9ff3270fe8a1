// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/connection_counter.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "storage/model/assert.hpp"

namespace eventd::runtime {

namespace ip = boost::asio::ip;

ip::address plain_address(const ip::address& x) {
  if (x.is_v6() && x.to_v6().is_v4_mapped())
    return ip::make_address_v4(ip::v4_mapped, x.to_v6());
  if (!x.is_v6() || x.is_loopback())
    return x;
  // One machine usually has all addresses of a /64.
  auto bytes = x.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), uint8_t{0});
  return ip::make_address_v6(bytes);
}

bool is_exempt(const ip::address& x) {
  return plain_address(x).is_loopback();
}

// -- connection_ticket --------------------------------------------------------

connection_ticket::connection_ticket(connection_ticket&& x) noexcept
  : of_(std::exchange(x.of_, nullptr)), address_(x.address_) {}

connection_ticket&
connection_ticket::operator=(connection_ticket&& x) noexcept {
  std::swap(of_, x.of_);
  std::swap(address_, x.address_);
  return *this;
}

connection_ticket::~connection_ticket() {
  if (of_ != nullptr)
    of_->leave(address_);
}

// -- connection_counter -------------------------------------------------------

result<connection_ticket> connection_counter::enter(const ip::address& from) {
  auto address = plain_address(from);
  std::lock_guard guard{mutex_};
  if (all_ >= all_max_) {
    ++refused_for_all_;
    return failure{ec::overloaded, "the node has " + std::to_string(all_max_)
                                     + " connections, as many as it may"};
  }
  if (!is_exempt(address)) {
    auto& open = by_address_[address]; // Where it is new the bound is not met.
    if (open >= per_address_max_) {
      ++refused_for_address_;
      return failure{ec::overloaded, address.to_string() + " has "
                                       + std::to_string(per_address_max_)
                                       + " connections, as many as it may"};
    }
    ++open;
  }
  ++all_;
  return connection_ticket{*this, address};
}

void connection_counter::leave(const ip::address& from) {
  std::lock_guard guard{mutex_};
  EVENTD_ASSERT(all_ > 0);
  --all_;
  if (is_exempt(from))
    return;
  auto open = by_address_.find(from);
  EVENTD_ASSERT(open != by_address_.end() && open->second > 0);
  if (--open->second == 0)
    by_address_.erase(open);
}

} // namespace eventd::runtime
