// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/link/link.hpp"

#include <string>
#include <utility>
#include <vector>

#include <caf/actor_config.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/exit_reason.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_actor.hpp>

#include "actors/protocol/interfaces.hpp"
#include "storage/codec/bytes.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

namespace {

using storage::byte_reader;
using storage::put_string;
using storage::put_varint;

/// An actor's handle means nothing on another node: that there is one does.
enum class answer_kind : uint8_t { message = 0, failure = 1, handle = 2 };

failure damaged(const char* what) {
  return {ec::corrupt_record,
          std::string{"a message of another node can not be understood: "}
            + what};
}

failure closing() {
  return {ec::not_leader, "the node is shutting down"};
}

std::string begin(peer_message kind, uint64_t id) {
  std::string out(1, static_cast<char>(kind));
  put_varint(out, id);
  return out;
}

void put_address(std::string& out, const call_address& x) {
  put_varint(out, static_cast<uint64_t>(x.kind));
  put_varint(out, x.shard.value);
  put_varint(out, x.key);
  put_string(out, x.name);
}

call_address read_address(byte_reader& in) {
  call_address x;
  x.kind = static_cast<call_target>(in.varint());
  x.shard = shard_id{in.varint()};
  x.key = in.varint();
  x.name = in.string();
  return x;
}

void put_failure(std::string& out, const failure& x) {
  put_varint(out, static_cast<uint64_t>(x.code));
  put_string(out, x.detail);
  put_string(out, x.field);
  put_varint(out, x.offset ? 1 : 0);
  put_varint(out, x.offset.value_or(0));
}

failure read_failure(byte_reader& in) {
  failure x;
  auto code = in.varint();
  // A newer node may know more of them.
  x.code = code < error_table.size() ? static_cast<ec>(code) : ec::internal;
  x.detail = in.string();
  x.field = in.string();
  auto has_offset = in.varint() != 0;
  auto offset = in.varint();
  if (has_offset)
    x.offset = offset;
  return x;
}

bool put_message(caf::actor_system& system, std::string& out,
                 const caf::message& x) {
  std::vector<char> bytes;
  caf::binary_serializer sink{system, bytes};
  if (auto why = x.save(sink))
    return false;
  out.append(bytes.data(), bytes.size());
  return true;
}

result<caf::message> read_message(caf::actor_system& system,
                                  std::string_view bytes) {
  caf::message x;
  caf::binary_deserializer source{system, bytes.data(), bytes.size()};
  // `source(x)` swallows all errors in CAF 0.17.6.
  if (auto why = x.load(source))
    return damaged("its content");
  return x;
}

caf::atom_value atom_of(const caf::message& what) {
  if (what.empty() || !what.match_element<caf::atom_value>(0))
    return {};
  return what.get_as<caf::atom_value>(0);
}

/// How long the answer may take. Unit: ms.
int64_t patience_of(const caf::message& what) {
  constexpr int64_t second = 1'000;
  auto kind = atom_of(what);
  if (kind == atom::await::value)
    return limits::wait_ms_max + 5 * second;
  if (kind == atom::promote::value || kind == atom::change::value)
    return 600 * second;
  return static_cast<int64_t>(limits::ask_timeout_s) * second;
}

} // namespace

link_actor::link_actor(caf::actor_config& config, wiring x)
  : caf::monitorable_actor(config), wiring_(std::move(x)),
    next_call_(wiring_.first_call) {}

void link_actor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) {
  if (what->mid.is_response())
    send_answer(*what);
  else if (what->content()
             .match_elements<caf::atom_value, call_address, caf::message>())
    call(*what);
  // Anything else is a system message that means nothing to a link.
}

// -- calls to other nodes -----------------------------------------------------

void link_actor::call(caf::mailbox_element& what) {
  auto to = what.content().get_as<call_address>(1);
  auto content = what.content().get_as<caf::message>(2);
  pending entry{to.node,       std::move(what.sender),
                what.mid,      wiring_.steady_ms() + patience_of(content),
                to.repeatable, atom_of(content)};
  uint64_t id = 0;
  {
    std::lock_guard guard{mutex_};
    if (!closed_ && pending_.size() < limits::link_calls_max) {
      id = next_call_++;
      pending_.emplace(id, entry);
    }
  }
  if (id == 0)
    return fail(std::move(entry), refusal());
  auto out = begin(peer_message::call, id);
  put_address(out, to);
  failure why{ec::not_leader, "node " + std::to_string(to.node)
                                + " can not be reached at the moment"};
  if (!put_message(home_system(), out, content))
    why = {ec::internal, "a request can not be sent to another node"};
  else if (wiring_.outlet->send(
             to.node, std::make_shared<const std::string>(std::move(out))))
    return;
  {
    std::lock_guard guard{mutex_};
    if (pending_.erase(id) == 0)
      return; // Failed already, by `lost`.
  }
  fail(std::move(entry), why);
}

failure link_actor::refusal() {
  std::lock_guard guard{mutex_};
  if (closed_)
    return closing();
  return {ec::overloaded, "too many requests wait for other nodes"};
}

result<void> link_actor::take_answer(uint64_t node, std::string_view bytes) {
  byte_reader in{bytes};
  auto id = in.varint();
  auto kind = static_cast<answer_kind>(in.fixed<uint8_t>());
  if (!in.ok())
    return damaged("an answer's head");
  pending to;
  {
    std::lock_guard guard{mutex_};
    auto found = pending_.find(id);
    if (found == pending_.end() || found->second.node != node)
      return {}; // Given up before.
    to = std::move(found->second);
    pending_.erase(found);
  }
  if (kind == answer_kind::handle) {
    auto nobody = to.what == atom::open::value
                    ? caf::make_message(channel_actor{})
                    : caf::make_message(subscription_actor{});
    deliver(std::move(to), std::move(nobody));
    return {};
  }
  if (kind == answer_kind::message) {
    auto content = read_message(home_system(), in.rest());
    if (!content) {
      fail(std::move(to), content.error());
      return content.error();
    }
    deliver(std::move(to), std::move(*content));
    return {};
  }
  auto why = read_failure(in);
  if (kind != answer_kind::failure || !in.at_end()) {
    why = damaged("an answer");
    fail(std::move(to), why);
    return why;
  }
  fail(std::move(to), why);
  return {};
}

void link_actor::deliver(pending to, caf::message what) {
  if (to.asker && to.mid.is_request())
    to.asker->enqueue(caf::strong_actor_ptr{ctrl()}, to.mid.response_id(),
                      std::move(what), nullptr);
}

void link_actor::fail(pending to, const failure& why) {
  deliver(std::move(to), caf::make_message(to_caf(why)));
}

void link_actor::lost(uint64_t node) {
  std::vector<pending> failed;
  {
    std::lock_guard guard{mutex_};
    std::erase_if(pending_, [&](auto& x) {
      if (x.second.node != node)
        return false;
      failed.push_back(std::move(x.second));
      return true;
    });
    std::erase_if(serving_,
                  [node](const auto& x) { return x.second.node == node; });
  }
  for (auto& x : failed) {
    failure why{x.repeatable ? ec::not_leader : ec::unreachable,
                "the connection to node " + std::to_string(node)
                  + " was lost; the outcome is unknown"};
    fail(std::move(x), why);
  }
}

void link_actor::sweep() {
  std::vector<pending> failed;
  auto now = wiring_.steady_ms();
  {
    std::lock_guard guard{mutex_};
    std::erase_if(pending_, [&](auto& x) {
      if (x.second.deadline_ms > now)
        return false;
      failed.push_back(std::move(x.second));
      return true;
    });
    std::erase_if(serving_,
                  [now](const auto& x) { return x.second.deadline_ms <= now; });
  }
  for (auto& x : failed)
    fail(std::move(x), {ec::timeout, "the other node did not answer in time; "
                                     "the outcome is unknown"});
}

// -- calls of other nodes -----------------------------------------------------

result<void> link_actor::receive(uint64_t node, peer_message kind,
                                 std::string_view bytes) {
  return kind == peer_message::call ? serve(node, bytes)
                                    : take_answer(node, bytes);
}

result<void> link_actor::serve(uint64_t node, std::string_view bytes) {
  byte_reader in{bytes};
  auto call = in.varint();
  auto to = read_address(in);
  if (!in.ok())
    return damaged("a call's head");
  auto content = read_message(home_system(), in.rest());
  if (!content) {
    refuse(node, call, content.error());
    return content.error();
  }
  auto whom = wiring_.locals->find(to);
  if (!whom) {
    refuse(node, call, {ec::not_leader, "it does not run on this node"});
    return {};
  }
  uint64_t id = 0;
  {
    std::lock_guard guard{mutex_};
    if (!closed_ && serving_.size() < limits::link_calls_max) {
      id = next_serving_++;
      serving_.emplace(
        id, serving{node, call, wiring_.steady_ms() + patience_of(*content)});
    }
  }
  if (id == 0) {
    refuse(node, call,
           {ec::overloaded, "too many requests of other nodes wait here"});
    return {};
  }
  caf::actor_cast<caf::abstract_actor*>(whom)->enqueue(
    caf::strong_actor_ptr{ctrl()}, caf::make_message_id(id),
    std::move(*content), nullptr);
  return {};
}

void link_actor::send_answer(caf::mailbox_element& what) {
  serving from;
  {
    std::lock_guard guard{mutex_};
    auto found = serving_.find(what.mid.request_id().integer_value());
    if (found == serving_.end())
      return;
    from = found->second;
    serving_.erase(found);
  }
  auto content = what.move_content_to_message();
  if (content.match_elements<caf::error>()) {
    const auto& why = content.get_as<caf::error>(0);
    // What an ending actor did not look at was not carried out.
    if (why.category() == caf::atom("exit")
        || why == caf::sec::request_receiver_down)
      return refuse(from.node, from.call,
                    {ec::not_leader, "the actor ended before it answered"});
    return refuse(from.node, from.call, from_caf(why));
  }
  auto out = begin(peer_message::answer, from.call);
  auto is_handle = content.match_elements<channel_actor>()
                   || content.match_elements<subscription_actor>();
  out.push_back(
    static_cast<char>(is_handle ? answer_kind::handle : answer_kind::message));
  if (!is_handle && !put_message(home_system(), out, content))
    return refuse(from.node, from.call,
                  {ec::internal, "an answer can not be sent to another node"});
  wiring_.outlet->send(from.node,
                       std::make_shared<const std::string>(std::move(out)));
}

void link_actor::refuse(uint64_t node, uint64_t call, const failure& why) {
  auto out = begin(peer_message::answer, call);
  out.push_back(static_cast<char>(answer_kind::failure));
  put_failure(out, why);
  wiring_.outlet->send(node,
                       std::make_shared<const std::string>(std::move(out)));
}

void link_actor::close() {
  std::unordered_map<uint64_t, pending> failed;
  {
    std::lock_guard guard{mutex_};
    closed_ = true;
    failed.swap(pending_);
    serving_.clear();
  }
  for (auto& [id, x] : failed)
    fail(std::move(x), closing());
  cleanup(caf::exit_reason::normal, nullptr);
}

// -- link_holder --------------------------------------------------------------

link_holder::link_holder(caf::actor_system& system, link_actor::wiring x) {
  caf::actor_config config;
  // Not counted as running: the node ends it, not `~actor_system`.
  ptr_ = caf::make_actor<link_actor, caf::strong_actor_ptr>(
    system.next_actor_id(), system.node(), &system, config, std::move(x));
}

caf::actor link_holder::handle() const {
  return caf::actor_cast<caf::actor>(ptr_);
}

} // namespace eventd::actors
