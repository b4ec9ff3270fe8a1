// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// How a node starts and stops; node_actors.cpp has what it is made of.

#include "runtime/node/node.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <thread>

#include <caf/actor_cast.hpp>
#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <spdlog/spdlog.h>

#include "actors/cluster/member_plan.hpp"
#include "actors/protocol/registration.hpp"
#include "runtime/node/clock.hpp"
#include "runtime/node/file_limit.hpp"
#include "storage/raft/server_id.hpp"
#include "storage/rocks/set_aside.hpp"
#include "storage/state/identity.hpp"
#include "storage/state/recover.hpp"

namespace eventd::runtime {

namespace {

using namespace std::chrono_literals;

/// A node that is alone: its number, and its id in its Raft groups.
constexpr uint64_t alone_id = 1;

/// How long a node that is alone waits for its own shards at its start.
constexpr auto start_patience = 60s;

/// How the 10 s of a stop are shared: leadership first, then requests, then
/// the actors.
constexpr auto hand_over_patience = 2'000ms;
constexpr auto drain_patience = 5s;
constexpr auto stop_patience = 3s;

/// Whether the data directory can not be used as it is, now or later.
bool is_damage(const failure& x) {
  return x == ec::corrupt_store || x == ec::corrupt_record;
}

/// Asks and waits for an answer that says only: done. It is an empty message,
/// which a typed request refuses in CAF 0.17; the untyped one takes it.
template <class Handle, class... Ts>
result<void> tell_now(caf::scoped_actor& self, const Handle& whom,
                      std::chrono::milliseconds patience, Ts&&... xs) {
  result<void> answer{failure{ec::timeout, "no answer"}};
  self
    ->request(caf::actor_cast<caf::actor>(whom), patience,
              std::forward<Ts>(xs)...)
    .receive([&] { answer = {}; },
             [&](const caf::error& why) { answer = from_caf(why); });
  return answer;
}

} // namespace

system_config::system_config(bool in_cluster) {
  actors::register_types(*this);
  // The default policy starts at least four threads and lets them sleep for
  // up to 10 ms between looks at their queues.
  set("scheduler.policy", caf::atom("sharing"));
  // Half of the cores: the I/O thread and the log writer need theirs, and with
  // two threads on two cores each message between actors wakes the other one.
  // In a cluster no actor that is busy for long may keep heartbeats from going.
  auto cores = size_t{std::thread::hardware_concurrency()};
  set("scheduler.max-threads", std::max<size_t>(in_cluster ? 2 : 1, cores / 2));
}

node::node(const config& settings)
  : settings_(settings), stats_(std::make_shared<actors::node_stats>()),
    tail_(std::make_shared<storage::tail_cache>(limits::tail_cache_bytes_max)),
    locals_(std::make_shared<actors::local_actors>()),
    caf_config_(settings.cluster.has_value()) {}

node::~node() {
  stop();
}

result<std::unique_ptr<node>>
node::start(const config& settings, const std::function<bool()>& interrupted) {
  spdlog::info("eventd {} starts", EVENTD_VERSION);
  auto bounds = settings.bounds;
  auto files = raise_file_limit();
  auto connections = connections_for(files, bounds.connections_max);
  if (!connections)
    return connections.error();
  bounds.connections_max = *connections;
  bounds.deliveries_max
    = deliveries_for(files, *connections, settings.io_threads);
  bounds.idle_connections_max
    = idle_connections_for(files, *connections, settings.io_threads);
  std::unique_ptr<node> self{new node(settings)};
  self->system_ = std::make_unique<caf::actor_system>(self->caf_config_);
  gateway_options options;
  options.host = settings.host;
  options.port = settings.port;
  options.io_threads = settings.io_threads;
  options.bounds = bounds;
  options.stats = self->stats_;
  options.wall_ms = wall_ms;
  options.mono_us = steady_us;
  auto bound = gateway::start(*self->system_, std::move(options));
  if (!bound)
    return bound.error();
  self->gateway_ = std::move(*bound);
  if (auto done = self->open(interrupted); !done)
    return done.error();
  self->spawn_disk_actors();
  self->spawn_shards();
  self->spawn_services();
  self->spawn_catalog();
  // Who is alone needs nobody: what is stored is there before the first
  // request.
  auto end = std::chrono::steady_clock::now() + start_patience;
  while (!self->cluster_ && self->map_->unserved()
         && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(1ms);
  self->serve();
  return self;
}

// -- storage
// -------------------------------------------------------------------

result<void> node::open(const std::function<bool()>& interrupted) {
  if (!settings_.cluster) {
    if (storage::waits_for_its_cluster(settings_.data_dir))
      return failure{ec::invalid_config,
                     "--data-dir: " + settings_.data_dir
                       + " was damaged, and its node gets its data from its "
                         "cluster; give --node-id, --cluster-listen and "
                         "--peers"};
    return open_as_it_is(interrupted);
  }
  if (auto mark = storage::damage_mark(settings_.data_dir))
    if (auto done = set_aside(*mark); !done)
      return done;
  auto done = open_as_it_is(interrupted);
  if (done || !is_damage(done.error()))
    return done;
  close();
  if (auto moved = set_aside(done.error().detail); !moved)
    return moved;
  return open_as_it_is(interrupted);
}

result<void> node::open_as_it_is(const std::function<bool()>& interrupted) {
  if (auto done = open_storage(); !done)
    return done;
  if (auto done = join_cluster(interrupted); !done)
    return done;
  return recover_shards();
}

result<void> node::set_aside(const std::string& why) {
  auto folder = storage::set_aside(settings_.data_dir, why);
  if (!folder)
    return folder.error();
  spdlog::error("the data directory is damaged: {}; its files are kept in {}, "
                "and the node joins its cluster again without them",
                why, *folder);
  return {};
}

void node::close() {
  recovered_.clear();
  map_.reset();
  cluster_.reset();
  reserve_.reset();
  database_.reset();
}

result<void> node::open_storage() {
  std::error_code code;
  std::filesystem::create_directories(settings_.data_dir, code);
  if (code)
    return failure{ec::io_error, "--data-dir: can not create "
                                   + settings_.data_dir + ": "
                                   + code.message()};
  storage::database::options options;
  options.path = settings_.data_dir;
  options.shards = settings_.shards.value_or(limits::shards_default);
  options.has_copies = settings_.cluster.has_value();
  auto opened = storage::database::open(options);
  if (!opened)
    return opened.error();
  database_ = std::move(*opened);
  reserve_ = std::make_shared<storage::disk_reserve>(
    settings_.data_dir, limits::disk_reserve_bytes);
  if (settings_.shards && database_->shards() != *settings_.shards)
    spdlog::warn("the data directory has {} shards; --shards {} is ignored",
                 database_->shards(), *settings_.shards);
  spdlog::info("data directory {}: {} shards", settings_.data_dir,
               database_->shards());
  return {};
}

result<void> node::join_cluster(const std::function<bool()>& interrupted) {
  auto who = storage::load_identity(*database_);
  if (!who)
    return who.error();
  if (!settings_.cluster) {
    if (!who->cluster_id.empty())
      return failure{ec::invalid_config,
                     "--data-dir: " + settings_.data_dir + " is of node "
                       + std::to_string(storage::node_of(who->server))
                       + " of a cluster; give --node-id, --cluster-listen and "
                         "--peers"};
    map_ = std::make_shared<actors::shard_map>(alone_id, database_->shards());
    return storage::bootstrap(*database_, alone_id);
  }
  auto joined = cluster::start(
    *settings_.cluster, *database_, storage::was_set_aside(settings_.data_dir),
    [](const failure& why) { stop_hard("the data directory", why); });
  if (!joined)
    return joined.error();
  cluster_ = std::move(*joined);
  // Whoever asks is answered as late as where a shard has no leader.
  auto late = std::chrono::steady_clock::now()
              + std::chrono::milliseconds(limits::owner_patience_ms);
  auto formed = cluster_->form(interrupted, [&](const std::string& reason) {
    if (std::chrono::steady_clock::now() >= late)
      gateway_->hold("the cluster is not formed yet: " + reason);
  });
  if (!formed)
    return formed.error();
  if (!*formed)
    return failure{ec::shutting_down, "stopped before the cluster was formed"};
  server_ = cluster_->who().server;
  map_ = std::make_shared<actors::shard_map>(cluster_->node(),
                                             database_->shards());
  return {};
}

result<void> node::recover_shards() {
  for (uint32_t i = 0; i < database_->shards(); ++i) {
    storage::raft_driver::options options;
    options.shard = shard_id{i};
    options.id = server_;
    options.address
      = cluster_ ? settings_.cluster->listen : std::to_string(server_);
    options.seed = static_cast<unsigned>(steady_us()) + i;
    if (cluster_) {
      options.election_ms = settings_.cluster->election_ms;
      options.heartbeat_ms = settings_.cluster->heartbeat_ms;
    }
    auto recovered = storage::recover(*database_, options, steady_us() / 1'000);
    if (!recovered)
      return recovered.error();
    recovered_.push_back(
      std::make_shared<storage::recovered_shard>(std::move(*recovered)));
  }
  return {};
}

// -- serving
// -------------------------------------------------------------------

result<void> node::is_ready() const {
  if (auto why = actors::why_outside(map_->place()); !why.empty())
    return failure{ec::not_leader, std::string{why}};
  if (reserve_->low(steady_us() / 1'000))
    return failure{ec::no_space, "the disk is nearly full: publishing stops"};
  if (auto shard = map_->unserved())
    return failure{ec::not_leader, "shard " + std::to_string(shard->value)
                                     + " has no leader that serves"};
  return {};
}

void node::serve() {
  gateway_wiring wiring;
  wiring.directory = directory_;
  wiring.resources = resources_;
  wiring.supervisor = supervisor_;
  wiring.catalog = caf::actor_cast<actors::supervisor_actor>(catalog_);
  wiring.cluster = membership_;
  wiring.ready = [this] { return is_ready(); };
  wiring.version = EVENTD_VERSION;
  wiring.version_json = version_json();
  gateway_->serve(std::move(wiring));
}

std::string node::url() const {
  auto host = settings_.host.find(':') == std::string::npos
                ? settings_.host
                : "[" + settings_.host + "]";
  return "http://" + host + ":" + std::to_string(gateway_->port());
}

// -- stopping
// ------------------------------------------------------------------

/// So that the others need not wait for a timeout to find a new leader; what no
/// other voter can take stays.
void node::hand_over() {
  if (!cluster_ || shards_.empty())
    return;
  auto now = std::chrono::steady_clock::now;
  auto end = now() + hand_over_patience;
  caf::scoped_actor self{*system_};
  std::map<uint32_t, actors::shard_status> led;
  for (uint32_t i = 0; i < map_->shards() && now() < end; ++i)
    if (map_->is_own(shard_id{i}))
      self->request(shards_[i], hand_over_patience / 8, actors::atom::status_v)
        .receive([&](actors::shard_status& x) { led[i] = std::move(x); },
                 [&](const caf::error&) { led[i] = {}; });
  auto can_go = [&](const auto& x) {
    return map_->is_own(shard_id{x.first})
           && actors::has_heir(x.second, cluster_->nodes(), cluster_->node());
  };
  for (auto next = now();
       now() < end && std::any_of(led.begin(), led.end(), can_go);) {
    if (now() >= next) {
      next += hand_over_patience / 20;
      for (const auto& x : led)
        if (can_go(x))
          caf::anon_send(shards_[x.first], actors::atom::transfer_v,
                         uint64_t{0});
    }
    std::this_thread::sleep_for(1ms);
  }
}

void node::stop() {
  if (stopped_ || !system_)
    return;
  stopped_ = true;
  if (cluster_)
    cluster_->leave();
  hand_over();
  if (gateway_ && supervisor_)
    gateway_->drain(drain_patience);
  // The others may have given some of it back in the meantime.
  hand_over();
  {
    caf::scoped_actor self{*system_};
    if (supervisor_)
      if (auto done
          = tell_now(self, supervisor_, stop_patience, actors::atom::stop_v);
          !done)
        spdlog::warn("the supervisor did not stop in time: {}",
                     done.error().detail);
    for (const auto& shard : shards_)
      if (auto done
          = tell_now(self, shard, stop_patience, actors::atom::stop_v);
          !done && done.error() == ec::timeout)
        spdlog::warn("a shard did not stop in time: {}", done.error().detail);
  }
  if (gateway_)
    gateway_->stop();
  if (database_)
    database_->stop_compacting();
  if (cluster_)
    cluster_->stop();
  end_actors();
  gateway_.reset();
  system_->await_all_actors_done();
  system_.reset();
  cluster_.reset();
  database_.reset();
}

void node::end_actors() {
  auto end = [](auto& actor) {
    if (actor)
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    actor = nullptr;
  };
  locals_->clear();
  if (link_)
    link_->close();
  link_ = {};
  end(membership_);
  end(catalog_);
  end(resources_);
  end(supervisor_);
  end(directory_);
  for (auto& shard : shards_)
    end(shard);
  for (auto& reader : readers_)
    end(reader);
  end(raft_reader_);
  end(scrubber_);
  end(mender_);
  end(reclaimer_);
  end(log_writer_);
}

} // namespace eventd::runtime
