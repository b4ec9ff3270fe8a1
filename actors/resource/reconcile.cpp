// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/reconcile.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include <boost/json/serialize.hpp>
#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/resource/channel_kind.hpp"
#include "actors/resource/edit.hpp"
#include "actors/resource/subscription_kind.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

namespace {

/// SUPERVISOR is asked again after this; the resource is not ready meanwhile.
constexpr auto supervisor_wait = std::chrono::seconds(10);

/// SUPERVISOR for requests that are answered without a value. Fact about CAF
/// 0.17: such an answer is an empty message, which the typed request's
/// continuation of `unit_t` refuses as unexpected; the untyped one takes it.
caf::actor plain_supervisor(resources_self self) {
  return caf::actor_cast<caf::actor>(self->state.wiring.supervisor);
}

/// Remembers why a step failed, and that it is to be tried again.
void fail(resources_self self, const std::string& key, const failure& why) {
  self->state.table.at(key).problem
    = why.detail.empty() ? std::string{name_of(why.code)} : why.detail;
  self->state.retry.insert(key);
}

void mark_dependents(resources_self self, const std::string& channel_key) {
  for (auto& key : self->state.table.dependents(channel_key))
    mark_dirty(self, key);
}

/// Tells those that refer to a channel if it is not what it was.
void announce(resources_self self, const std::string& key) {
  auto& x = self->state.table.at(key);
  auto facts = facts_of_channel(self->state.table, x, x.document.unpack());
  auto text = std::string{facts.usable ? "usable " : "closed "} + facts.problem;
  if (facts.dead_letter)
    text += ' ' + facts.dead_letter->uri + facts.dead_letter->reason;
  if (text == x.announced)
    return;
  x.announced = std::move(text);
  mark_dependents(self, key);
}

/// Is the status held back, because a start will change it again at once?
bool is_held(const record& x) {
  return x.followed && !(x.report && x.report->ready) && x.grace_ticks > 0;
}

/// Writes the status, if it is not what is stored.
void settle(resources_self self, const std::string& key, next_step then) {
  auto& x = self->state.table.at(key);
  auto document = x.document.unpack();
  auto generation = generation_of(document);
  x.observed = generation;
  auto status
    = status_now(self->state.table, x, document, generation, self->state.now());
  if (is_held(x) || object_at(document, "status") == status) {
    then();
    return;
  }
  document["status"] = std::move(status);
  write(self, key, std::move(document), [self, key, then](result<void> done) {
    if (!done)
      self->state.retry.insert(key);
    then();
  });
}

void remove_document(resources_self self, const std::string& key,
                     next_step then) {
  propose(self, 0, storage::remove_resource{key},
          [self, key, then](result<proposed> done) {
            auto& state = self->state;
            if (!done) {
              fail(self, key, done.error());
              then();
              return;
            }
            state.awaiting.erase(key);
            state.retry.erase(key);
            state.table.clear(key, done->index.value);
            mark_dependents(self, key);
            then();
          });
}

// -- Channel ------------------------------------------------------------------

/// Ends SUBSCRIPTIONs of a channel that goes: their cursors mean nothing to
/// the next channel of this name.
void unfollow_dependents(resources_self self, const std::string& channel_key) {
  auto& state = self->state;
  auto name = info_of(state.table.at(channel_key)).name;
  for (auto& key : state.table.dependents(channel_key)) {
    auto& x = state.table.at(key);
    if (!x.followed || x.followed->channel != name)
      continue;
    // A failure means that there is nothing to end.
    self
      ->request(plain_supervisor(self), caf::infinite, atom::unfollow_v,
                x.followed->uid)
      .then([]() {}, [](const caf::error&) {});
    x.followed.reset();
    x.report.reset();
    state.awaiting.erase(key);
  }
}

void close_in_shard(resources_self self, const std::string& key,
                    next_step then) {
  auto info = info_of(self->state.table.at(key));
  propose(self, info.shard.value, storage::close_channel{info.id},
          [self, key, then](result<proposed> done) {
            if (done) {
              remove_document(self, key, then);
              return;
            }
            fail(self, key, done.error());
            then();
          });
}

void tear_down_channel(resources_self self, const std::string& key,
                       next_step then) {
  auto& x = self->state.table.at(key);
  unfollow_dependents(self, key);
  x.usable = false;
  announce(self, key);
  self
    ->request(plain_supervisor(self), supervisor_wait, atom::shut_v,
              info_of(x).id)
    .then([self, key, then]() { close_in_shard(self, key, then); },
          [self, key, then](const caf::error& error) {
            auto why = from_caf(error);
            if (why == ec::not_found) {
              close_in_shard(self, key, then);
              return;
            }
            fail(self, key, why);
            then();
          });
}

/// Has SUPERVISOR open the channel, or gives it the settings that changed.
void open_channel_actor(resources_self self, const std::string& key,
                        next_step then) {
  auto& x = self->state.table.at(key);
  auto manifest = read_channel(x.document.unpack());
  auto end = [self, key, then] {
    announce(self, key);
    settle(self, key, then);
  };
  if (!manifest) {
    x.problem = manifest.error().detail;
    end();
    return;
  }
  auto settings = manifest->settings;
  if (x.usable && x.applied && same(*x.applied, settings)) {
    end();
    return;
  }
  self
    ->request(self->state.wiring.supervisor, supervisor_wait, atom::open_v,
              info_of(x), settings)
    .then(
      [self, key, settings, end](const channel_actor&) {
        auto& opened = self->state.table.at(key);
        opened.usable = true;
        opened.applied = settings;
        opened.problem.clear();
        end();
      },
      [self, key, end](const caf::error& error) {
        fail(self, key, from_caf(error));
        end();
      });
}

void reconcile_channel(resources_self self, const std::string& key,
                       next_step then) {
  auto& x = self->state.table.at(key);
  if (x.deleting) {
    tear_down_channel(self, key, then);
    return;
  }
  if (x.opened) {
    open_channel_actor(self, key, then);
    return;
  }
  auto info = info_of(x);
  storage::open_channel open{info.id, info.epoch, info.namespace_name,
                             info.name, info.in_memory};
  propose(self, info.shard.value, open,
          [self, key, then](result<proposed> done) {
            if (done) {
              self->state.table.at(key).opened = true;
              open_channel_actor(self, key, then);
              return;
            }
            fail(self, key, done.error());
            announce(self, key);
            settle(self, key, then);
          });
}

// -- Subscription -------------------------------------------------------------

/// Removes the cursor of a subscription that does not run, then its document.
void remove_cursor(resources_self self, const std::string& key,
                   next_step then) {
  auto& state = self->state;
  auto document = state.table.at(key).document.unpack();
  auto uid = std::string{string_at(document, "metadata.uid")};
  auto channel = kind_of(kind_role::channel)
                   .key(string_at(document, "metadata.namespace"),
                        string_at(document, "spec.channel.name"));
  auto* owner = state.table.find_live(channel);
  if (!owner) {
    remove_document(self, key, then);
    return;
  }
  auto info = info_of(*owner);
  storage::put_cursors row{{{uid, info.id, ""}}};
  propose(self, info.shard.value, row,
          [self, key, then](result<proposed> done) {
            if (done) {
              remove_document(self, key, then);
              return;
            }
            fail(self, key, done.error());
            then();
          });
}

void tear_down_subscription(resources_self self, const std::string& key,
                            next_step then) {
  auto& x = self->state.table.at(key);
  self->state.awaiting.erase(key);
  if (!x.followed) {
    remove_cursor(self, key, then);
    return;
  }
  self
    ->request(plain_supervisor(self), supervisor_wait, atom::unfollow_v,
              x.followed->uid)
    .then([self, key, then]() { remove_document(self, key, then); },
          [self, key, then](const caf::error& error) {
            auto why = from_caf(error);
            if (why == ec::not_found) {
              remove_document(self, key, then);
              return;
            }
            fail(self, key, why);
            then();
          });
}

void follow(resources_self self, const std::string& key, subscription_spec spec,
            next_step then) {
  auto sent = spec;
  self
    ->request(self->state.wiring.supervisor, supervisor_wait, atom::follow_v,
              std::move(spec))
    .then(
      [self, key, sent, then](const subscription_actor&) {
        auto& x = self->state.table.at(key);
        x.problem.clear();
        x.followed = std::make_unique<const subscription_spec>(sent);
        x.force = false;
        x.grace_ticks = start_grace_ticks;
        self->state.awaiting.insert(key);
        settle(self, key, then);
      },
      [self, key, then](const caf::error& error) {
        fail(self, key, from_caf(error));
        settle(self, key, then);
      });
}

void unfollow(resources_self self, const std::string& key, next_step then) {
  auto& x = self->state.table.at(key);
  auto uid = x.followed->uid;
  auto end = [self, key, then] { settle(self, key, then); };
  x.followed.reset();
  x.report.reset();
  self->state.awaiting.erase(key);
  // A failure means that there is nothing to end.
  self->request(plain_supervisor(self), supervisor_wait, atom::unfollow_v, uid)
    .then([end]() { end(); }, [end](const caf::error&) { end(); });
}

void reconcile_subscription(resources_self self, const std::string& key,
                            next_step then) {
  auto& x = self->state.table.at(key);
  if (x.deleting) {
    tear_down_subscription(self, key, then);
    return;
  }
  auto facts = facts_of_subscription(self->state.table, x, x.document.unpack());
  const auto& found = facts.found;
  if (!found.channel_exists) {
    x.problem.clear();
    if (x.followed)
      unfollow(self, key, then);
    else
      settle(self, key, then);
    return;
  }
  if (!found.ok()) {
    // It waits for a reference, and keeps its place: unfollowing would end
    // its cursor.
    x.problem.clear();
    if (!x.followed || x.followed->paused) {
      settle(self, key, then);
      return;
    }
    auto held = *x.followed;
    held.paused = true;
    follow(self, key, std::move(held), then);
    return;
  }
  bool changed = !x.followed || !same(*x.followed, found.spec) || x.force;
  if (facts.channel_usable && changed)
    follow(self, key, found.spec, then);
  else
    settle(self, key, then);
}

// -- all kinds ----------------------------------------------------------------

/// Makes the log agree with the table again after a write that timed out.
void make_sure(resources_self self, const std::string& key, next_step then) {
  auto& x = self->state.table.at(key);
  if (!x.document) {
    remove_document(self, key, then);
    return;
  }
  write(self, key, x.document.unpack(), [self, key, then](result<void> done) {
    if (!done) {
      self->state.retry.insert(key);
      then();
      return;
    }
    reconcile(self, key, then);
  });
}

} // namespace

void reconcile(resources_self self, const std::string& key, next_step then) {
  auto& x = self->state.table.at(key);
  if (x.unsure)
    make_sure(self, key, then);
  else if (!x.document)
    then();
  else if (x.kind->role == kind_role::channel)
    reconcile_channel(self, key, then);
  else
    reconcile_subscription(self, key, then);
}

} // namespace eventd::actors
