// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>

#include "actors/protocol/messages.hpp"

/// Decides what follows an attempt. Pure; any thread; never blocks.
namespace eventd::actors {

/// What a status says about the attempt. events.md 1.2.
enum class verdict : uint8_t {
  delivered, ///< 2xx.
  retriable, ///< No answer, 404, 408, 409, 429, 5xx, and codes nobody knows.
  final,     ///< 1xx, 3xx and all other 4xx: the same event would fail again.
};

/// Judges an HTTP status; 0 stands for "no answer was had".
verdict classify(int32_t status);

/// The subscriber asks for no more requests: 410. CloudEvents web hook 2.2.
constexpr bool asks_to_stop(int32_t status) {
  return status == 410;
}

/// Wait of our own schedule before retry `n`: 0.5 s doubling to 30 s.
/// @pre `n` from 1
int64_t default_delay_ms(uint64_t n);

/// Wait that the policy asks for before retry `n`: with `PT2.5S` linear 2.5, 5,
/// 7.5 s; with `PT1.5S` exponential 3, 6, 12 s; none without both policy and
/// delay. Saturates at `limits::backoff_ms_max`. events.md 1.4 row 1.
/// @pre `n` from 1
int64_t backoff_delay_ms(const delivery_policy& policy, uint64_t n);

/// One attempt that did not deliver.
struct failed_attempt {
  delivery_leg leg = delivery_leg::subscriber;
  uint32_t attempts = 1; ///< Made on this leg, with this one; from 1.
  int32_t status = 0;    ///< 0: no answer was had.
  std::optional<int64_t> retry_after_ms; ///< As the answer's header said.
  /// 0 to 1000, drawn by the caller; moves the default schedule by at most
  /// 10 % either way (500: not at all), so that subscriptions do not march
  /// in step.
  uint32_t chance_permille = 500;
};

struct next_move {
  enum class kind : uint8_t {
    retry,       ///< The same leg again, after `delay_ms`.
    dead_letter, ///< On with the dead letter leg, at once.
    give_up,     ///< No sink: record the event and go on.
  };
  kind what = kind::retry;
  int64_t delay_ms = 0;

  friend bool operator==(const next_move&, const next_move&) = default;
};

/// Decides what follows a failed attempt. design.md, delivery defaults:
/// - neither `retry` nor a sink: a retriable outcome is retried until the
///   event leaves retention; any other is given up;
/// - a sink and no `retry`: one attempt, then the sink;
/// - `retry` N: N + 1 attempts, then the sink, or given up.
/// The reply leg follows the same rules. The dead letter leg is never given
/// up: `retry` times with the policy's backoff, then on our own schedule.
/// @pre `attempt.status` is not a 2xx
next_move after_failure(const delivery_policy& policy, bool has_sink,
                        const failed_attempt& attempt);

} // namespace eventd::actors
