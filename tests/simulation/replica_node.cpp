// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/replica_node.hpp"

#include <chrono>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

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
  : id_(id), server_(id), world_(world), outlet_(outlet),
    disk_(std::make_shared<actor_disk>(servers)) {}

replica_node::~replica_node() {
  end_actors();
}

int64_t replica_node::now_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
           world_.sched.clock().current_time.time_since_epoch())
    .count();
}

void replica_node::start(unsigned seed) {
  EVENTD_ASSERT(!alive());
  ++life_;
  complaint_ = std::make_shared<std::string>();
  storage::raft_driver::options options;
  options.id = server_;
  options.address = std::to_string(id_);
  options.seed = seed;
  auto recovered = disk_->recover(options, now_ms());
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
  wiring.server = server_;
  wiring.reader = reader_;
  wiring.outlet = outlet_;
  wiring.map = map_;
  wiring.start_distance = start_distance;
  wiring.note = noted;
  wiring.applied = applied;
  if (links)
    start_link(wiring);
  replica_ = world_.system.spawn(actors::replica, std::move(wiring));
  caf::actor_cast<caf::abstract_actor*>(replica_)->attach_functor(
    [complaint = complaint_](const caf::error& why) {
      if (why != caf::exit_reason::kill && complaint->empty())
        *complaint = "the replica ended: " + from_caf(why).detail;
    });
}

void replica_node::start_link(replica_wiring& wiring) {
  locals_ = std::make_shared<local_actors>();
  locals_->set_reader(caf::actor_cast<caf::actor>(reader_));
  // An answer to a call of an earlier life must find none of this one.
  link_ = link_holder{
    world_.system,
    {locals_, outlet_, [this] { return now_ms(); }, life_ << 32 | 1}};
  wiring.link = link_.handle();
}

void replica_node::end_actors() {
  auto end = [](auto& x) {
    if (x != nullptr)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    x = nullptr;
  };
  if (link_) {
    // Who waits for an answer is as dead as the rest.
    end(replica_);
    world_.run();
    link_->close();
    locals_->clear();
    link_ = {};
  }
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

void replica_node::wipe(uint64_t server) {
  EVENTD_ASSERT(!alive());
  auto fresh
    = std::make_shared<actor_disk>(std::vector<storage::raft_server>{});
  fresh->automatic = disk_->automatic;
  fresh->lies = disk_->lies;
  fresh->seen = disk_->seen;
  fresh->written = disk_->written;
  fresh->synced = disk_->synced;
  disk_ = std::move(fresh);
  server_ = server;
}

void replica_node::receive(const std::string& message, uint64_t from) {
  EVENTD_ASSERT(!message.empty());
  auto kind = static_cast<peer_message>(message[0]);
  auto body = std::string_view{message}.substr(1);
  if (kind == peer_message::raft) {
    auto packet = storage::decode_raft_packet(body);
    EVENTD_ASSERT(packet.has_value());
    return receive(*packet);
  }
  if (alive() && link_) {
    auto done = link_->receive(from, kind, body);
    EVENTD_ASSERT(done.has_value());
  }
}

void replica_node::receive(const storage::raft_packet& packet) {
  if (alive())
    caf::anon_send(replica_, atom::raft_v, packet);
}

void replica_node::lose(uint64_t node) {
  if (alive() && link_)
    link_->lost(node);
}

} // namespace eventd::tests
