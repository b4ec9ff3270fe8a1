// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace eventd {

/// A number that can not be swapped with a number of another meaning.
/// With `log_offset a{7}`, `a + 3` is offset 10 and `log_offset{10} - a` is 3.
template <class Tag>
struct quantity {
  uint64_t value = 0;

  constexpr quantity() = default;
  constexpr explicit quantity(uint64_t x) : value(x) {}

  friend constexpr auto operator<=>(quantity, quantity) = default;

  constexpr quantity& operator++() {
    ++value;
    return *this;
  }
  friend constexpr quantity operator+(quantity a, uint64_t n) {
    return quantity{a.value + n};
  }
  /// @pre `b <= a`
  friend constexpr uint64_t operator-(quantity a, quantity b) {
    return a.value - b.value;
  }

  /// Lets CAF serialise the number; no other code calls this.
  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, quantity& x) {
    return f(x.value);
  }
};

/// Position of an event in its channel. Unit: events. The first is 0.
using log_offset = quantity<struct log_offset_tag>;
/// Position of an entry in its shard's Raft log. The first is 1.
using raft_index = quantity<struct raft_index_tag>;
/// Raft's leadership period. The first is 1.
using raft_term = quantity<struct raft_term_tag>;
/// Number of a channel, given once and never again. Fits 32 bits.
using channel_id = quantity<struct channel_id_tag>;
/// Tells two lives of one channel name, or two activations of an in-memory
/// channel, apart; offsets compare only inside one incarnation.
using incarnation = quantity<struct incarnation_tag>;
/// Milliseconds since 1970-01-01 UTC, as eventd's own clock tells them.
using log_time = quantity<struct log_time_tag>;
/// Number of a Raft group. 0 also holds the resources.
using shard_id = quantity<struct shard_id_tag>;

} // namespace eventd

template <class Tag>
struct std::hash<eventd::quantity<Tag>> {
  size_t operator()(eventd::quantity<Tag> x) const noexcept {
    return std::hash<uint64_t>{}(x.value);
  }
};
