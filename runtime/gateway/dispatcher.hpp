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
  /// `limits::deliveries_max`, and past 64 MiB of events in all of the node, it
  /// is answered with `ec::overloaded`, in a node that drains with
  /// `ec::shutting_down`: the attempt was not made.
  void deliver(actors::delivery_request request, delivery_promise promise);

  /// Call once a second.
  void sweep() { client_.sweep(); }

  /// Cuts what is on its way; those attempts count as not made.
  void close() { client_.close(); }

private:
  /// An attempt that is over, and not answered yet.
  struct ended {
    delivery_promise promise;
    result<actors::delivery_outcome> outcome;
    size_t bytes;
  };

  task<> run(actors::delivery_request request, delivery_promise promise);
  task<result<actors::delivery_outcome>>
  attempt(const actors::delivery_request& request);
  task<result<actors::delivery_outcome>>
  append(const actors::delivery_request& request, const std::string& channel);

  result<std::shared_ptr<const http_url>> url_of(const std::string& target);
  void answer_all();
  void end(size_t bytes);

  net::io_context& context_;
  gateway_shared& shared_;
  bridge& asks_;
  route_table& routes_;
  client client_;
  size_t running_ = 0;
  std::vector<ended> ended_; ///< Of this turn of the I/O thread.
  std::unordered_map<std::string, std::shared_ptr<const http_url>> urls_;
};

} // namespace eventd::runtime
