// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <set>
#include <string>
#include <vector>

/// What clients did and were told while a cluster was maltreated, and the rules
/// that all of it must keep. Pure; any thread; never blocks.
namespace eventd::tests {

/// How far the client knows what became of an event. Without an answer, or with
/// 503, it may be stored or not: that is `info`, never `fail`.
enum class outcome { invoke, ok, info, fail };

/// One line of the history, about one event. Its id is "process-counter", so
/// that a loss can be located.
struct record {
  std::chrono::steady_clock::time_point at;
  outcome what = outcome::invoke;
  std::string id;
  uint64_t offset = 0; ///< Where `what` is ok.
};

/// An event as a reader saw it.
struct sighting {
  uint64_t offset = 0;
  std::string id;
};

struct history {
  std::vector<std::vector<record>> publishers; ///< Each in its own order.
  std::vector<std::vector<sighting>> readers;  ///< Each in its own order.

  void append(history other);

  /// Times of all acknowledgements, in order.
  std::vector<std::chrono::steady_clock::time_point> acks() const;

  /// Longest time within [from, to) without one, of any single publisher.
  std::chrono::milliseconds
  client_gap(std::chrono::steady_clock::time_point from,
             std::chrono::steady_clock::time_point to) const;

  std::set<std::string> acknowledged() const;

  /// One JSON object a line, in the order of time.
  void write(std::ostream& out) const;
};

/// Longest time within [from, to) without an acknowledgement. With acks at 1
/// and 4 s and [0, 5) s it is 3 s; without any it is all of it.
/// @pre `acks` are in order
std::chrono::milliseconds
longest_gap(const std::vector<std::chrono::steady_clock::time_point>& acks,
            std::chrono::steady_clock::time_point from,
            std::chrono::steady_clock::time_point to);

/// Time from an event's first sending to its acknowledgement that this share of
/// the events acknowledged within [from, to) kept; 0 where there are none.
std::chrono::milliseconds latency(const history& what, double share,
                                  std::chrono::steady_clock::time_point from,
                                  std::chrono::steady_clock::time_point to);

/// How often a subscriber began again near the beginning of the channel, long
/// after it was beyond it: its cursor was lost. A cursor that was not committed
/// yet may go back a little.
/// @param delivered ids, in the order in which they came
size_t zero_resets(const std::vector<std::string>& delivered,
                   const std::vector<sighting>& log);

/// Terms that the nodes' logs say were won twice, in one line each; a node that
/// voted twice in a term, because it forgot its vote, makes these. Empty where
/// there are none.
std::string double_elections(const std::vector<std::string>& logs);

/// What the checkers found. All but the first three must be 0.
struct verdict {
  size_t acknowledged = 0;
  size_t unknown = 0; ///< Never got a definite answer.
  size_t refused = 0; ///< Got one that says no.

  /// Acknowledged and not in the log: before all, between and after those of
  /// the same publisher that are there.
  size_t lost_prefix = 0;
  size_t lost_middle = 0;
  size_t lost_postfix = 0;
  size_t duplicates = 0; ///< In the log more than once.
  size_t inconsistent
    = 0;                 ///< Offsets with two values, events with two offsets.
  size_t unexpected = 0; ///< In the log, and nobody sent it.
  size_t aborted = 0;    ///< In the log, and was definitely refused.
  size_t nonmonotonic = 0; ///< A reader went back.
  size_t skips = 0;        ///< A reader was shown a gap.

  /// The first few anomalies, a line each.
  std::string anomalies = {};

  size_t lost() const { return lost_prefix + lost_middle + lost_postfix; }
  bool clean() const { return anomalies.empty(); }
};

/// Holds the history against the log as it was read at the end, from offset 0.
verdict judge(const history& what, const std::vector<sighting>& log);

} // namespace eventd::tests
