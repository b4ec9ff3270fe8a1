// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "runtime/gateway/bridge.hpp"
#include "runtime/gateway/net.hpp"
#include "runtime/gateway/routes.hpp"
#include "storage/model/limits.hpp"

/// Asking whoever owns a channel or the resources now.
namespace eventd::runtime {

/// Whether nothing was done, or may be done twice, and another try can find the
/// actor: its shard changes its leader, or it is being started again.
inline bool can_be_found_later(const failure& x) {
  return x == ec::not_leader || x == ec::actor_died;
}

/// Repeats `attempt`, which makes a `task<result<T>>`, until it finds the owner
/// or `limits::owner_patience_ms` have passed; then it answers what was said
/// last.
template <class T, class Attempt>
task<result<T>> find_owner(Attempt attempt) {
  auto end = std::chrono::steady_clock::now()
             + std::chrono::milliseconds(limits::owner_patience_ms);
  for (;;) {
    result<T> answer = co_await attempt();
    if (answer || !can_be_found_later(answer.error())
        || std::chrono::steady_clock::now() >= end)
      co_return answer;
    steady_timer pause{co_await net::this_coro::executor,
                       std::chrono::milliseconds(limits::owner_retry_ms)};
    co_await pause.async_wait(use_task);
  }
}

/// Asks the channel "namespace/name", wherever it is.
/// @errors what the channel answers; `ec::not_found`; `ec::not_leader`,
///   `ec::unreachable`: nobody could be found in time
template <class T, class... Ts>
task<result<T>> ask_channel(route_table& routes, bridge& asks, std::string key,
                            Ts... xs) {
  co_return co_await find_owner<T>([&]() -> task<result<T>> {
    auto route = co_await routes.find(asks, key);
    if (!route) {
      failure why = route.error();
      co_return why;
    }
    co_return co_await asks.ask(route->channel, xs...);
  });
}

/// The same for a question whose answer may be long in coming.
template <class T, class... Ts>
task<result<T>> wait_for_channel(route_table& routes, bridge& asks,
                                 std::string key, uint64_t timeout_s,
                                 Ts... xs) {
  co_return co_await find_owner<T>([&]() -> task<result<T>> {
    auto route = co_await routes.find(asks, key);
    if (!route) {
      failure why = route.error();
      co_return why;
    }
    co_return co_await asks.wait_for(timeout_s, route->channel, xs...);
  });
}

} // namespace eventd::runtime
