// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/cluster.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>
#include <utility>

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include "runtime/cluster/formation.hpp"
#include "runtime/config/node_address.hpp"
#include "runtime/node/clock.hpp"
#include "storage/raft/message_codec.hpp"
#include "storage/raft/server_id.hpp"

namespace eventd::runtime {

namespace {

constexpr auto form_interval = std::chrono::milliseconds(20);
/// A line about what it waits for, this often.
constexpr int form_lines_every = 250;

constexpr auto guest_time = std::chrono::seconds(60);
/// Past it: further ones are not dialed.
constexpr size_t guests_max = 64;

uint64_t random_number() {
  std::random_device source;
  return uint64_t{source()} << 32 | source();
}

uint64_t new_server(uint64_t node) {
  return storage::server_id(node, static_cast<uint32_t>(random_number()) | 1);
}

/// How a refusal begins that tells a node that its directory is an old copy.
constexpr std::string_view stale_text
  = "its data directory was put back to an older state";

/// Who we are at this start, which counts from now on.
result<storage::identity> begin_start(const cluster_config& settings,
                                      storage::database& database,
                                      bool join_only) {
  auto who = storage::load_identity(database);
  if (!who)
    return who;
  if (who->abandoned) {
    spdlog::warn("the data directory is an old copy that the other nodes "
                 "refused: it begins anew, and gets its data from them");
    who = storage::begin_anew(database, new_server(settings.node_id));
    if (!who)
      return who;
  }
  if (who->server == 0) {
    who->server = new_server(settings.node_id);
    who->join_only = join_only;
  }
  if (storage::node_of(who->server) != settings.node_id)
    return failure{ec::invalid_config,
                   "--node-id: the data directory belongs to node "
                     + std::to_string(storage::node_of(who->server)),
                   "node-id"};
  // A node that was alone begins a cluster of its own, which others join.
  if (who->bootstrapped && who->cluster_id.empty())
    who->cluster_id = new_uuid();
  storage::count_start(*who, random_number());
  // Before anybody hears of it.
  if (auto done = storage::store_identity(database, *who); !done)
    return done.error();
  return who;
}

} // namespace

result<std::unique_ptr<cluster>>
cluster::start(const cluster_config& settings, storage::database& database,
               bool join_only, std::function<void(const failure&)> on_stale) {
  auto who = begin_start(settings, database, join_only);
  if (!who)
    return who.error();
  std::unique_ptr<cluster> self{new cluster{settings, database}};
  self->who_ = std::move(*who);
  self->on_stale_ = std::move(on_stale);
  auto started = cluster_transport::start(self->options());
  if (!started)
    return started.error();
  self->transport_ = std::move(*started);
  self->dial(false);
  return self;
}

transport_options cluster::options() {
  transport_options x;
  x.host = settings_.host;
  x.port = settings_.port;
  x.node = settings_.node_id;
  x.tls_cert = settings_.tls_cert;
  x.tls_key = settings_.tls_key;
  x.tls_ca = settings_.tls_ca;
  x.on.own = [this] { return own(); };
  x.on.admit = [this](const hello& theirs, uint32_t) { return admit(theirs); };
  x.on.connected = [this](uint64_t node, const hello& theirs,
                          uint32_t version) { connect(node, theirs, version); };
  x.on.disconnected = [this](uint64_t node) { disconnect(node); };
  x.on.heard = [this](uint64_t node) { hear(node, true); };
  x.on.unheard = [this](uint64_t node) { hear(node, false); };
  x.on.received
    = [this](uint64_t node, const hello& theirs, const std::string& message) {
        receive(node, theirs, message);
      };
  x.on.refused
    = [this](uint64_t node, const std::string& why) { refused(node, why); };
  x.on.warn = [](const std::string& line) { spdlog::warn("{}", line); };
  return x;
}

/// A directory that was put back must not vote again, at this start or a later
/// one: the node ends, and begins anew when it is started again.
void cluster::refused(uint64_t node, const std::string& why) {
  auto is_it = [node](const auto& x) { return x.node == node; };
  if (std::any_of(settings_.peers.begin(), settings_.peers.end(), is_it)) {
    std::lock_guard guard{mutex_};
    auto& x = refusals_[node];
    (why.starts_with(refused_us_text) ? x.of_us : x.of_it) = why;
    // What it said before may be of a directory that is no more: no cluster is
    // founded with it. While this node is connected to it, it is another's.
    if (!who_.bootstrapped && !connected_.contains(node))
      seen_.erase(node);
  }
  // Only what it says of us: we refuse old copies with the same words.
  if (!why.starts_with(std::string{refused_us_text} + std::string{stale_text})
      || stale_)
    return;
  stale_ = true;
  storage::identity who;
  {
    std::lock_guard guard{mutex_};
    who = who_;
  }
  who.abandoned = true;
  if (auto done = storage::store_identity(database_, who); !done)
    spdlog::error("{}", done.error().detail);
  on_stale_({ec::conflict,
             "node " + std::to_string(node)
               + " has seen a later state of the data directory; start the "
                 "node again, and it joins as a new one"});
}

cluster::~cluster() {
  stop();
}

void cluster::stop() {
  if (transport_)
    transport_->stop();
  std::lock_guard guard{mutex_};
  replicas_.clear();
  link_ = {};
}

// -- who we are
// ----------------------------------------------------------------

hello cluster::own() const {
  std::lock_guard guard{mutex_};
  hello x;
  x.cluster_id = who_.cluster_id;
  x.node = settings_.node_id;
  x.server = who_.server;
  x.boot_counter = who_.boot_counter;
  x.boot_id = who_.boot_id;
  x.boots = who_.boots;
  // Who waits for others that are empty must not count on one that is not new.
  x.empty = !who_.bootstrapped && !who_.join_only;
  x.join_only = who_.join_only && !who_.bootstrapped;
  x.address = settings_.listen;
  for (const auto& founder : who_.founders)
    x.founders.push_back({founder.id, founder.address});
  x.eventd_version = EVENTD_VERSION;
  x.shards = database_.shards();
  return x;
}

result<void> cluster::admit(const hello& theirs) {
  if (auto same = agree_on_shards(own(), theirs); !same)
    return same;
  {
    std::lock_guard guard{mutex_};
    if (!who_.cluster_id.empty() && !theirs.cluster_id.empty()
        && who_.cluster_id != theirs.cluster_id)
      return failure{ec::invalid_config, "it belongs to another cluster ("
                                           + theirs.cluster_id + ", not "
                                           + who_.cluster_id + ")"};
    if (storage::node_of(theirs.server) != theirs.node)
      return failure{ec::invalid_config,
                     "its data directory belongs to node "
                       + std::to_string(storage::node_of(theirs.server))};
    if (takes_a_place(theirs))
      return failure{ec::conflict,
                     "node " + std::to_string(theirs.node)
                       + " is connected from another data directory"};
  }
  if (auto fresh = check_boot(theirs); !fresh)
    return fresh;
  std::lock_guard guard{mutex_};
  seen_[theirs.node] = theirs;
  refusals_.erase(theirs.node);
  invite(theirs);
  return {};
}

/// Whether it is a second process of a node that is connected with the
/// directory that the groups know: else the two would take turns. Who comes
/// with that directory takes the place of any other.
/// @pre `mutex_` is held
bool cluster::takes_a_place(const hello& theirs) const {
  auto member = members_.find(theirs.node);
  auto seen = seen_.find(theirs.node);
  return member != members_.end() && member->second != theirs.server
         && heard_.contains(theirs.node) && seen != seen_.end()
         && seen->second.server == member->second;
}

/// A directory that was put back to an older state must not vote again: what
/// it promised since then is not in it.
result<void> cluster::check_boot(const hello& theirs) {
  storage::peer_boot known;
  {
    std::lock_guard guard{mutex_};
    auto found = boots_.find(theirs.server);
    if (found != boots_.end())
      known = found->second;
  }
  if (known.counter == 0) {
    auto stored = storage::load_peer_boot(database_, theirs.server);
    if (!stored)
      return stored.error();
    known = *stored;
  }
  storage::peer_boot now{theirs.boot_counter, theirs.boot_id};
  if (!storage::comes_after(known, now.counter, now.id, theirs.boots))
    return failure{ec::conflict, std::string{stale_text} + ": it is at start "
                                   + std::to_string(now.counter)
                                   + " and does not come from start "
                                   + std::to_string(known.counter)
                                   + ", which was seen"};
  if (now.counter != known.counter)
    if (auto done = storage::store_peer_boot(database_, theirs.server, now);
        !done)
      return done;
  std::lock_guard guard{mutex_};
  boots_[theirs.server] = now;
  return {};
}

std::vector<storage::raft_server> cluster::peers() const {
  std::vector<storage::raft_server> xs;
  for (const auto& x : settings_.peers)
    xs.push_back({x.node, node_address{x.host, x.port}.text()});
  return xs;
}

void cluster::dial(bool again) {
  std::vector<peer_address> xs;
  for (const auto& x : settings_.peers)
    xs.push_back({x.node, x.host, x.port});
  {
    std::lock_guard guard{mutex_};
    auto add = [&](uint64_t node, const std::string& address) {
      auto parsed = parse_node_address(address);
      auto same = [node](const peer_address& x) { return x.node == node; };
      if (parsed && node != settings_.node_id
          && std::none_of(xs.begin(), xs.end(), same))
        xs.push_back({node, parsed->host, parsed->port});
    };
    for (const auto& [node, address] : known_)
      add(node, address);
    for (const auto& [node, x] : guests_)
      add(node, x.address);
  }
  // Only a new connection tells the others what changed in our hello.
  if (again)
    transport_->set_peers({});
  transport_->set_peers(std::move(xs));
}

void cluster::know(const std::vector<storage::raft_server>& servers) {
  std::map<uint64_t, std::string> known;
  std::map<uint64_t, uint64_t> members;
  for (const auto& x : servers) {
    auto node = storage::node_of(x.id);
    known[node] = x.address;
    if (x.id != storage::server_id(node, 0))
      members[node] = x.id;
  }
  auto now = std::chrono::steady_clock::now();
  {
    std::lock_guard guard{mutex_};
    for (const auto& [node, address] : known_)
      if (!known.contains(node) && members_.contains(node))
        invite(node, address);
    known_ = std::move(known);
    members_ = std::move(members);
    std::erase_if(guests_, [&](const auto& x) {
      return x.second.until <= now || known_.contains(x.first);
    });
  }
  // Who is dialed already is left alone.
  dial(false);
}

/// It is dialed when `know` is called the next time.
/// @pre `mutex_` is held
void cluster::invite(uint64_t node, const std::string& address) {
  if (guests_.size() < guests_max || guests_.contains(node))
    guests_[node] = {address, std::chrono::steady_clock::now() + guest_time};
}

/// Whoever is of this cluster and in no group.
/// @pre `mutex_` is held
void cluster::invite(const hello& theirs) {
  if (!theirs.cluster_id.empty() && theirs.cluster_id == who_.cluster_id
      && !known_.contains(theirs.node))
    invite(theirs.node, theirs.address);
}

// -- beginning
// -----------------------------------------------------------------

result<bool>
cluster::form(const std::function<bool()>& stop,
              const std::function<void(const std::string&)>& waits) {
  std::string told;
  for (int round = 0; !who_.bootstrapped; ++round) {
    if (stop())
      return false;
    std::map<uint64_t, hello> seen;
    {
      std::lock_guard guard{mutex_};
      seen = seen_;
    }
    auto step
      = next_step(who_, settings_.node_id, settings_.listen, peers(), seen);
    if (!step)
      return step.error();
    if (step->what == formation_step::kind::wait) {
      add_refusals(step->reason);
      if (told != step->reason || round % form_lines_every == 0)
        spdlog::info("the cluster is not formed yet: {}", step->reason);
      told = step->reason;
      if (waits)
        waits(told);
      std::this_thread::sleep_for(form_interval);
      continue;
    }
    auto next = who_;
    next.founders = step->founders;
    next.cluster_id = step->cluster_id;
    if (step->what == formation_step::kind::found)
      next.cluster_id = new_uuid();
    if (auto done = settle(std::move(next), step->founders); !done)
      return done.error();
  }
  return true;
}

/// Who refuses this node, or is refused, counts as not reached.
void cluster::add_refusals(std::string& reason) const {
  std::lock_guard guard{mutex_};
  for (const auto& [node, x] : refusals_)
    for (const auto& why : {x.of_it, x.of_us})
      if (!why.empty())
        reason += "; node " + std::to_string(node) + ": " + why;
}

result<void> cluster::settle(storage::identity next,
                             const std::vector<storage::raft_server>& servers) {
  if (auto done = storage::bootstrap_shards(database_, next, servers); !done)
    return done;
  if (servers.empty())
    spdlog::info("joins cluster {} and waits to be taken in", next.cluster_id);
  else
    spdlog::info("begins in cluster {} of {} nodes", next.cluster_id,
                 servers.size());
  {
    std::lock_guard guard{mutex_};
    who_ = std::move(next);
  }
  dial(true);
  return {};
}

} // namespace eventd::runtime
