// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// What goes between this node and the others, and what it knows of them.

#include <chrono>
#include <map>
#include <string>
#include <utility>

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include "runtime/cluster/cluster.hpp"
#include "runtime/config/node_address.hpp"
#include "storage/raft/message_codec.hpp"

namespace eventd::runtime {

namespace {

/// That a node comes or goes is told at most so often in this time.
constexpr size_t lines_max = 20;
constexpr auto lines_window = std::chrono::minutes(1);

/// Older nodes take it for an answer to a call that nobody made: its number 0,
/// and an empty message.
std::shared_ptr<const std::string> leaving_message() {
  auto kind = static_cast<char>(actors::peer_message::leaving);
  return std::make_shared<const std::string>(std::string{kind, 0, 0});
}

} // namespace

void cluster::serve(std::vector<actors::shard_actor> replicas,
                    actors::link_holder link) {
  std::lock_guard guard{mutex_};
  replicas_ = std::move(replicas);
  link_ = std::move(link);
}

void cluster::receive(uint64_t node, const hello& theirs,
                      const std::string& message) {
  if (message.empty())
    return;
  auto kind = static_cast<actors::peer_message>(message[0]);
  auto body = std::string_view{message}.substr(1);
  if (kind == actors::peer_message::leaving) {
    std::lock_guard guard{mutex_};
    leaving_[node] = theirs.boot_id;
    return;
  }
  if (kind != actors::peer_message::raft) {
    actors::link_holder link;
    {
      std::lock_guard guard{mutex_};
      link = link_;
      // Who asks is answered, for as long as it asks.
      if (kind == actors::peer_message::call)
        invite(theirs);
    }
    if (!link)
      return;
    if (auto done = link->receive(node, kind, body); !done)
      spdlog::warn("node {}: {}", node, done.error().detail);
    return;
  }
  auto packet = storage::decode_raft_packet(body);
  if (!packet) {
    spdlog::warn("node {}: {}", node, packet.error().detail);
    return;
  }
  if (packet->from != theirs.server)
    return;
  std::lock_guard guard{mutex_};
  if (packet->shard.value < replicas_.size())
    caf::anon_send(replicas_[packet->shard.value], actors::atom::raft_v,
                   std::move(*packet));
}

bool cluster::send(uint64_t node, std::shared_ptr<const std::string> message) {
  return transport_->send(node, std::move(message));
}

bool cluster::connected(uint64_t node) const {
  std::lock_guard guard{mutex_};
  return connected_.contains(node);
}

void cluster::connect(uint64_t node, const hello& theirs, uint32_t version) {
  tell(node, "node " + std::to_string(node) + " at " + theirs.address
               + " is connected, with protocol version "
               + std::to_string(version));
  bool leaves = false;
  {
    std::lock_guard guard{mutex_};
    connected_.insert(node);
    leaves = leaves_;
  }
  if (leaves)
    send(node, leaving_message());
  probe();
}

void cluster::disconnect(uint64_t node) {
  tell(node, "the connection to node " + std::to_string(node) + " is lost");
  {
    std::lock_guard guard{mutex_};
    connected_.erase(node);
  }
  fail_calls(node);
}

/// Its connection to this node begins or ends.
void cluster::hear(uint64_t node, bool begins) {
  {
    std::lock_guard guard{mutex_};
    if (begins)
      heard_.insert(node);
    else
      heard_.erase(node);
  }
  fail_calls(node);
  if (begins)
    probe();
}

/// What was asked, or what was answered, went over a connection that broke.
void cluster::fail_calls(uint64_t node) {
  actors::link_holder link;
  {
    std::lock_guard guard{mutex_};
    link = link_;
  }
  if (link)
    link->lost(node);
}

/// Who leads asks at once what of its messages, and of the answers, is lost.
void cluster::probe() {
  std::lock_guard guard{mutex_};
  for (const auto& x : replicas_)
    caf::anon_send(x, actors::atom::probe_v);
}

void cluster::tell(uint64_t node, const std::string& line) {
  auto now = std::chrono::steady_clock::now();
  auto& told = told_[node];
  if (now >= told.since + lines_window)
    told = {now, 0};
  ++told.count;
  if (told.count < lines_max)
    spdlog::info("{}", line);
  else if (told.count == lines_max)
    spdlog::info("{}; it comes and goes: further lines of it are left out for "
                 "a minute",
                 line);
}

// -- who stops
// -----------------------------------------------------------------

void cluster::leave() {
  std::set<uint64_t> others;
  {
    std::lock_guard guard{mutex_};
    leaves_ = true;
    others = connected_;
  }
  for (auto node : others)
    send(node, leaving_message());
}

bool cluster::is_leaving(uint64_t node) const {
  std::lock_guard guard{mutex_};
  return has_left(node);
}

/// @pre `mutex_` is held
bool cluster::has_left(uint64_t node) const {
  if (node == settings_.node_id)
    return leaves_;
  auto said = leaving_.find(node);
  auto seen = seen_.find(node);
  // Since then it may have been started again.
  return said != leaving_.end() && seen != seen_.end()
         && said->second == seen->second.boot_id;
}

// -- who is there
// --------------------------------------------------------------

result<void> cluster::may_dial(uint64_t node,
                               const std::string& address) const {
  auto refuse = [](const failure& why) {
    return failure{ec::invalid_request, why.detail, "address"};
  };
  auto parsed = parse_node_address(address);
  if (!parsed)
    return refuse(parsed.error());
  auto done
    = check_dialed('\'' + address + '\'', *parsed, !settings_.tls_cert.empty());
  if (!done)
    return refuse(done.error());
  for (const auto& x : settings_.peers)
    if (auto named = node_address{x.host, x.port}.text();
        x.node == node && named != parsed->text())
      return failure{ec::invalid_request,
                     "node " + std::to_string(node) + " is dialed at " + named
                       + ", where --peers of node "
                       + std::to_string(settings_.node_id) + " has it, not at "
                       + address,
                     "address"};
  return {};
}

std::vector<actors::node_view> cluster::nodes() const {
  std::lock_guard guard{mutex_};
  std::map<uint64_t, actors::node_view> found;
  found[settings_.node_id]
    = {settings_.node_id, settings_.listen, who_.server, true, EVENTD_VERSION};
  // Where each is dialed: `--peers` goes before what the groups say.
  for (const auto& x : settings_.peers)
    found[x.node] = {x.node, node_address{x.host, x.port}.text(), 0, false, {}};
  for (const auto& [node, address] : known_)
    found.try_emplace(node, actors::node_view{node, address, 0, false, {}});
  for (const auto& [node, x] : seen_) {
    auto place = found.find(node);
    if (place == found.end())
      continue;
    place->second.server = x.server;
    place->second.version = x.eventd_version;
    place->second.connected = connected_.contains(node);
  }
  std::vector<actors::node_view> xs;
  for (auto& [node, x] : found) {
    x.leaving = has_left(node);
    xs.push_back(std::move(x));
  }
  return xs;
}

} // namespace eventd::runtime
