// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/retry_policy.hpp"

#include <limits>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "storage/model/limits.hpp"

using namespace eventd;
using namespace eventd::actors;

namespace {

using kind = next_move::kind;

delivery_policy with_backoff(backoff_policy shape, int64_t delay_ms,
                             uint32_t retry) {
  delivery_policy x;
  x.retry = retry;
  x.backoff = shape;
  x.backoff_delay_ms = delay_ms;
  return x;
}

failed_attempt failed(int32_t status, uint32_t attempts = 1,
                      delivery_leg leg = delivery_leg::subscriber) {
  failed_attempt x;
  x.leg = leg;
  x.attempts = attempts;
  x.status = status;
  return x;
}

failed_attempt asked_to_wait(int32_t status, int64_t retry_after_ms) {
  auto x = failed(status);
  x.retry_after_ms = retry_after_ms;
  return x;
}

constexpr bool no_sink = false;
constexpr bool sink = true;

} // namespace

TEST_CASE("a status is judged by the table of the contract",
          "[actors][retry_policy]") {
  struct row {
    int32_t status;
    verdict expected;
  };
  auto [status, expected]
    = GENERATE(row{0, verdict::retriable}, row{100, verdict::final},
               row{199, verdict::final}, row{200, verdict::delivered},
               row{201, verdict::delivered}, row{202, verdict::delivered},
               row{204, verdict::delivered}, row{299, verdict::delivered},
               row{300, verdict::final}, row{301, verdict::final},
               row{307, verdict::final}, row{399, verdict::final},
               row{400, verdict::final}, row{401, verdict::final},
               row{403, verdict::final}, row{404, verdict::retriable},
               row{405, verdict::final}, row{408, verdict::retriable},
               row{409, verdict::retriable}, row{410, verdict::final},
               row{413, verdict::final}, row{415, verdict::final},
               row{422, verdict::final}, row{429, verdict::retriable},
               row{431, verdict::final}, row{499, verdict::final},
               row{500, verdict::retriable}, row{501, verdict::retriable},
               row{503, verdict::retriable}, row{599, verdict::retriable},
               row{600, verdict::retriable}, row{999, verdict::retriable},
               row{-1, verdict::retriable}, row{99, verdict::retriable});
  CAPTURE(status);
  CHECK(classify(status) == expected);
}

TEST_CASE("only 410 asks to stop", "[actors][retry_policy]") {
  CHECK(asks_to_stop(410));
  CHECK_FALSE(asks_to_stop(404));
  CHECK_FALSE(asks_to_stop(0));
}

TEST_CASE("a linear backoff of PT2.5S waits 2.5, 5 and 7.5 s",
          "[actors][retry_policy]") {
  auto policy = with_backoff(backoff_policy::linear, 2'500, 3);
  CHECK(backoff_delay_ms(policy, 1) == 2'500);
  CHECK(backoff_delay_ms(policy, 2) == 5'000);
  CHECK(backoff_delay_ms(policy, 3) == 7'500);
}

TEST_CASE("an exponential backoff of PT1.5S waits 3, 6 and 12 s",
          "[actors][retry_policy]") {
  auto policy = with_backoff(backoff_policy::exponential, 1'500, 3);
  CHECK(backoff_delay_ms(policy, 1) == 3'000);
  CHECK(backoff_delay_ms(policy, 2) == 6'000);
  CHECK(backoff_delay_ms(policy, 3) == 12'000);
}

TEST_CASE("a backoff saturates and never overflows", "[actors][retry_policy]") {
  auto huge = std::numeric_limits<uint32_t>::max();
  auto shape = GENERATE(backoff_policy::linear, backoff_policy::exponential);
  CHECK(backoff_delay_ms(with_backoff(shape, 60'000'000, huge), huge)
        == limits::backoff_ms_max);
  CHECK(backoff_delay_ms(
          with_backoff(shape, std::numeric_limits<int64_t>::max(), 1), 1)
        == limits::backoff_ms_max);
  CHECK(backoff_delay_ms(with_backoff(shape, 0, huge), huge) == 0);
}

TEST_CASE("a backoff counts only with both policy and delay",
          "[actors][retry_policy]") {
  delivery_policy only_delay;
  only_delay.retry = 2;
  only_delay.backoff_delay_ms = 5'000;
  CHECK(after_failure(only_delay, no_sink, failed(500))
        == next_move{kind::retry, 0});
  delivery_policy only_shape;
  only_shape.retry = 2;
  only_shape.backoff = backoff_policy::linear;
  CHECK(after_failure(only_shape, no_sink, failed(500))
        == next_move{kind::retry, 0});
}

TEST_CASE("the default schedule doubles from 0.5 s to 30 s and stays there",
          "[actors][retry_policy]") {
  CHECK(default_delay_ms(1) == 500);
  CHECK(default_delay_ms(2) == 1'000);
  CHECK(default_delay_ms(6) == 16'000);
  CHECK(default_delay_ms(7) == 30'000);
  CHECK(default_delay_ms(std::numeric_limits<uint64_t>::max()) == 30'000);
}

TEST_CASE("neither retry nor sink retries a retriable outcome for ever",
          "[actors][retry_policy]") {
  delivery_policy none;
  CHECK(after_failure(none, no_sink, failed(0)) == next_move{kind::retry, 500});
  CHECK(after_failure(none, no_sink, failed(503, 1'000'000))
        == next_move{kind::retry, 30'000});
}

TEST_CASE("neither retry nor sink gives up what is not retriable",
          "[actors][retry_policy]") {
  CHECK(after_failure({}, no_sink, failed(400)).what == kind::give_up);
  CHECK(after_failure({}, no_sink, failed(301)).what == kind::give_up);
}

TEST_CASE("chance moves the default schedule by at most a tenth",
          "[actors][retry_policy]") {
  auto attempt = failed(500, 3);
  attempt.chance_permille = 0;
  CHECK(after_failure({}, no_sink, attempt).delay_ms == 1'800);
  attempt.chance_permille = 1'000;
  CHECK(after_failure({}, no_sink, attempt).delay_ms == 2'200);
  attempt.chance_permille = 4'000'000;
  CHECK(after_failure({}, no_sink, attempt).delay_ms == 2'200);
}

TEST_CASE("chance does not move a schedule that the user gave",
          "[actors][retry_policy]") {
  auto policy = with_backoff(backoff_policy::linear, 1'000, 3);
  auto attempt = failed(500);
  attempt.chance_permille = 1'000;
  CHECK(after_failure(policy, no_sink, attempt).delay_ms == 1'000);
}

TEST_CASE("a sink without retry gets the event after one attempt",
          "[actors][retry_policy]") {
  auto leg = GENERATE(delivery_leg::subscriber, delivery_leg::reply);
  CHECK(after_failure({}, sink, failed(500, 1, leg))
        == next_move{kind::dead_letter, 0});
}

TEST_CASE("retry N makes N + 1 attempts, then the sink or nothing",
          "[actors][retry_policy]") {
  delivery_policy policy;
  policy.retry = 2;
  auto leg = GENERATE(delivery_leg::subscriber, delivery_leg::reply);
  CHECK(after_failure(policy, sink, failed(500, 2, leg)).what == kind::retry);
  CHECK(after_failure(policy, sink, failed(500, 3, leg)).what
        == kind::dead_letter);
  CHECK(after_failure(policy, no_sink, failed(500, 3, leg)).what
        == kind::give_up);
}

TEST_CASE("retry 0 makes one attempt", "[actors][retry_policy]") {
  delivery_policy policy;
  policy.retry = 0;
  CHECK(after_failure(policy, no_sink, failed(500)).what == kind::give_up);
}

TEST_CASE("what is not retriable goes to the sink with retries left",
          "[actors][retry_policy]") {
  auto policy = with_backoff(backoff_policy::linear, 1'000, 5);
  auto status = GENERATE(100, 302, 400, 410);
  CHECK(after_failure(policy, sink, failed(status)).what == kind::dead_letter);
}

TEST_CASE("a sink is retried by the policy first, then for ever",
          "[actors][retry_policy]") {
  auto policy = with_backoff(backoff_policy::linear, 1'000, 2);
  auto leg = delivery_leg::dead_letter;
  auto status = GENERATE(0, 400, 410, 500);
  CHECK(after_failure(policy, sink, failed(status, 1, leg))
        == next_move{kind::retry, 1'000});
  CHECK(after_failure(policy, sink, failed(status, 2, leg))
        == next_move{kind::retry, 2'000});
  CHECK(after_failure(policy, sink, failed(status, 3, leg))
        == next_move{kind::retry, 500});
  CHECK(after_failure(policy, sink, failed(status, 1'000, leg))
        == next_move{kind::retry, 30'000});
}

TEST_CASE("Retry-After of 429 and 503 makes the wait longer, never shorter",
          "[actors][retry_policy]") {
  auto policy = with_backoff(backoff_policy::linear, 2'000, 3);
  policy.retry_after_max_ms = 60'000;
  auto status = GENERATE(429, 503);
  auto delay = [&](int64_t asked) {
    return after_failure(policy, no_sink, asked_to_wait(status, asked))
      .delay_ms;
  };
  CHECK(delay(10'000) == 10'000);
  CHECK(delay(1'000) == 2'000);
  CHECK(delay(90'000) == 60'000);
  CHECK(delay(-5) == 2'000);
}

TEST_CASE("Retry-After of any other status is ignored",
          "[actors][retry_policy]") {
  auto policy = with_backoff(backoff_policy::linear, 2'000, 3);
  auto status = GENERATE(0, 404, 500, 502);
  CHECK(after_failure(policy, no_sink, asked_to_wait(status, 10'000)).delay_ms
        == 2'000);
}

TEST_CASE("Retry-After without a maximum is honoured up to an hour",
          "[actors][retry_policy]") {
  CHECK(after_failure({}, no_sink, asked_to_wait(429, 1'800'000)).delay_ms
        == 1'800'000);
  CHECK(after_failure({}, no_sink, asked_to_wait(429, 86'400'000)).delay_ms
        == 3'600'000);
}

TEST_CASE("a maximum of zero never honours Retry-After",
          "[actors][retry_policy]") {
  delivery_policy policy;
  policy.retry_after_max_ms = 0;
  CHECK(after_failure(policy, no_sink, asked_to_wait(503, 10'000)).delay_ms
        == 500);
}
