// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>
#include <caf/message_id.hpp>
#include <caf/monitorable_actor.hpp>

#include "actors/cluster/local_actors.hpp"
#include "actors/cluster/peer_outlet.hpp"
#include "actors/protocol/error.hpp"
#include "actors/protocol/messages.hpp"

namespace eventd::actors {

/// Carries calls between the actors of this node and those of the others: what
/// FORWARDERs delegate to it as `(atom::call, call_address, message)` goes to
/// the address's node, and what comes from there to an actor of `locals`.
///
/// It has no mailbox: it works on the thread of whoever sends to it, for as
/// long as it takes to encode the message. Threads: any. At most
/// `limits::link_calls_max` calls each way; more are `ec::overloaded`.
class link_actor : public caf::monitorable_actor {
public:
  struct wiring {
    std::shared_ptr<local_actors> locals;
    peer_outlet* outlet = nullptr; ///< Outlives the actor's use of it.
    std::function<int64_t()> steady_ms;
    /// Random in each life of the node: an answer to a call of an earlier one
    /// must not be taken for an answer to a later one.
    uint64_t first_call = 1;
  };

  link_actor(caf::actor_config& config, wiring x);

  const char* name() const override { return "eventd.link"; }

  using caf::abstract_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr what,
               caf::execution_unit* host) override;

  /// Takes a call or an answer of a node, without its first byte.
  /// @errors `ec::corrupt_record`: it can not be understood
  result<void> receive(uint64_t node, peer_message kind,
                       std::string_view bytes);

  /// Fails all calls to the node that are not answered.
  void lost(uint64_t node);

  /// Fails what waited too long. Call about once a second.
  void sweep();

  /// Takes no more, and fails what waits.
  void close();

private:
  /// A call of ours that the other node has not answered yet.
  struct pending {
    uint64_t node = 0;
    caf::strong_actor_ptr asker;
    caf::message_id mid;
    int64_t deadline_ms = 0;
    bool repeatable = false;
    caf::atom_value what{}; ///< What was asked for.
  };
  /// A call of another node that an actor of ours has not answered yet.
  struct serving {
    uint64_t node = 0;
    uint64_t call = 0;
    int64_t deadline_ms = 0; ///< Nobody waits for it any more.
  };

  void call(caf::mailbox_element& what);
  failure refusal();
  result<void> serve(uint64_t node, std::string_view bytes);
  result<void> take_answer(uint64_t node, std::string_view bytes);
  void send_answer(caf::mailbox_element& what);
  void refuse(uint64_t node, uint64_t call, const failure& why);
  void deliver(pending to, caf::message what);
  void fail(pending to, const failure& why);

  wiring wiring_;
  std::mutex mutex_;
  uint64_t next_call_;
  uint64_t next_serving_ = 1;
  std::unordered_map<uint64_t, pending> pending_;
  std::unordered_map<uint64_t, serving> serving_;
  bool closed_ = false;
};

/// Keeps the actor alive and lets its functions be called.
class link_holder {
public:
  link_holder() = default;
  link_holder(caf::actor_system& system, link_actor::wiring x);

  link_actor* operator->() const {
    return static_cast<link_actor*>(ptr_->get());
  }
  explicit operator bool() const { return ptr_ != nullptr; }
  caf::actor handle() const;

private:
  caf::strong_actor_ptr ptr_;
};

} // namespace eventd::actors
