// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

#include <boost/asio/ip/address.hpp>

#include "storage/model/error.hpp"

namespace eventd::runtime {

class connection_counter;

/// An address as it is counted: the IPv4 one of a mapped IPv6 one; of another
/// IPv6 one its /64, which is what one machine is given.
boost::asio::ip::address plain_address(const boost::asio::ip::address& x);

/// Whether the address is this machine's own, for which there is no bound of
/// its own: 127.0.0.0/8, ::1, and the former mapped into IPv6.
bool is_exempt(const boost::asio::ip::address& x);

/// A connection that was let in, counted until this is destroyed.
class connection_ticket {
public:
  connection_ticket() = default;
  connection_ticket(connection_ticket&& x) noexcept;
  connection_ticket& operator=(connection_ticket&& x) noexcept;
  ~connection_ticket();

private:
  friend class connection_counter;

  connection_ticket(connection_counter& of, boost::asio::ip::address address)
    : of_(&of), address_(std::move(address)) {}

  connection_counter* of_ = nullptr;
  boost::asio::ip::address address_;
};

/// Lets connections in until there are too many, in all or of one address.
/// With a bound of 2 for one address, the third of 192.0.2.1 is refused until
/// one of the others ends; the third of 127.0.0.1 is not.
/// Threads: any. Blocking: for a moment.
class connection_counter {
public:
  connection_counter(size_t all_max, size_t per_address_max)
    : all_max_(all_max), per_address_max_(per_address_max) {}
  connection_counter(const connection_counter&) = delete;
  connection_counter& operator=(const connection_counter&) = delete;

  /// @pre this lives longer than what it answers
  /// @errors `ec::overloaded`, which says of what there are too many
  result<connection_ticket> enter(const boost::asio::ip::address& from);

  uint64_t refused_for_all() const { return refused_for_all_; }
  uint64_t refused_for_address() const { return refused_for_address_; }

private:
  friend class connection_ticket;

  void leave(const boost::asio::ip::address& from);

  const size_t all_max_;
  const size_t per_address_max_;
  std::mutex mutex_;
  size_t all_ = 0;
  std::map<boost::asio::ip::address, size_t> by_address_; ///< Without zeros.
  std::atomic<uint64_t> refused_for_all_{0};
  std::atomic<uint64_t> refused_for_address_{0};
};

} // namespace eventd::runtime
