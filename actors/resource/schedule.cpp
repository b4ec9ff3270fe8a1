// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/serialize.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/resource/reconcile.hpp"
#include "storage/model/limits.hpp"

/// When what is reconciled, and how it reaches the log.
namespace eventd::actors {

namespace {

/// Every second, in ticks.
constexpr uint64_t slow_ticks = 1'000 / resources_tick_ms;
constexpr int64_t figures_age_max_ms = 500;
constexpr auto figures_wait = std::chrono::seconds(2);

/// What an operator wants to read about it, from one report to the next; empty:
/// nothing. The first report after a start is told only where it is bad.
std::string news_of(const subscription_status* before,
                    const subscription_status& now) {
  auto fails = [](const subscription_status& x) {
    return !x.last_error.empty() && x.waiting > 0;
  };
  std::string news;
  auto tell = [&](const std::string& what) {
    news += (news.empty() ? "" : "; ") + what;
  };
  if (now.paused != (before && before->paused))
    tell(now.paused ? "paused: " + now.paused_reason : "goes on");
  auto given_up = before ? before->given_up : now.given_up;
  if (now.given_up > given_up)
    tell("gave up " + std::to_string(now.given_up - given_up)
         + " event(s) for good: " + now.last_error);
  auto lettered = before ? before->dead_lettered : 0;
  if (now.dead_lettered > lettered)
    tell(std::to_string(now.dead_lettered - lettered)
         + " dead letter(s): " + now.last_error);
  if (fails(now) != (before && fails(*before)))
    tell(fails(now) ? "can not deliver: " + now.last_error : "delivers again");
  // A subscriber's own words stand in it.
  std::replace_if(
    news.begin(), news.end(),
    [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return news;
}

/// Takes the newest reports of SUBSCRIPTIONs; those whose conditions change
/// by it are reconciled.
void take_reports(resources_self self,
                  const std::vector<subscription_status>& reports) {
  auto& state = self->state;
  for (auto& report : reports) {
    auto key = kind_of(kind_role::subscription)
                 .key(report.namespace_name, report.name);
    auto* x = state.table.find(key);
    if (!x || !x->followed || x->followed->uid != report.uid)
      continue;
    if (auto news = news_of(x->report.get(), report);
        !news.empty() && state.wiring.note)
      state.wiring.note("subscription " + report.namespace_name + "/"
                        + report.name + ": " + news);
    bool changed = !x->report || mark_of(*x->report) != mark_of(report);
    if (x->report)
      *x->report = report;
    else
      x->report = std::make_unique<subscription_status>(report);
    if (!changed)
      continue;
    if (report.ready) {
      state.awaiting.erase(key);
    } else if (state.awaiting.insert(key).second) {
      x->grace_ticks = start_grace_ticks;
    }
    mark_dirty(self, key);
  }
  std::erase_if(state.awaiting, [&](const std::string& key) {
    auto* x = state.table.find(key);
    if (x && --x->grace_ticks > 0)
      return false;
    if (x)
      mark_dirty(self, key);
    return true;
  });
  pump(self);
}

void poll(resources_self self) {
  auto& state = self->state;
  if (state.polling)
    return;
  state.polling = true;
  self->request(state.wiring.supervisor, figures_wait, atom::subs_v)
    .then(
      [self](const std::vector<subscription_status>& reports) {
        self->state.polling = false;
        take_reports(self, reports);
      },
      // The next tick asks again; a supervisor that is gone ends the node.
      [self](const caf::error&) { self->state.polling = false; });
}

} // namespace

void propose(resources_self self, uint64_t shard, const storage::command& what,
             std::function<void(result<proposed>)> then) {
  auto& replicas = self->state.wiring.replicas;
  if (shard >= replicas.size()) {
    then(failure{ec::internal, "there is no shard " + std::to_string(shard)});
    return;
  }
  auto bytes = std::make_shared<const std::string>(storage::encode(what));
  self
    ->request(replicas[shard], caf::infinite, atom::propose_v,
              shared_bytes{std::move(bytes)})
    .then([then](const proposed& done) { then(done); },
          [then](const caf::error& error) { then(from_caf(error)); });
}

void write(resources_self self, const std::string& key, json::object document,
           std::function<void(result<void>)> then) {
  storage::put_resource put{key, json::serialize(document),
                            self->state.channel_ids_end};
  // Shared, because a continuation may be copied on its way.
  auto shared = std::make_shared<json::object>(std::move(document));
  propose(self, 0, put, [self, key, shared, then](result<proposed> done) {
    auto& table = self->state.table;
    if (done) {
      table.put(key, *shared, done->index.value);
      then({});
      return;
    }
    if (done.error() == ec::timeout || done.error() == ec::actor_died) {
      table.at(key).unsure = true;
      self->state.retry.insert(key);
    }
    then(done.error());
  });
}

void finish(resources_self self, const std::string& key) {
  auto& x = self->state.table.at(key);
  x.busy = false;
  if (!x.waiting.empty()) {
    auto next = std::move(x.waiting.front());
    x.waiting.pop_front();
    next();
    return;
  }
  if (x.stale) {
    x.stale = false;
    self->state.dirty.insert(key);
  }
  self->state.table.forget_idle(key);
  pump(self);
}

void mark_dirty(resources_self self, const std::string& key) {
  if (auto* x = self->state.table.find(key); x && x->busy)
    x->stale = true;
  else if (x)
    self->state.dirty.insert(key);
}

void pump(resources_self self) {
  auto& state = self->state;
  // What ends at once must not call itself through `finish`: the stack would
  // grow with the number of resources.
  if (state.pumping)
    return;
  state.pumping = true;
  while (!state.dirty.empty()
         && state.reconciling < limits::reconciles_inflight_max) {
    auto key = *state.dirty.begin();
    state.dirty.erase(state.dirty.begin());
    auto* x = state.table.find(key);
    if (!x)
      continue;
    if (x->busy) {
      x->stale = true;
      continue;
    }
    x->busy = true;
    ++state.reconciling;
    reconcile(self, key, [self, key] {
      --self->state.reconciling;
      finish(self, key);
    });
  }
  state.pumping = false;
}

void on_tick(resources_self self) {
  auto& state = self->state;
  self->delayed_send(self, std::chrono::milliseconds(resources_tick_ms),
                     atom::tick_v);
  bool slow = ++state.ticks % slow_ticks == 0;
  if (slow || !state.awaiting.empty())
    poll(self);
  if (!slow)
    return;
  for (auto& key : std::exchange(state.retry, {}))
    mark_dirty(self, key);
  pump(self);
}

void refresh_channels(resources_self self, next_step then) {
  auto& state = self->state;
  auto now = state.now();
  if (state.channels_seen_ms
      && now - *state.channels_seen_ms < figures_age_max_ms) {
    then();
    return;
  }
  state.channels_seen_ms = now;
  self->request(state.wiring.supervisor, figures_wait, atom::chans_v)
    .then(
      [self, then](const std::vector<channel_status>& reports) {
        for (auto& report : reports) {
          auto key = kind_of(kind_role::channel)
                       .key(report.info.namespace_name, report.info.name);
          if (auto* x = self->state.table.find(key);
              x && x->document && x->id == report.info.id)
            x->channel_report = std::make_unique<channel_status>(report);
        }
        then();
      },
      // Figures are an extra: the object is shown without them.
      [then](const caf::error&) { then(); });
}

} // namespace eventd::actors
