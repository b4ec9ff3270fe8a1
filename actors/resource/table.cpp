// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/table.hpp"

#include <algorithm>

#include "actors/resource/channel_kind.hpp"
#include "actors/resource/edit.hpp"
#include "storage/model/assert.hpp"

namespace eventd::actors {

namespace {

std::string_view namespace_of(const json::object& document) {
  return string_at(document, "metadata.namespace");
}

std::string channel_key(std::string_view namespace_name,
                        std::string_view name) {
  return kind_of(kind_role::channel).key(namespace_name, name);
}

void add_reference(std::vector<std::string>& out,
                   const std::optional<destination>& to) {
  if (to && to->ref && to->ref->is_channel())
    out.push_back(channel_key(to->ref->namespace_name, to->ref->name));
}

/// Keys of the channels that a document refers to.
std::vector<std::string> references_of(const resource_kind& kind,
                                       const json::object& document) {
  std::vector<std::string> found;
  if (kind.role == kind_role::channel) {
    if (auto x = read_channel(document))
      add_reference(found, x->delivery.dead_letter);
    return found;
  }
  auto x = read_subscription(document);
  if (!x)
    return found;
  if (x->channel.is_channel())
    found.push_back(channel_key(x->channel.namespace_name, x->channel.name));
  add_reference(found, x->subscriber);
  add_reference(found, x->reply);
  add_reference(found, x->delivery.dead_letter);
  return found;
}

} // namespace

record& resource_table::at(const std::string& key) {
  auto [i, made] = records_.try_emplace(key);
  auto& x = i->second;
  if (made) {
    x.key = i->first;
    x.kind = kind_of_key(key);
  }
  return x;
}

record* resource_table::find(std::string_view key) {
  auto i = records_.find(key);
  return i == records_.end() ? nullptr : &i->second;
}

const record* resource_table::find(std::string_view key) const {
  auto i = records_.find(key);
  return i == records_.end() ? nullptr : &i->second;
}

const record* resource_table::find_live(std::string_view key) const {
  auto* x = find(key);
  return x && x->document && !x->deleting ? x : nullptr;
}

void resource_table::forget_references(const record& x) {
  if (!x.document)
    return;
  for (auto& channel : references_of(*x.kind, x.document.unpack()))
    references_.erase({channel, std::string{x.key}});
}

void resource_table::put(const std::string& key, const json::object& document,
                         uint64_t version) {
  auto& x = at(key);
  EVENTD_ASSERT(x.kind != nullptr);
  forget_references(x);
  documents_ += x.document ? 0 : 1;
  x.document = packed_document{document};
  x.version = version;
  x.unsure = false;
  x.deleting = is_deleting(document);
  if (x.kind->role == kind_role::channel) {
    x.id = channel_id{number_at(document, "status.eventd.id")};
    x.epoch = incarnation{number_at(document, "status.eventd.epoch")};
    x.shard = shard_id{number_at(document, "status.eventd.shard")};
    auto manifest = read_channel(document);
    x.in_memory = manifest && manifest->in_memory;
    x.delivery.reset();
    if (manifest && (manifest->delivery.any || manifest->delivery.dead_letter))
      x.delivery = std::make_unique<const delivery_fields>(manifest->delivery);
  }
  version_ = std::max(version_, version);
  for (auto& channel : references_of(*x.kind, document))
    references_.emplace(std::move(channel), key);
}

void resource_table::clear(const std::string& key, uint64_t version) {
  auto& x = at(key);
  forget_references(x);
  documents_ -= x.document ? 1 : 0;
  // Another object of this name begins with nothing carried out.
  record fresh;
  fresh.key = x.key;
  fresh.kind = x.kind;
  fresh.busy = x.busy;
  fresh.waiting = std::move(x.waiting);
  x = std::move(fresh);
  version_ = std::max(version_, version);
}

void resource_table::forget_idle(const std::string& key) {
  auto i = records_.find(key);
  if (i == records_.end())
    return;
  auto& x = i->second;
  if (!x.document && !x.busy && !x.unsure && x.waiting.empty())
    records_.erase(i);
}

std::vector<std::string>
resource_table::dependents(const std::string& channel) const {
  std::vector<std::string> found;
  for (auto i = references_.lower_bound({channel, ""});
       i != references_.end() && i->first == channel; ++i)
    found.push_back(i->second);
  return found;
}

channel_facts facts_of_channel(const resource_table& table, const record& x,
                               const json::object& document) {
  channel_facts made;
  made.id = number_at(document, "status.eventd.id");
  made.epoch = number_at(document, "status.eventd.epoch");
  made.shard = number_at(document, "status.eventd.shard");
  made.opened = x.opened;
  made.usable = x.usable;
  made.deleting = is_deleting(document);
  made.problem = x.problem;
  auto manifest = read_channel(document);
  if (!manifest || !manifest->delivery.dead_letter)
    return made;
  auto ns = namespace_of(document);
  made.dead_letter
    = resolve(*manifest->delivery.dead_letter, [&](std::string_view name) {
        return table.find_live(channel_key(ns, name)) != nullptr;
      });
  return made;
}

subscription_facts facts_of_subscription(const resource_table& table,
                                         const record& x,
                                         const json::object& document) {
  subscription_facts made;
  made.deleting = is_deleting(document);
  made.followed = x.followed != nullptr;
  if (x.report)
    made.report = *x.report;
  made.problem = x.problem;
  auto manifest = read_subscription(document);
  if (!manifest) {
    // It was valid when it was stored, by the rules of that time.
    made.problem = manifest.error().detail;
    return made;
  }
  auto ns = namespace_of(document);
  made.channel = manifest->channel;
  auto find = [&](std::string_view name) {
    return table.find_live(channel_key(ns, name));
  };
  auto* channel
    = manifest->channel.is_channel() ? find(manifest->channel.name) : nullptr;
  made.found
    = resolve(*manifest, channel ? channel->delivery.get() : nullptr,
              [&](std::string_view name) { return find(name) != nullptr; });
  if (!channel)
    return made;
  made.channel_usable = channel->usable;
  made.channel_problem = channel->usable ? std::string{} : channel->problem;
  return made;
}

json::object status_now(const resource_table& table, const record& x,
                        const json::object& document, uint64_t generation,
                        int64_t now_ms) {
  const auto& old = object_at(document, "status");
  if (x.kind->role == kind_role::channel)
    return status_of(
      facts_of_channel(table, x, document), namespace_of(document),
      string_at(document, "metadata.name"), old, generation, now_ms);
  return status_of(facts_of_subscription(table, x, document), old, generation,
                   now_ms);
}

json::object shown(const resource_table& table, const record& x,
                   int64_t now_ms) {
  auto made = x.document.unpack();
  auto status = status_now(table, x, made, x.observed, now_ms);
  if (x.version > 0)
    made["metadata"].get_object()["resourceVersion"]
      = std::to_string(x.version);
  if (x.channel_report)
    add_figures(status, *x.channel_report);
  if (x.report)
    add_figures(status, *x.report);
  made["status"] = std::move(status);
  return made;
}

channel_info info_of(const record& x) {
  auto place = x.key.substr(x.kind->key_prefix().size());
  auto slash = place.find('/');
  channel_info made;
  made.id = x.id;
  made.epoch = x.epoch;
  made.shard = x.shard;
  made.namespace_name = place.substr(0, slash);
  made.name = place.substr(slash + 1);
  made.in_memory = x.in_memory;
  return made;
}

} // namespace eventd::actors
