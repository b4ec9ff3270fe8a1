// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <caf/actor_cast.hpp>
#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch_test_macros.hpp>

#include "actors/link/link.hpp"
#include "actors/protocol/interfaces.hpp"
#include "tests/fixtures/actor_fixture.hpp"
#include "tests/fixtures/inquiry.hpp"
#include "tests/fixtures/print.hpp"
#include "tests/fixtures/test_events.hpp"

namespace eventd::tests {

using namespace actors;

/// Keeps what is sent until a test takes it out.
struct fake_outlet final : peer_outlet {
  struct sent_message {
    uint64_t node;
    std::string bytes;
  };

  bool send(uint64_t node,
            std::shared_ptr<const std::string> message) override {
    if (before_send)
      before_send();
    if (up)
      sent.push_back({node, *message});
    return up;
  }
  bool connected(uint64_t) const override { return up; }

  sent_message take() {
    REQUIRE_FALSE(sent.empty());
    auto x = std::move(sent.front());
    sent.pop_front();
    return x;
  }

  bool up = true;
  std::function<void()> before_send;
  std::deque<sent_message> sent;
};

inline peer_message kind_of(const std::string& message) {
  REQUIRE_FALSE(message.empty());
  return static_cast<peer_message>(message[0]);
}

inline std::string_view body_of(const std::string& message) {
  return std::string_view{message}.substr(1);
}

/// One node as its link sees it.
struct link_side {
  link_side(caf::actor_system& system, uint64_t id,
            std::function<int64_t()> clock)
    : node(id),
      link(system, link_actor::wiring{locals, &outlet, std::move(clock)}) {}

  /// Takes a message of `from` as the transport hands it in.
  result<void> take(uint64_t from, const std::string& message) {
    return link->receive(from, kind_of(message), body_of(message));
  }

  uint64_t node;
  fake_outlet outlet;
  std::shared_ptr<local_actors> locals = std::make_shared<local_actors>();
  link_holder link;
};

/// Two nodes in one actor system; bytes go between them when a test says so.
struct link_world : actor_fixture {
  static constexpr channel_id channel{7};

  ~link_world() {
    for (auto* x : {&one, &two}) {
      x->link->close();
      x->locals->clear();
    }
    for (const auto& x : made)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    run();
  }

  /// The channel's place on the second node.
  static call_address to_channel(bool repeatable = false) {
    call_address x;
    x.node = 2;
    x.key = channel.value;
    x.repeatable = repeatable;
    return x;
  }

  /// A CHANNEL on the second node: takes what has events, refuses what has
  /// none, and counts.
  channel_actor spawn_channel() {
    auto x = system.spawn(
      [](channel_actor::pointer,
         link_world* world) -> channel_actor::behavior_type {
        return {
          [world](atom::append,
                  const event_batch& x) -> caf::result<append_result> {
            if (x.empty())
              return to_caf(
                failure{ec::offset_trimmed, "below the start", uint64_t{12}});
            append_result y;
            y.first = log_offset{world->appended.size()};
            y.stored = static_cast<uint32_t>(x.size());
            world->appended.emplace_back(x[0].id());
            return y;
          },
          [](atom::append, const joined_append& x) {
            std::vector<append_result> out;
            for (auto size : x.sizes)
              out.push_back({log_offset{x.events.size()}, size, 0});
            return out;
          },
          [](atom::read, const read_request&) -> caf::result<read_result> {
            return to_caf(failure{ec::corrupt_record, "damaged", "from"});
          },
          [](atom::locate, log_time x) { return log_offset{x.value + 1}; },
          [](atom::await, const await_request&) { return log_offset{}; },
          [](atom::status) { return channel_status{}; },
          [](atom::configure, const channel_settings&) {},
        };
      },
      this);
    made.push_back(caf::actor_cast<caf::actor>(x));
    two.locals->set_channel(channel, made.back());
    return x;
  }

  /// Asks an actor by the first node's link; nothing has arrived yet.
  template <class T, class... Ts>
  inquiry<T> call(const call_address& to, Ts... xs) {
    auto x = inquire<T>(system, one.link.handle(), atom::call_v, to,
                        caf::make_message(std::move(xs)...));
    run();
    return x;
  }
  inquiry<append_result> append(const std::string& id,
                                bool repeatable = false) {
    return call<append_result>(to_channel(repeatable), atom::append_v,
                               one_event(id));
  }

  /// Lets all bytes arrive, and all that follows from them.
  void pump() {
    for (run(); !one.outlet.sent.empty() || !two.outlet.sent.empty(); run()) {
      if (!one.outlet.sent.empty())
        REQUIRE(two.take(1, one.outlet.take().bytes));
      else
        REQUIRE(one.take(2, two.outlet.take().bytes));
    }
  }

  int64_t clock_ms = 1'000;
  std::vector<std::string> appended; ///< Ids of the events that arrived.
  std::vector<caf::actor> made;
  link_side one{system, 1, [this] { return clock_ms; }};
  link_side two{system, 2, [this] { return clock_ms; }};
};

} // namespace eventd::tests
