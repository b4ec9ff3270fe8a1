// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/protocol/interfaces.hpp"
#include "runtime/cloudevents/cloudevents.hpp"
#include "runtime/gateway/net.hpp"

namespace eventd::runtime {

class bridge;
class route_table;

/// Joins what one turn of the I/O thread brings for a channel to one message,
/// so that the hops to the channel and back cost once for all of it. Nothing
/// waits for more to come: what came by the end of the turn goes.
/// Threads: the I/O thread.
class append_joiner {
public:
  append_joiner(net::io_context& context, bridge& asks, route_table& routes)
    : context_(context), asks_(asks), routes_(routes) {}

  /// Appends the events of one publish request to the channel
  /// "namespace/name" and waits until they are durable. All parameters are
  /// views that need to live only until the first suspension. No events at
  /// all: an answer with neither stored ones nor duplicates.
  /// @errors those of `cloudevents::append_request` and of the channel
  task<result<actors::append_result>>
  append(std::string_view key, std::span<const cloudevents::field> fields,
         std::string_view body, const cloudevents::parse_limits& limits);

private:
  using waiter
    = net::async_result<net::use_awaitable_t<io_executor>,
                        void(result<actors::append_result>)>::handler_type;

  struct group {
    std::string key;
    std::shared_ptr<std::string> records = std::make_shared<std::string>();
    std::vector<uint32_t> sizes; ///< Events of each request.
    uint32_t events = 0;
    std::vector<waiter> waiters; ///< One for each of `sizes`.
  };

  group& group_of(std::string_view key);
  task<result<actors::append_result>> append_alone(std::string_view key,
                                                   event_batch events);
  void send_all();
  void send(group x);
  task<> deliver(group x);

  net::io_context& context_;
  bridge& asks_;
  route_table& routes_;
  std::vector<group> groups_; ///< Of this turn; few channels are busy at once.
};

} // namespace eventd::runtime
