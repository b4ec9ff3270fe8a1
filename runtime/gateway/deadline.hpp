// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "runtime/gateway/net.hpp"

namespace eventd::runtime {

/// Calls its owner once the moment that was set last has come. To move it later
/// costs no timer: the earlier one looks at it when it goes off. Threads: the
/// executor's. Blocking: never.
class deadline {
public:
  using clock = std::chrono::steady_clock;

  /// `over` is called at most once for each `set`, and never after `cancel` or
  /// the end of this object.
  deadline(io_executor executor, std::function<void()> over)
    : state_(std::make_shared<state>(executor, std::move(over))) {}
  ~deadline() { cancel(); }
  deadline(const deadline&) = delete;
  deadline& operator=(const deadline&) = delete;

  void set(clock::time_point at) {
    state_->at = at;
    if (!state_->waiting)
      wait(state_);
    else if (at < state_->timer.expiry())
      state_->timer.cancel();
  }

  /// There is none until the next `set`. The timer may stay, and does nothing.
  void clear() { state_->at = clock::time_point::max(); }

  /// The same, and the timer goes too: nothing keeps the executor busy.
  void cancel() {
    clear();
    state_->timer.cancel();
  }

private:
  struct state {
    state(io_executor executor, std::function<void()> f)
      : timer(executor), over(std::move(f)) {}

    steady_timer timer;
    clock::time_point at = clock::time_point::max();
    bool waiting = false; ///< On the timer.
    std::function<void()> over;
  };

  static void wait(const std::shared_ptr<state>& x) {
    x->waiting = true;
    x->timer.expires_at(x->at);
    x->timer.async_wait([x](auto) {
      x->waiting = false;
      if (x->at == clock::time_point::max())
        return;
      if (clock::now() < x->at)
        return wait(x);
      x->at = clock::time_point::max();
      x->over();
    });
  }

  std::shared_ptr<state> state_;
};

} // namespace eventd::runtime
