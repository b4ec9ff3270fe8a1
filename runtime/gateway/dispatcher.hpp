// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/gateway/bridge.hpp"
#include "runtime/gateway/client.hpp"
#include "runtime/gateway/routes.hpp"
#include "runtime/gateway/wiring.hpp"

namespace eventd::runtime {

/// Carries out delivery attempts on one I/O context: over the network, or, for
/// a target that names a channel of this node, by an append.
/// Threads: the I/O thread. Blocking: never.
class dispatcher {
public:
  dispatcher(net::io_context& context, gateway_shared& shared, bridge& asks,
             route_table& routes);

  /// Starts an attempt; the promise is answered when it ended. Past
  /// `gateway_limits::deliveries_max`, `limits::delivery_bytes_max` and
  /// `limits::target_bytes_max` it is answered with `ec::overloaded`, in a node
  /// that drains with `ec::shutting_down`: the attempt was not made. One whose
  /// answer found no room is answered with `ec::overloaded` too, though it was
  /// made: it is made again, and the subscriber gets the event twice.
  void deliver(actors::delivery_request request, delivery_promise promise);

  /// Call once a second.
  void sweep() { client_.sweep(); }

  /// Cuts what is on its way; those attempts count as not made.
  void close() { client_.close(); }

private:
  struct target {
    target(std::string t, http_url u) : text(std::move(t)), url(std::move(u)) {}

    std::string text;
    http_url url;
    size_t bytes = 0; ///< Of events on the wire to it.
    size_t attempts = 0;
    byte_budget answers{limits::target_answers_bytes_max};
  };
  /// What an attempt holds of the bounds.
  struct share {
    std::shared_ptr<target> to;
    size_t bytes;
  };
  /// An attempt that is over, and not answered yet.
  struct ended {
    delivery_promise promise;
    result<actors::delivery_outcome> outcome;
    share took;
  };

  task<> run(actors::delivery_request request, delivery_promise promise,
             share took);
  task<result<actors::delivery_outcome>>
  attempt(const actors::delivery_request& request, target& to);
  task<result<actors::delivery_outcome>>
  append(const actors::delivery_request& request, const std::string& channel);

  result<std::shared_ptr<target>> target_of(const std::string& text);
  result<void> admit(const share& x);
  size_t target_attempts_max() const;
  void answer_all();
  void end(const share& took);

  net::io_context& context_;
  gateway_shared& shared_;
  bridge& asks_;
  route_table& routes_;
  client client_;
  size_t running_ = 0;
  std::vector<ended> ended_; ///< Of this turn of the I/O thread.
  std::unordered_map<std::string, std::shared_ptr<target>> targets_;
};

} // namespace eventd::runtime
