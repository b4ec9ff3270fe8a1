// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/retry_policy.hpp"

#include <algorithm>

#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

namespace {

constexpr int64_t first_delay_ms = 500;
constexpr int64_t last_delay_ms = 30'000;

/// The default schedule, moved by chance: 500 +- 10 %, 1000 +- 10 %, and so on.
int64_t jittered_delay_ms(uint64_t n, uint32_t chance_permille) {
  auto delay = default_delay_ms(n);
  auto chance = static_cast<int64_t>(std::min(chance_permille, 1000u));
  return delay + delay * (chance - 500) / 5'000;
}

/// What `Retry-After` asks for, as far as it is honoured; 0 if not at all.
int64_t asked_delay_ms(const delivery_policy& policy,
                       const failed_attempt& attempt) {
  if (attempt.status != 429 && attempt.status != 503)
    return 0;
  auto cap = policy.retry_after_max_ms.value_or(limits::retry_after_ms_max);
  return std::clamp<int64_t>(attempt.retry_after_ms.value_or(0), 0,
                             std::max<int64_t>(cap, 0));
}

next_move retry_in(int64_t delay_ms, const delivery_policy& policy,
                   const failed_attempt& attempt) {
  return {next_move::kind::retry,
          std::max(delay_ms, asked_delay_ms(policy, attempt))};
}

/// The sink is the last place an event can go, so it is tried for ever.
next_move after_sink_failure(const delivery_policy& policy,
                             const failed_attempt& attempt) {
  auto retries = policy.retry.value_or(0);
  auto delay = attempt.attempts <= retries
                 ? backoff_delay_ms(policy, attempt.attempts)
                 : jittered_delay_ms(attempt.attempts - retries,
                                     attempt.chance_permille);
  return retry_in(delay, policy, attempt);
}

} // namespace

verdict classify(int32_t status) {
  if (status >= 200 && status <= 299)
    return verdict::delivered;
  if (status == 404 || status == 408 || status == 409 || status == 429)
    return verdict::retriable;
  if (status >= 100 && status <= 499)
    return verdict::final;
  return verdict::retriable;
}

int64_t default_delay_ms(uint64_t n) {
  EVENTD_ASSERT(n > 0);
  // 500 * 2^6 is beyond the last delay, so a larger shift never counts.
  auto shift = std::min<uint64_t>(n - 1, 6);
  return std::min(first_delay_ms << shift, last_delay_ms);
}

int64_t backoff_delay_ms(const delivery_policy& policy, uint64_t n) {
  EVENTD_ASSERT(n > 0);
  if (!policy.backoff || !policy.backoff_delay_ms)
    return 0;
  auto max = static_cast<uint64_t>(limits::backoff_ms_max);
  auto delay = static_cast<uint64_t>(
    std::clamp<int64_t>(*policy.backoff_delay_ms, 0, limits::backoff_ms_max));
  if (delay == 0)
    return 0;
  if (*policy.backoff == backoff_policy::linear)
    return static_cast<int64_t>(n > max / delay ? max : delay * n);
  if (n >= 40 || delay > max >> n) // 2^40 ms alone is beyond the maximum.
    return static_cast<int64_t>(max);
  return static_cast<int64_t>(delay << n);
}

next_move after_failure(const delivery_policy& policy, bool has_sink,
                        const failed_attempt& attempt) {
  auto outcome = classify(attempt.status);
  EVENTD_ASSERT(outcome != verdict::delivered && attempt.attempts > 0);
  if (attempt.leg == delivery_leg::dead_letter)
    return after_sink_failure(policy, attempt);
  if (outcome == verdict::retriable) {
    if (!policy.retry && !has_sink)
      return retry_in(
        jittered_delay_ms(attempt.attempts, attempt.chance_permille), policy,
        attempt);
    if (attempt.attempts <= policy.retry.value_or(0))
      return retry_in(backoff_delay_ms(policy, attempt.attempts), policy,
                      attempt);
  }
  return {has_sink ? next_move::kind::dead_letter : next_move::kind::give_up,
          0};
}

} // namespace eventd::actors
