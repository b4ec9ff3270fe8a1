// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/replica_node.hpp"

#include <chrono>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include "actors/replica/replica.hpp"
#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"
#include "storage/raft/message_codec.hpp"
#include "storage/rocks/disk_reserve.hpp"

namespace eventd::tests {

using namespace actors;

namespace {

constexpr size_t tail_bytes = 1 << 16;

} // namespace

replica_node::replica_node(uint64_t id,
                           const std::vector<storage::raft_server>& servers,
                           actor_fixture& world, peer_outlet* outlet)
  : id_(id), world_(world), outlet_(outlet),
    disk_(std::make_shared<actor_disk>(servers)) {}

replica_node::~replica_node() {
  end_actors();
}

void replica_node::start(unsigned seed) {
  using std::chrono::duration_cast;
  EVENTD_ASSERT(!alive());
  ++life_;
  auto now_ms = duration_cast<std::chrono::milliseconds>(
                  world_.sched.clock().current_time.time_since_epoch())
                  .count();
  storage::raft_driver::options options;
  options.id = id_;
  options.address = std::to_string(id_);
  options.seed = seed;
  auto recovered = disk_->recover(options, now_ms);
  if (!recovered) {
    *complaint_ = recovered.error().detail;
    return;
  }
  map_ = std::make_shared<shard_map>(id_, 1);
  writer_ = world_.system.spawn(run_disk_writer, disk_);
  reader_ = world_.system.spawn(run_disk_reader, disk_);
  replica_wiring wiring;
  wiring.shard = shard_id{0};
  wiring.recovered
    = std::make_shared<storage::recovered_shard>(std::move(*recovered));
  wiring.log_writer = writer_;
  wiring.rules = &rules_;
  wiring.tail = std::make_shared<storage::tail_cache>(tail_bytes);
  wiring.stats = std::make_shared<node_stats>();
  wiring.reserve = std::make_shared<storage::disk_reserve>(
    "", limits::disk_reserve_bytes,
    [this](const std::string&) { return free_bytes_; });
  wiring.server = id_;
  wiring.reader = reader_;
  wiring.outlet = outlet_;
  wiring.map = map_;
  replica_ = world_.system.spawn(actors::replica, std::move(wiring));
  caf::actor_cast<caf::abstract_actor*>(replica_)->attach_functor(
    [complaint = complaint_](const caf::error& why) {
      if (why != caf::exit_reason::kill && complaint->empty())
        *complaint = "the replica ended: " + from_caf(why).detail;
    });
}

void replica_node::end_actors() {
  auto end = [](auto& x) {
    if (x != nullptr)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    x = nullptr;
  };
  end(replica_);
  end(writer_);
  end(reader_);
  map_ = nullptr;
  world_.run();
}

void replica_node::crash(std::mt19937_64& dice) {
  end_actors();
  disk_->crash(dice);
}

void replica_node::receive(const std::string& message) {
  EVENTD_ASSERT(!message.empty()
                && message[0] == static_cast<char>(peer_message::raft));
  auto packet
    = storage::decode_raft_packet(std::string_view{message}.substr(1));
  EVENTD_ASSERT(packet.has_value());
  if (alive())
    caf::anon_send(replica_, atom::raft_v, std::move(*packet));
}

} // namespace eventd::tests
