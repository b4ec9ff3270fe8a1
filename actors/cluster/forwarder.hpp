// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/cluster/local_actors.hpp"
#include "actors/cluster/shard_map.hpp"
#include "actors/protocol/messages.hpp"

namespace eventd::actors {

/// What all forwarders of a node share.
struct forwarder_wiring {
  std::shared_ptr<const shard_map> map;
  std::shared_ptr<local_actors> locals;
  caf::actor link; ///< Null on a node that is alone.
};

struct forwarder_state {
  static constexpr const char* name = "eventd.forwarder";

  forwarder_state() = default;

  forwarder_wiring wiring;
  call_address to;
};

/// Stands for an actor that runs on the node that leads a shard: hands on all
/// it is asked, and the answer goes straight to the asker. Cast it to the
/// interface of that actor. Where nobody leads, or the link is down, it answers
/// `ec::not_leader`: the asker may try again.
/// Thread: scheduler. Blocking: never.
caf::behavior forwarder(caf::stateful_actor<forwarder_state>* self,
                        forwarder_wiring wiring, call_address to);

} // namespace eventd::actors
