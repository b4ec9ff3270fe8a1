// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>

#include "actors/link/link.hpp"
#include "actors/protocol/atoms.hpp"
#include "actors/protocol/registration.hpp"
#include "storage/codec/bytes.hpp"

using namespace eventd;
using namespace eventd::actors;

namespace {

void require(bool x) {
  if (!x)
    std::abort();
}

constexpr uint64_t other_node = 2;

/// Keeps the last message that was sent to the other node.
struct last_sent final : peer_outlet {
  bool send(uint64_t node, std::shared_ptr<const std::string> x) override {
    require(node == other_node);
    message = std::move(x);
    return true;
  }
  bool connected(uint64_t) const override { return true; }

  peer_message kind() const {
    return static_cast<peer_message>(message->at(0));
  }

  std::shared_ptr<const std::string> message;
};

struct config : caf::actor_system_config {
  config() {
    register_types(*this);
    set("scheduler.max-threads", size_t{1});
  }
};

/// A node without any actor that may be called: what is read is answered.
struct world {
  config settings;
  caf::actor_system system{settings};
  last_sent outlet;
  link_holder link{system,
                   link_actor::wiring{std::make_shared<local_actors>(), &outlet,
                                      [] { return int64_t{1}; }}};

  /// The number of a call that waits for its answer.
  uint64_t begin_call() {
    call_address to;
    to.node = other_node;
    caf::anon_send(link.handle(), atom::call_v, to,
                   caf::make_message(atom::status_v));
    require(outlet.kind() == peer_message::call);
    return storage::byte_reader{std::string_view{*outlet.message}.substr(1)}
      .varint();
  }

  void receive(peer_message kind, std::string_view bytes) {
    auto taken = link->receive(other_node, kind, bytes);
    require(taken || taken.error() == ec::corrupt_record);
  }
};

} // namespace

/// Called by libFuzzer with each input: no bytes that another node may send
/// crash what reads calls and their answers. A call is answered, unless not
/// even its number can be read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto& node = *new world; // Its threads end with the process.
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  node.outlet.message = nullptr;
  node.receive(peer_message::call, bytes);
  require(!node.outlet.message || node.outlet.kind() == peer_message::answer);
  std::string answer;
  storage::put_varint(answer, node.begin_call());
  answer += bytes;
  node.receive(peer_message::answer, answer);
  node.link->lost(other_node);
  return 0;
}
