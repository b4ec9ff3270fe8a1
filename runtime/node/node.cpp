// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/node/node.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <caf/actor_cast.hpp>
#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <spdlog/spdlog.h>

#include "actors/directory/directory.hpp"
#include "actors/log_writer/log_writer.hpp"
#include "actors/protocol/registration.hpp"
#include "actors/reader/reader.hpp"
#include "actors/reclaimer/reclaimer.hpp"
#include "actors/replica/replica.hpp"
#include "actors/resource/resources.hpp"
#include "actors/supervisor/supervisor.hpp"
#include "runtime/node/clock.hpp"
#include "storage/state/recover.hpp"

namespace eventd::runtime {

namespace {

using namespace std::chrono_literals;

/// A single node's id in its Raft groups.
constexpr uint64_t own_id = 1;

/// Readers that may block on the disk at a time.
constexpr size_t reader_count = 2;

/// How long a start may take before it counts as failed: leading all shards,
/// opening all channels.
constexpr auto start_patience = 60s;

/// How long no further channel may open before the node serves without it.
constexpr auto open_patience = 5s;

/// How the 10 s of a stop are shared: requests first, then the actors.
constexpr auto drain_patience = 5s;
constexpr auto stop_patience = 3s;

/// Ends the process where going on could lose or contradict what was
/// acknowledged. No destructor runs: the disk stays as it is.
[[noreturn]] void stop_hard(const std::string& who, const failure& why) {
  spdlog::critical("{} failed: {}: {}; the node stops", who, name_of(why.code),
                   why.detail);
  spdlog::shutdown();
  std::_Exit(3);
}

/// Whether an actor ended because the node stops.
bool is_stop(const caf::error& why) {
  return why == caf::exit_reason::user_shutdown;
}

/// Asks and waits.
template <class T, class Handle, class... Ts>
result<T> ask_now(caf::scoped_actor& self, const Handle& whom,
                  std::chrono::milliseconds patience, Ts&&... xs) {
  result<T> answer{failure{ec::timeout, "no answer"}};
  self->request(whom, patience, std::forward<Ts>(xs)...)
    .receive([&](T& x) { answer = std::move(x); },
             [&](const caf::error& why) { answer = from_caf(why); });
  return answer;
}

/// The same for an answer that says only: done. It is an empty message, which
/// a typed request refuses in CAF 0.17; the untyped one takes it.
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

system_config::system_config() {
  actors::register_types(*this);
  // The default policy starts at least four threads and lets them sleep for
  // up to 10 ms between looks at their queues.
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads",
      std::max<size_t>(1, std::thread::hardware_concurrency()));
}

node::node(const config& settings)
  : settings_(settings), stats_(std::make_shared<actors::node_stats>()),
    tail_(std::make_shared<storage::tail_cache>(limits::tail_cache_bytes_max)) {
}

node::~node() {
  stop();
}

result<std::unique_ptr<node>> node::start(const config& settings) {
  spdlog::info("eventd {} starts", EVENTD_VERSION);
  std::unique_ptr<node> self{new node(settings)};
  self->system_ = std::make_unique<caf::actor_system>(self->caf_config_);
  gateway_options options;
  options.host = settings.host;
  options.port = settings.port;
  options.io_threads = settings.io_threads;
  options.body_bytes_max = settings.body_bytes_max;
  options.stats = self->stats_;
  options.wall_ms = wall_ms;
  options.mono_us = steady_us;
  auto bound = gateway::start(*self->system_, std::move(options));
  if (!bound)
    return bound.error();
  self->gateway_ = std::move(*bound);
  if (auto done = self->open_storage(); !done)
    return done.error();
  if (auto done = self->spawn_shards(); !done)
    return done.error();
  self->spawn_services();
  if (auto done = self->spawn_resources(); !done)
    return done.error();
  self->serve();
  return self;
}

// -- starting
// -----------------------------------------------------------------------

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
  return storage::bootstrap(*database_, own_id);
}

result<void> node::spawn_shards() {
  // Blocks on every write and sync.
  log_writer_ = system_->spawn<caf::detached>(
    actors::log_writer,
    actors::log_writer_wiring{database_.get(), stats_, steady_us});
  // Blocks for as long as a compaction takes.
  reclaimer_
    = system_->spawn<caf::detached>(actors::reclaimer, database_.get());
  for (uint32_t i = 0; i < database_->shards(); ++i) {
    storage::raft_driver::options options;
    options.shard = shard_id{i};
    options.id = own_id;
    options.address = std::to_string(own_id);
    options.seed = static_cast<unsigned>(steady_us()) + i;
    auto recovered = storage::recover(*database_, options, steady_us() / 1'000);
    if (!recovered)
      return recovered.error();
    actors::replica_wiring wiring;
    wiring.shard = shard_id{i};
    wiring.recovered
      = std::make_shared<storage::recovered_shard>(std::move(*recovered));
    wiring.log_writer = log_writer_;
    wiring.reclaimer = reclaimer_;
    wiring.rules = &database_->rules();
    wiring.tail = tail_;
    wiring.stats = stats_;
    wiring.reserve = reserve_;
    shards_.push_back(system_->spawn(actors::replica, std::move(wiring)));
  }
  return {};
}

template <class Handle>
void node::watch(const Handle& whom, const char* name) {
  caf::actor_cast<caf::abstract_actor*>(whom)->attach_functor(
    [name](const caf::error& why) {
      if (!is_stop(why))
        stop_hard(name, from_caf(why));
    });
}

void node::spawn_services() {
  // A cold read blocks on the disk.
  for (size_t i = 0; i < reader_count; ++i)
    readers_.push_back(
      system_->spawn<caf::detached>(actors::reader, database_.get(), stats_));
  directory_ = system_->spawn(actors::directory,
                              std::vector<actors::route_watcher_actor>{});
  actors::supervisor_wiring wiring;
  wiring.shards = shards_;
  wiring.readers = readers_;
  wiring.directory = directory_;
  wiring.dispatcher = gateway_->dispatcher();
  wiring.tail = tail_;
  wiring.stats = stats_;
  wiring.wall_ms = wall_ms;
  wiring.reserve = reserve_;
  wiring.vital.push_back({"the log writer", log_writer_.address()});
  for (size_t i = 0; i < shards_.size(); ++i)
    wiring.vital.push_back(
      {"the replica of shard " + std::to_string(i), shards_[i].address()});
  wiring.fatal = stop_hard;
  wiring.warn = [](const std::string& line) { spdlog::warn("{}", line); };
  supervisor_ = system_->spawn(actors::supervisor, std::move(wiring));
  // Whoever waits for one of these would wait for ever.
  watch(supervisor_, "the supervisor");
  watch(directory_, "the directory");
  watch(reclaimer_, "the reclaimer");
  for (const auto& reader : readers_)
    watch(reader, "a reader");
}

result<void> node::spawn_resources() {
  caf::scoped_actor self{*system_};
  for (const auto& shard : shards_)
    if (auto led = ask_now<actors::channel_place>(
          self, shard, start_patience, actors::atom::place_v, channel_id{0});
        !led)
      return led.error();
  auto stored = ask_now<actors::resource_snapshot>(
    self, shards_[0], start_patience, actors::atom::resource_v);
  if (!stored)
    return stored.error();
  actors::resources_wiring wiring;
  for (const auto& shard : shards_)
    wiring.replicas.push_back(shard);
  wiring.supervisor = supervisor_;
  wiring.channel_ids_end = stored->channel_ids_end;
  wiring.wall_ms = wall_ms;
  wiring.new_uid = new_uuid;
  wiring.note = [](const std::string& line) { spdlog::info("{}", line); };
  size_t channels = 0;
  for (size_t i = 0; i < stored->keys.size(); ++i) {
    channels += stored->keys[i].starts_with("channels.") ? 1 : 0;
    wiring.stored.push_back({std::move(stored->keys[i]),
                             std::move(stored->documents[i]),
                             stored->indexes[i]});
  }
  resources_ = system_->spawn(actors::resources, std::move(wiring));
  watch(resources_, "the resources");
  return wait_for_channels(channels);
}

/// Nobody shall meet a 404 for a channel that was there before the restart.
/// One that can not be opened (damaged, or half removed when the node died)
/// must not keep the sound ones from being served: without progress for a
/// while the node serves what it has.
result<void> node::wait_for_channels(size_t expected) {
  caf::scoped_actor self{*system_};
  size_t seen = 0;
  auto last_progress = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() < last_progress + open_patience) {
    auto open = ask_now<std::vector<actors::channel_status>>(
      self, supervisor_, start_patience, actors::atom::chans_v);
    if (!open)
      return open.error();
    if (open->size() >= expected) {
      spdlog::info("{} channels are open", expected);
      return {};
    }
    if (open->size() > seen)
      last_progress = std::chrono::steady_clock::now();
    seen = open->size();
    std::this_thread::sleep_for(1ms);
  }
  spdlog::error("of {} stored channels {} could be opened", expected, seen);
  return {};
}

result<void> node::is_ready() const {
  if (reserve_->low(steady_us() / 1'000))
    return failure{ec::no_space, "the disk is nearly full: publishing stops"};
  return {};
}

void node::serve() {
  gateway_wiring wiring;
  wiring.directory = directory_;
  wiring.resources = resources_;
  wiring.supervisor = supervisor_;
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
// -----------------------------------------------------------------------

void node::stop() {
  if (stopped_ || !system_)
    return;
  stopped_ = true;
  if (gateway_ && supervisor_)
    gateway_->drain(drain_patience);
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
          !done)
        spdlog::warn("a shard did not stop in time: {}", done.error().detail);
  }
  if (gateway_)
    gateway_->stop();
  if (database_)
    database_->stop_compacting();
  auto end = [](auto& actor) {
    if (actor)
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    actor = nullptr;
  };
  end(resources_);
  end(supervisor_);
  end(directory_);
  for (auto& shard : shards_)
    end(shard);
  for (auto& reader : readers_)
    end(reader);
  end(reclaimer_);
  end(log_writer_);
  gateway_.reset();
  system_->await_all_actors_done();
  system_.reset();
  database_.reset();
}

} // namespace eventd::runtime
