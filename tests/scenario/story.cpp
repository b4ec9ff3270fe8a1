// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/scenario/story.hpp"

#include <algorithm>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "tests/scenario/story_words.hpp"
#include "tests/simulation/actor_client.hpp"
#include "tests/simulation/disk_state.hpp"

namespace eventd::tests {

using namespace actors;

namespace {

constexpr int64_t ms = 1'000;

} // namespace

story::story() = default;

story::~story() {
  operator_.reset();
}

story::command story::find(const std::string& name) {
  static const std::unordered_map<std::string, command> commands{
    {"nodes", &story::nodes},         {"append", &story::append},
    {"fill", &story::fill},           {"trim", &story::trim},
    {"read", &story::read},           {"show", &story::show},
    {"crash", &story::crash},         {"restart", &story::restart},
    {"wipe", &story::wipe},           {"fail_disk", &story::fail_disk},
    {"partition", &story::partition}, {"cut", &story::cut},
    {"heal", &story::heal},           {"elect", &story::elect},
    {"transfer", &story::transfer},   {"tick", &story::tick},
    {"await", &story::await},         {"add", &story::add},
    {"remove", &story::remove},       {"replace", &story::replace},
  };
  auto found = commands.find(name);
  if (found == commands.end())
    throw mistake{"there is no command " + name};
  return found->second;
}

std::string story::run(const std::string& line) {
  said_.clear();
  std::istringstream in{line};
  words xs;
  for (std::string word; in >> word;)
    xs.push_back(word);
  try {
    auto what = find(xs.at(0));
    xs.erase(xs.begin());
    (this->*what)(xs);
    look_at_pending(false);
  } catch (const mistake& why) {
    say(why.what());
  }
  if (world_ && world_->is_broken())
    say("BROKEN: " + world_->ledger.broken());
  return std::move(said_);
}

// -- what they are made of ----------------------------------------------------

actor_world& story::world() {
  if (!world_)
    throw mistake{"`nodes N` comes first"};
  return *world_;
}

size_t story::node_of(const std::string& name) {
  if (name == "leader") {
    auto i = leader();
    say("the leader is " + name_of(i));
    return i;
  }
  if (name.size() != 2 || name[0] != 'n' || name[1] < '1'
      || static_cast<size_t>(name[1] - '0') > world().size())
    throw mistake{name + " is not a node"};
  return static_cast<size_t>(name[1] - '1');
}

size_t story::leader() {
  auto found = served_by();
  if (!found)
    throw mistake{"nobody leads"};
  return *found;
}

/// Whether it hears a majority of the running nodes, and they it.
bool story::is_connected(size_t i) {
  size_t with = 0;
  size_t all = 0;
  for (size_t j = 0; j < world_->size(); ++j) {
    if (!world_->node(j).alive())
      continue;
    ++all;
    with += i == j || (!world_->is_cut(i, j) && !world_->is_cut(j, i));
  }
  return with * 2 > all;
}

/// The node that leads, and is connected: another one may not know yet that it
/// leads no more.
std::optional<size_t> story::served_by() {
  for (size_t i = 0; i < world().size(); ++i)
    if (world_->node(i).alive() && world_->node(i).leads() && is_connected(i))
      return i;
  return std::nullopt;
}

shard_status story::status(size_t i) {
  auto x = world_->ask<shard_status>(i, atom::status_v);
  wait_for(x, 100);
  if (x.code() != ec::none)
    throw mistake{name_of(i) + " does not answer"};
  return x.value();
}

std::string story::position(size_t i) {
  auto state = build_state(world_->node(i).disk().content());
  if (!state)
    return state.error().detail;
  auto* row = state->channel(actor_client::channel);
  if (row == nullptr)
    return "no orders";
  return "orders " + std::to_string(row->start.value) + ".."
         + std::to_string(row->end.value);
}

void story::say_who_leads(const std::string& unless) {
  auto found = served_by();
  if (!found)
    return say(unless);
  auto end = place_of(*found);
  say(name_of(*found) + " leads orders at term "
      + std::to_string(status(*found).term.value) + ", end_offset "
      + (end ? std::to_string(end->value) : "unknown"));
}

// -- events -------------------------------------------------------------------

/// Asks as CHANNEL does where the next entry begins; none: it was refused, or
/// nobody answered, and that is said.
std::optional<log_offset> story::place_of(size_t i) {
  auto& x = world_->node(i);
  auto& known = places_[i];
  if (std::exchange(known.life, x.life()) != x.life())
    known.next.reset();
  if (known.next)
    return known.next;
  auto place
    = world_->ask<channel_place>(i, atom::place_v, actor_client::channel);
  if (!wait_for(place, 1'000))
    say(name_of(i) + " does not answer");
  else if (place.code() != ec::none)
    say(name_of(i) + ": " + std::string{eventd::name_of(place.code())});
  else if (place.value().known)
    known.next = place.value().end;
  return known.next;
}

void story::propose(size_t i, const words& events, bool quiet) {
  if (!world_->node(i).alive())
    throw mistake{name_of(i) + " is down"};
  look_at_pending(false);
  auto first = place_of(i);
  if (!first)
    return;
  events_entry x;
  x.first = *first;
  x.operation = world_->ledger.next_operation();
  x.logged_at = log_time{x.operation};
  x.data = events;
  places_[i].next = *first + events.size();
  pending_.push_back({joined(events),
                      world_->ask<proposed>(i, atom::propose_v, payload_of(x)),
                      i, *first, events.size()});
  if (wait_for(pending_.back().answer, 1'000))
    look_at_pending(quiet);
  else
    say(joined(events) + ": no answer from " + name_of(i) + " yet");
}

void story::look_at_pending(bool quiet) {
  std::erase_if(pending_, [&](const pending& x) {
    if (!x.answer.answered() && world_->node(x.node).alive())
      return false;
    if (!x.answer.answered()) {
      say(x.label + ": nobody will know, " + name_of(x.node) + " is gone");
      return true;
    }
    auto ok = x.answer.code() == ec::none;
    if (!ok)
      places_[x.node].next.reset();
    if (!ok)
      say(x.label + ": " + std::string{eventd::name_of(x.answer.code())});
    else if (!quiet)
      say(x.label + ": offset " + std::to_string(x.first.value)
          + (x.count > 1 ? " to " + std::to_string(x.first.value + x.count - 1)
                         : ""));
    return true;
  });
}

} // namespace eventd::tests
