// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/resources.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <boost/json/serialize.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/system_messages.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/protocol/error.hpp"
#include "actors/resource/edit.hpp"
#include "actors/resource/metadata.hpp"
#include "actors/resource/reconcile.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

namespace {

/// A call that changes one resource.
struct change {
  std::string key;
  const resource_kind* kind = nullptr;
  bool dry_run = false;
  bool force = false; ///< Carry out again, even if nothing is written.
  bool created = false;
  std::string uid; ///< Of the object that is removed.
  std::function<result<edit>(const stored_document&)> plan;
  std::shared_ptr<open_call> answer;
};
using change_ptr = std::shared_ptr<change>;

void begin(resources_self self, const change_ptr& what);

/// Kubernetes' answer to a removal that is complete.
std::string removed_status(const change& what) {
  auto place = what.key.substr(what.kind->key_prefix().size());
  json::object details{{"name", place.substr(place.find('/') + 1)},
                       {"group", what.kind->group},
                       {"kind", what.kind->plural},
                       {"uid", what.uid}};
  return json::serialize(json::object{{"kind", "Status"},
                                      {"apiVersion", "v1"},
                                      {"metadata", json::object{}},
                                      {"status", "Success"},
                                      {"details", std::move(details)}});
}

/// Ends a change: answers what the resource is now.
void end_change(resources_self self, const change_ptr& what) {
  auto& state = self->state;
  auto& x = state.table.at(what->key);
  resource_response answer;
  answer.created = what->created;
  answer.body = x.document ? json::serialize(shown(state.table, x, state.now()))
                           : removed_status(*what);
  what->answer->deliver(std::move(answer));
  finish(self, what->key);
}

void end_failed(resources_self self, const change_ptr& what,
                const failure& why) {
  what->answer->deliver(why);
  finish(self, what->key);
}

/// Answers what a change would do.
void end_dry(resources_self self, const change_ptr& what, edit planned) {
  resource_response answer;
  answer.created = planned.created;
  answer.body = planned.action == edit_action::remove
                  ? removed_status(*what)
                  : json::serialize(planned.document);
  what->answer->deliver(std::move(answer));
  finish(self, what->key);
}

/// Gives a new document what the server says about it: its conditions, and
/// for a Channel its number, epoch and shard.
result<void> complete_new(resources_state& state, const resource_kind& kind,
                          json::object& document) {
  if (state.table.documents() >= limits::resources_max)
    return failure{ec::overloaded, "there are "
                                     + std::to_string(limits::resources_max)
                                     + " resources already; remove some first"};
  record fresh;
  fresh.kind = &kind;
  if (kind.role == kind_role::channel) {
    if (state.channel_ids_end > UINT32_MAX)
      return failure{ec::overloaded, "all channel numbers are used up"};
    auto id = state.channel_ids_end++;
    auto place = std::string{string_at(document, "metadata.namespace")} + '/'
                 + std::string{string_at(document, "metadata.name")};
    auto shard = stable_hash(place) % state.wiring.replicas.size();
    json::object own{{"id", id}, {"epoch", id}, {"shard", shard}};
    document["status"] = json::object{{"eventd", std::move(own)}};
  }
  document["status"] = status_now(state.table, fresh, document, 1, state.now());
  return {};
}

/// Writes the planned document, then makes it true, then answers.
void carry_out(resources_self self, const change_ptr& what, edit planned) {
  auto& state = self->state;
  if (planned.created)
    if (auto ok = complete_new(state, *what->kind, planned.document); !ok) {
      end_failed(self, what, ok.error());
      return;
    }
  what->created = planned.created;
  write(self, what->key, std::move(planned.document),
        [self, what](result<void> done) {
          if (!done) {
            end_failed(self, what, done.error());
            return;
          }
          if (what->force)
            self->state.table.at(what->key).force = true;
          reconcile(self, what->key, [self, what] { end_change(self, what); });
        });
}

void begin(resources_self self, const change_ptr& what) {
  auto& x = self->state.table.at(what->key);
  x.busy = true;
  stored_document current;
  std::optional<json::object> document;
  if (x.document) {
    document = x.document.unpack();
    current = {&*document, x.version};
    what->uid = string_at(*document, "metadata.uid");
  }
  auto planned = what->plan(current);
  if (!planned) {
    end_failed(self, what, planned.error());
    return;
  }
  if (what->dry_run) {
    end_dry(self, what, std::move(*planned));
    return;
  }
  bool marked = planned->action == edit_action::remove && x.deleting;
  if (planned->action != edit_action::none && !marked) {
    carry_out(self, what, std::move(*planned));
    return;
  }
  if (what->force)
    x.force = true;
  if (what->force || marked)
    reconcile(self, what->key, [self, what] { end_change(self, what); });
  else
    end_change(self, what);
}

/// Starts a change, or lets it wait for the one before it.
void submit(resources_self self, const change_ptr& what) {
  auto& x = self->state.table.at(what->key);
  if (!x.busy) {
    begin(self, what);
    return;
  }
  if (x.waiting.size() >= limits::resource_queue_max) {
    what->answer->deliver(failure{
      ec::overloaded, "too many changes of '" + what->key + "' are waiting"});
    return;
  }
  x.waiting.push_back([self, what] { begin(self, what); });
}

// -- requests -----------------------------------------------------------------

result<resource_response> read_one(const resources_state& state,
                                   const resource_kind& kind,
                                   const resource_request& request) {
  auto* x = state.table.find(kind.key(request.namespace_name, request.name));
  if (!x || !x->document)
    return failure{ec::not_found, "there is no " + std::string{kind.name} + " '"
                                    + request.namespace_name + '/'
                                    + request.name + "'"};
  return resource_response{
    false, json::serialize(shown(state.table, *x, state.now()))};
}

resource_response read_list(const resources_state& state,
                            const resource_kind& kind,
                            const resource_request& request) {
  auto prefix = kind.key_prefix();
  if (!request.namespace_name.empty())
    prefix += request.namespace_name + '/';
  json::array items;
  const auto& all = state.table.all();
  for (auto i = all.lower_bound(prefix);
       i != all.end() && i->first.starts_with(prefix); ++i)
    if (i->second.document)
      items.push_back(shown(state.table, i->second, state.now()));
  json::object meta{{"resourceVersion", std::to_string(state.table.version())}};
  json::object list{{"apiVersion", kind.api_version()},
                    {"kind", std::string{kind.name} + "List"},
                    {"metadata", std::move(meta)},
                    {"items", std::move(items)}};
  return {false, json::serialize(list)};
}

caf::result<resource_response>
read(resources_self self, const resource_kind& kind, resource_request request) {
  auto promise = self->make_response_promise<resource_response>();
  auto answer = self->state.calls.open(promise, false);
  auto finish_read = [self, &kind, answer, request] {
    if (request.verb == resource_verb::list) {
      answer->deliver(read_list(self->state, kind, request));
      return;
    }
    auto one = read_one(self->state, kind, request);
    if (one)
      answer->deliver(std::move(*one));
    else
      answer->deliver(one.error());
  };
  // What this node answers must be what the cluster has: another one may lead
  // by now.
  self
    ->request(self->state.wiring.replicas.at(0), caf::infinite, atom::confirm_v)
    .then(
      [self, &kind, finish_read](raft_index) mutable {
        if (kind.role == kind_role::channel)
          refresh_channels(self, std::move(finish_read));
        else
          finish_read();
      },
      [answer](const caf::error& why) { answer->deliver(from_caf(why)); });
  return promise;
}

caf::result<resource_response> handle(resources_self self,
                                      const resource_request& request) {
  auto kind = find_kind(request.group, request.version, request.plural);
  if (!kind)
    return to_caf(kind.error());
  if (request.verb == resource_verb::get || request.verb == resource_verb::list)
    return read(self, **kind, request);
  auto uid = self->state.wiring.new_uid();
  auto wanted = prepare(request, uid);
  if (!wanted)
    return to_caf(wanted.error());
  auto what = std::make_shared<change>();
  what->kind = *kind;
  what->key = what->kind->key(wanted->namespace_name, wanted->name);
  what->dry_run = request.dry_run;
  what->plan = [self, row = what->kind, verb = request.verb, uid,
                wanted = std::move(*wanted)](const stored_document& current) {
    return plan(*row, verb, wanted, current, uid, self->state.now());
  };
  auto promise = self->make_response_promise<resource_response>();
  what->answer = self->state.calls.open(promise, !what->dry_run);
  submit(self, what);
  return promise;
}

caf::result<resource_response> handle_pause(resources_self self,
                                            const std::string& namespace_name,
                                            const std::string& name,
                                            bool paused) {
  auto what = std::make_shared<change>();
  what->kind = &kind_of(kind_role::subscription);
  what->key = what->kind->key(namespace_name, name);
  // Resuming ends a pause that SUBSCRIPTION began by itself, too.
  what->force = true;
  what->plan = [namespace_name, name, paused](const stored_document& current) {
    return plan_pause(namespace_name, name, paused, current);
  };
  auto promise = self->make_response_promise<resource_response>();
  what->answer = self->state.calls.open(promise, !what->dry_run);
  submit(self, what);
  return promise;
}

// -- start --------------------------------------------------------------------

/// Takes over what the log has.
result<void> load(resources_state& state) {
  for (auto& stored : std::exchange(state.wiring.stored, {})) {
    if (!kind_of_key(stored.key))
      return failure{ec::format_too_new,
                     "the stored resource '" + stored.key
                       + "' is of a kind that this version does not know"};
    auto document = parse_document(stored.document);
    if (!document || !find_path(*document, "metadata.uid"))
      return failure{ec::corrupt_record, "the stored resource '" + stored.key
                                           + "' is not a resource"};
    auto* opened = find_path(*document, "status.eventd.opened");
    bool was_opened = opened && opened->is_bool() && opened->get_bool();
    state.channel_ids_end = std::max(
      state.channel_ids_end, number_at(*document, "status.eventd.id") + 1);
    state.table.put(stored.key, *document, stored.index.value);
    state.table.at(stored.key).opened = was_opened;
  }
  return {};
}

/// All channels are opened; subscriptions follow when their channel is open.
/// Those that have none are looked at now, so that their status says so.
void mark_all(resources_state& state) {
  for (auto& [key, x] : state.table.all()) {
    if (x.kind->role == kind_role::channel) {
      state.dirty.insert(key);
      continue;
    }
    auto document = x.document.unpack();
    auto channel = kind_of(kind_role::channel)
                     .key(string_at(document, "metadata.namespace"),
                          string_at(document, "spec.channel.name"));
    if (x.deleting || !state.table.find(channel))
      state.dirty.insert(key);
  }
}

} // namespace

resources_loop_actor::behavior_type
resources(resources_loop_actor::stateful_pointer<resources_state> self,
          resources_wiring wiring) {
  auto& state = self->state;
  state.channel_ids_end = std::max<uint64_t>(wiring.channel_ids_end, 1);
  state.wiring = std::move(wiring);
  if (auto ok = load(state); !ok) {
    self->quit(to_caf(ok.error()));
    return resources_loop_actor::behavior_type::make_empty_behavior();
  }
  self->set_exit_handler([self](caf::exit_msg& x) {
    self->state.calls.end();
    self->quit(std::move(x.reason));
  });
  mark_all(state);
  pump(self);
  on_tick(self);
  return {
    [self](atom::resource, const resource_request& request) {
      return handle(self, request);
    },
    [self](atom::pause, const std::string& namespace_name,
           const std::string& name, bool paused) {
      return handle_pause(self, namespace_name, name, paused);
    },
    [self](atom::tick) { on_tick(self); },
  };
}

} // namespace eventd::actors
