// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/bridge.hpp"

#include <caf/actor_config.hpp>
#include <caf/error.hpp>
#include <caf/exit_reason.hpp>
#include <caf/make_actor.hpp>

#include "actors/protocol/error.hpp"
#include "storage/model/limits.hpp"

namespace eventd::runtime {

namespace {

/// A request's id: [life, 32 bits][place in the table + 1, 24 bits].
constexpr unsigned place_bits = 24;
constexpr uint64_t place_mask = (uint64_t{1} << place_bits) - 1;
static_assert(limits::bridge_asks_max < place_mask);

failure closing() {
  return {ec::shutting_down, "the node is shutting down"};
}

} // namespace

// -- delivery_promise ---------------------------------------------------------

delivery_promise::delivery_promise(caf::strong_actor_ptr self,
                                   caf::strong_actor_ptr asker,
                                   caf::message_id mid)
  : self_(std::move(self)), asker_(std::move(asker)), mid_(mid) {}

delivery_promise::~delivery_promise() {
  answer(closing());
}

void delivery_promise::answer(result<actors::delivery_outcome> outcome) {
  auto asker = std::exchange(asker_, nullptr);
  if (!asker || !mid_.is_request())
    return;
  auto* to = caf::actor_cast<caf::abstract_actor*>(asker);
  if (outcome)
    to->eq_impl(mid_.response_id(), self_, nullptr, std::move(*outcome));
  else
    to->eq_impl(mid_.response_id(), self_, nullptr, to_caf(outcome.error()));
}

// -- bridge_actor -------------------------------------------------------------

std::optional<failure> failure_in(const caf::type_erased_tuple& answer) {
  if (!answer.match_elements<caf::error>())
    return std::nullopt;
  const auto& why = answer.get_as<caf::error>(0);
  if (why.category() == caf::atom("exit"))
    return failure{ec::actor_died, "the actor ended before it answered"};
  return from_caf(why);
}

bridge_actor::bridge_actor(caf::actor_config& config, net::io_context& context,
                           bridge_roles& roles)
  : caf::monitorable_actor(config), context_(context), roles_(roles) {}

void bridge_actor::enqueue(caf::mailbox_element_ptr what,
                           caf::execution_unit*) {
  {
    std::lock_guard guard{inbox_mutex_};
    if (open_) {
      inbox_.push_back(std::move(what));
      if (scheduled_)
        return;
      scheduled_ = true;
      // Posted under the lock: `close` can not come between, so the context
      // still lives.
      net::post(context_,
                [this, alive = caf::strong_actor_ptr{ctrl()}] { drain(); });
      return;
    }
  }
  refuse(*what);
}

/// CAF's own bounce would say that the receiver died, which a SUBSCRIPTION
/// must not take for an attempt that was made.
void bridge_actor::refuse(caf::mailbox_element& what) {
  delivery_promise{caf::strong_actor_ptr{ctrl()}, std::move(what.sender),
                   what.mid};
}

void bridge_actor::drain() {
  {
    std::lock_guard guard{inbox_mutex_};
    scheduled_ = false;
    std::swap(inbox_, batch_);
  }
  for (auto& what : batch_)
    handle(*what);
  batch_.clear();
}

void bridge_actor::handle(caf::mailbox_element& what) {
  if (what.mid.is_response())
    return handle_answer(what);
  auto& content = what.content();
  if (content
        .match_elements<actors::atom::deliver, actors::delivery_request>()) {
    delivery_promise promise{caf::strong_actor_ptr{ctrl()},
                             std::move(what.sender), what.mid};
    if (!closed_)
      roles_.on_deliver(content.move_if_unshared<actors::delivery_request>(1),
                        std::move(promise));
  } else if (closed_) {
    return;
  } else if (content.match_elements<actors::atom::route, std::string,
                                    actors::channel_actor>()) {
    roles_.on_route(content.get_as<std::string>(1),
                    content.get_as<actors::channel_actor>(2));
  } else if (content.match_elements<actors::atom::unroute, std::string>()) {
    roles_.on_unroute(content.get_as<std::string>(1));
  }
  // Anything else is a system message that means nothing to a bridge: its life
  // is the gateway's, not another actor's.
}

void bridge_actor::handle_answer(caf::mailbox_element& what) {
  auto id = what.mid.request_id().integer_value();
  auto index = static_cast<size_t>(id & place_mask) - 1;
  if (index >= slots_.size() || !slots_[index].who
      || slots_[index].life != static_cast<uint32_t>(id >> place_bits))
    return; // Its asker gave up before.
  release(index)->complete(what.content());
}

std::unique_ptr<pending_ask> bridge_actor::release(size_t index) {
  ++slots_[index].life;
  free_slots_.push_back(static_cast<uint32_t>(index));
  return std::move(slots_[index].who);
}

std::optional<caf::message_id>
bridge_actor::expect(std::unique_ptr<pending_ask>& who, uint64_t timeout_s,
                     bool is_wait, failure& why) {
  if (closed_ || (is_wait && waits_interrupted_)) {
    why = closing();
    return std::nullopt;
  }
  if (free_slots_.empty()) {
    if (slots_.size() >= limits::bridge_asks_max) {
      why = {ec::overloaded, "too many requests wait for an actor"};
      return std::nullopt;
    }
    free_slots_.push_back(static_cast<uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  auto index = free_slots_.back();
  free_slots_.pop_back();
  auto& place = slots_[index];
  place.who = std::move(who);
  place.deadline = sweeps_ + timeout_s + 1;
  place.is_wait = is_wait;
  return caf::make_message_id(uint64_t{place.life} << place_bits
                              | (uint64_t{index} + 1));
}

void bridge_actor::sweep() {
  ++sweeps_;
  for (size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].who && slots_[i].deadline <= sweeps_)
      release(i)->fail(
        {ec::timeout, "no answer in time; the outcome is unknown"});
}

void bridge_actor::interrupt_waits() {
  waits_interrupted_ = true;
  for (size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].who && slots_[i].is_wait)
      release(i)->fail(closing());
}

void bridge_actor::close() {
  if (closed_)
    return;
  closed_ = true;
  std::vector<caf::mailbox_element_ptr> left;
  {
    std::lock_guard guard{inbox_mutex_};
    open_ = false;
    left.swap(inbox_);
  }
  for (auto& what : left)
    refuse(*what);
  for (size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].who)
      release(i)->fail(closing());
  cleanup(caf::exit_reason::normal, nullptr);
}

// -- bridge -------------------------------------------------------------------

namespace {

caf::strong_actor_ptr make_bridge_actor(caf::actor_system& system,
                                        net::io_context& context,
                                        bridge_roles& roles) {
  caf::actor_config config;
  // Not counted as running: the gateway ends it, not `~actor_system`.
  return caf::make_actor<bridge_actor, caf::strong_actor_ptr>(
    system.next_actor_id(), system.node(), &system, config, context, roles);
}

} // namespace

bridge::bridge(caf::actor_system& system, net::io_context& context,
               bridge_roles& roles)
  : actor_(make_bridge_actor(system, context, roles), context.get_executor()) {}

uint64_t bridge::limits_timeout_s() {
  return limits::ask_timeout_s;
}

actors::dispatcher_actor bridge::dispatcher() const {
  return caf::actor_cast<actors::dispatcher_actor>(actor_.strong());
}

actors::route_watcher_actor bridge::route_watcher() const {
  return caf::actor_cast<actors::route_watcher_actor>(actor_.strong());
}

} // namespace eventd::runtime
