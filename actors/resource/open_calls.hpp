// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <unordered_set>
#include <utility>

#include <caf/typed_response_promise.hpp>

#include "actors/protocol/error.hpp"
#include "actors/protocol/messages.hpp"

namespace eventd::actors {

class open_calls;

/// A call that waits for its answer, which it gets once. Thread: its actor's.
class open_call : public std::enable_shared_from_this<open_call> {
public:
  using promise = caf::typed_response_promise<resource_response>;

  open_call(open_calls& all, promise answer, bool changes)
    : all_(all), answer_(std::move(answer)), changes_(changes) {}

  void deliver(resource_response x);
  void deliver(const failure& why);

private:
  friend class open_calls;

  open_calls& all_;
  promise answer_;
  bool changes_; ///< False: it only reads.
};

/// The calls of an actor that may have to end before it has answered: CAF 0.17
/// tells nobody of a promise that was dropped. Outlives its calls' answers.
class open_calls {
public:
  /// @param changes whether its outcome is unknown when it is left unanswered
  std::shared_ptr<open_call> open(open_call::promise answer, bool changes) {
    auto x = std::make_shared<open_call>(*this, std::move(answer), changes);
    calls_.insert(x);
    return x;
  }

  /// Answers all that wait: a read may be asked again, and of a change nobody
  /// knows the outcome.
  void end() {
    for (const auto& x : std::exchange(calls_, {}))
      x->answer_.deliver(to_caf(
        x->changes_
          ? failure{ec::timeout, "another node leads the resources now; the "
                                 "outcome is unknown"}
          : failure{ec::not_leader, "another node leads the resources now"}));
  }

private:
  friend class open_call;

  std::unordered_set<std::shared_ptr<open_call>> calls_;
};

inline void open_call::deliver(resource_response x) {
  auto self = shared_from_this();
  if (all_.calls_.erase(self) != 0)
    answer_.deliver(std::move(x));
}

inline void open_call::deliver(const failure& why) {
  auto self = shared_from_this();
  if (all_.calls_.erase(self) != 0)
    answer_.deliver(to_caf(why));
}

} // namespace eventd::actors
