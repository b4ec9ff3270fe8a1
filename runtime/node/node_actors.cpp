// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// The actors of a node and how they know each other.

#include <cstdlib>

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <spdlog/spdlog.h>

#include "actors/cluster/catalog.hpp"
#include "actors/cluster/forwarder.hpp"
#include "actors/cluster/membership.hpp"
#include "actors/directory/directory.hpp"
#include "actors/log_writer/log_writer.hpp"
#include "actors/mender/mender.hpp"
#include "actors/reader/reader.hpp"
#include "actors/reclaimer/reclaimer.hpp"
#include "actors/replica/replica.hpp"
#include "actors/scrubber/scrubber.hpp"
#include "actors/supervisor/supervisor.hpp"
#include "runtime/node/clock.hpp"
#include "runtime/node/node.hpp"

namespace eventd::runtime {

namespace {

/// Readers that may block on the disk at a time.
constexpr size_t reader_count = 2;

/// Whether an actor ended because the node stops.
bool is_stop(const caf::error& why) {
  return why == caf::exit_reason::user_shutdown;
}

} // namespace

void stop_hard(const std::string& who, const failure& why) {
  spdlog::critical("{} failed: {}: {}; the node stops", who, name_of(why.code),
                   why.detail);
  // Not a shutdown of the log: other threads may be in it.
  spdlog::default_logger()->flush();
  std::_Exit(3);
}

template <class Handle>
void node::watch(const Handle& whom, const char* name) {
  caf::actor_cast<caf::abstract_actor*>(whom)->attach_functor(
    [name](const caf::error& why) {
      if (!is_stop(why))
        stop_hard(name, from_caf(why));
    });
}

/// Those that write and read the database, and those that see to its damages.
void node::spawn_disk_actors() {
  if (cluster_)
    link_ = actors::link_holder{*system_,
                                {locals_, cluster_.get(),
                                 [] { return steady_us() / 1'000; },
                                 cluster_->who().boot_id}};
  // Blocks on every write and sync.
  log_writer_ = system_->spawn<caf::detached>(
    actors::log_writer,
    actors::log_writer_wiring{
      database_.get(), stats_, steady_us,
      [](const failure& why) { stop_hard("the log writer", why); }});
  // Blocks for as long as a compaction takes.
  reclaimer_
    = system_->spawn<caf::detached>(actors::reclaimer, database_.get());
  auto warn = [](const std::string& line) { spdlog::warn("{}", line); };
  if (cluster_) {
    actors::mender_wiring mending{locals_, link_.handle(), log_writer_,
                                  {},      stats_,         warn};
    mending.peers = [this] {
      std::vector<uint64_t> others;
      for (const auto& x : cluster_->nodes())
        if (x.node != cluster_->node())
          others.push_back(x.node);
      return others;
    };
    mender_ = system_->spawn(actors::mender, std::move(mending));
    // Reads all of the disk, slowly.
    scrubber_ = system_->spawn<caf::detached>(
      actors::scrubber,
      actors::scrubber_wiring{database_.get(), mender_, stats_, warn});
  }
  // A cold read blocks on the disk.
  for (size_t i = 0; i < reader_count; ++i)
    readers_.push_back(system_->spawn<caf::detached>(
      actors::reader, database_.get(), stats_, mender_));
  // Heartbeats wait behind what is read for a follower: no reader of users.
  raft_reader_ = system_->spawn<caf::detached>(actors::reader, database_.get(),
                                               stats_, mender_);
}

void node::spawn_shards() {
  for (uint32_t i = 0; i < database_->shards(); ++i) {
    actors::replica_wiring wiring;
    wiring.shard = shard_id{i};
    wiring.recovered = std::move(recovered_[i]);
    wiring.log_writer = log_writer_;
    wiring.reclaimer = reclaimer_;
    wiring.rules = &database_->rules();
    wiring.tail = tail_;
    wiring.stats = stats_;
    wiring.reserve = reserve_;
    wiring.server = server_;
    wiring.reader = raft_reader_;
    wiring.outlet = cluster_.get();
    wiring.map = map_;
    wiring.note = [](const std::string& line) { spdlog::info("{}", line); };
    if (cluster_) {
      wiring.start_distance = settings_.cluster->raft_log_entries;
      wiring.election_ms = settings_.cluster->election_ms;
    }
    wiring.link = link_ ? link_.handle() : caf::actor{};
    shards_.push_back(system_->spawn(actors::replica, std::move(wiring)));
  }
  recovered_.clear();
}

void node::spawn_services() {
  if (cluster_)
    cluster_->serve(shards_, link_);
  actors::directory_wiring directory;
  directory.forwarding = {map_, locals_, link_ ? link_.handle() : caf::actor{}};
  directory_ = system_->spawn(actors::directory, std::move(directory));
  actors::supervisor_wiring wiring;
  wiring.shards = shards_;
  wiring.readers = readers_;
  wiring.directory = directory_;
  wiring.dispatcher = gateway_->dispatcher();
  wiring.tail = tail_;
  wiring.stats = stats_;
  wiring.wall_ms = wall_ms;
  wiring.reserve = reserve_;
  wiring.map = map_;
  wiring.locals = locals_;
  wiring.vital.push_back({"the log writer", log_writer_.address()});
  for (size_t i = 0; i < shards_.size(); ++i)
    wiring.vital.push_back(
      {"the replica of shard " + std::to_string(i), shards_[i].address()});
  wiring.fatal = stop_hard;
  wiring.warn = [](const std::string& line) { spdlog::warn("{}", line); };
  supervisor_ = system_->spawn(actors::supervisor, std::move(wiring));
  locals_->set_reader(caf::actor_cast<caf::actor>(raft_reader_));
  locals_->set_supervisor(caf::actor_cast<caf::actor>(supervisor_));
  std::vector<caf::actor> replicas;
  for (const auto& shard : shards_)
    replicas.push_back(caf::actor_cast<caf::actor>(shard));
  locals_->set_replicas(std::move(replicas));
  // Whoever waits for one of these would wait for ever.
  watch(supervisor_, "the supervisor");
  watch(directory_, "the directory");
  watch(reclaimer_, "the reclaimer");
  for (const auto& reader : readers_)
    watch(reader, "a reader");
  watch(raft_reader_, "the replicas' reader");
  if (mender_)
    watch(mender_, "the mender");
  if (scrubber_)
    watch(scrubber_, "the scrubber");
}

void node::spawn_catalog() {
  actors::forwarder_wiring forwarding{map_, locals_,
                                      link_ ? link_.handle() : caf::actor{}};
  actors::call_address to;
  to.kind = actors::call_target::resources;
  resources_ = caf::actor_cast<actors::resources_actor>(
    system_->spawn(actors::forwarder, forwarding, to));
  actors::catalog_wiring wiring;
  wiring.shards = shards_;
  wiring.supervisor = supervisor_;
  wiring.directory = directory_;
  wiring.map = map_;
  wiring.forwarding = forwarding;
  wiring.wall_ms = wall_ms;
  wiring.new_uid = new_uuid;
  wiring.note = [](const std::string& line) { spdlog::info("{}", line); };
  wiring.every_second = [link = link_]() mutable {
    if (link)
      link->sweep();
  };
  wiring.fatal = stop_hard;
  catalog_ = system_->spawn(actors::catalog, std::move(wiring));
  watch(catalog_, "the catalog");
  caf::anon_send(directory_, actors::atom::confirm_v,
                 caf::actor_cast<caf::actor>(catalog_));
  if (!cluster_)
    return;
  actors::membership_wiring members;
  members.shards = shards_;
  members.map = map_;
  members.link = link_.handle();
  members.cluster_id = cluster_->who().cluster_id;
  members.server = server_;
  members.nodes = [this] { return cluster_->nodes(); };
  members.know = [this](const std::vector<storage::raft_server>& xs) {
    cluster_->know(xs);
  };
  members.place = [map = map_](actors::belonging x) {
    map->set_place(x);
    if (x == actors::belonging::removed)
      spdlog::warn("{}: stop it, and empty its directory before it joins again",
                   actors::why_outside(x));
    else if (x == actors::belonging::awaited)
      spdlog::info("{}", actors::why_outside(x));
    else
      spdlog::info("this node is taken into the cluster");
  };
  members.may_dial = [this](uint64_t node, const std::string& address) {
    return cluster_->may_dial(node, address);
  };
  members.note = [](const std::string& line) { spdlog::info("{}", line); };
  membership_ = system_->spawn(actors::membership, std::move(members));
  locals_->set_membership(caf::actor_cast<caf::actor>(membership_));
  watch(membership_, "the membership");
}

} // namespace eventd::runtime
