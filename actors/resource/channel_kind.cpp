// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/channel_kind.hpp"

#include <limits>
#include <string>

#include <boost/json/serialize.hpp>

#include "actors/resource/annotations.hpp"

namespace eventd::actors {

namespace {

/// Reads `spec.channelTemplate`. It names the engine behind the channel; ours
/// is the same for all, so it is kept and has no effect.
void read_template(strict_reader fields) {
  if (!fields.present())
    return;
  for (auto key : {"apiVersion", "kind"})
    if (fields.string(key).value_or("").empty())
      fields.refuse(key, "is required");
  if (auto* spec = fields.any("spec"); spec && !spec->is_object())
    fields.refuse("spec", "must be an object");
  fields.done();
}

channel_settings read_settings(annotation_reader& own) {
  channel_settings made;
  constexpr auto most = std::numeric_limits<int64_t>::max();
  made.retention_age_ms
    = own.duration("retention-age").value_or(made.retention_age_ms);
  made.retention_bytes = own.number("retention-bytes", 0, most).value_or(0);
  made.retention_events = own.number("retention-events", 0, most).value_or(0);
  made.dedup_window_ms
    = own.duration("dedup-window").value_or(made.dedup_window_ms);
  return made;
}

failure changed(const std::string& field, const std::string& was,
                const std::string& is) {
  return {ec::immutable_field,
          field + ": validation failed: Immutable fields changed (-old +new): -"
            + was + " +" + is,
          field};
}

/// A spec field with what means "not set" taken away.
json::value spec_field(const json::object& document, std::string_view key) {
  auto* x = find_path(document, "spec." + std::string{key});
  if (!x || x->is_null() || (x->is_object() && x->get_object().empty()))
    return nullptr;
  return *x;
}

} // namespace

result<channel_manifest> read_channel(const json::object& document) {
  std::optional<failure> problem;
  channel_manifest made;
  strict_reader root{document, "", problem};
  auto spec = root.object("spec");
  read_template(spec.object("channelTemplate"));
  made.delivery = read_delivery(spec.object("delivery"),
                                string_at(document, "metadata.namespace"));
  if (auto* x = spec.any("subscribers");
      x && !(x->is_array() && x->get_array().empty()))
    spec.refuse("subscribers", "is filled in by the server; create "
                               "Subscriptions instead");
  spec.done();
  annotation_reader own{object_at(document, "metadata.annotations"), problem};
  made.settings = read_settings(own);
  made.in_memory = own.choice("durability", {"fsync", "memory"}) == size_t{1};
  own.done();
  if (problem)
    return *problem;
  return made;
}

result<void> admit_channel(const json::object& given,
                           const json::object* current) {
  auto wanted = read_channel(given);
  if (!wanted)
    return wanted.error();
  if (!current)
    return {};
  for (auto key : {"channelTemplate", "delivery"}) {
    auto was = spec_field(*current, key);
    auto is = spec_field(given, key);
    if (was != is)
      return changed(std::string{"spec."} + key, json::serialize(was),
                     json::serialize(is));
  }
  auto stored = read_channel(*current);
  if (stored && stored->in_memory != wanted->in_memory)
    return changed("metadata.annotations[eventd.dev/durability]",
                   stored->in_memory ? "memory" : "fsync",
                   wanted->in_memory ? "memory" : "fsync");
  return {};
}

bool same(const channel_settings& x, const channel_settings& y) {
  return x.retention_age_ms == y.retention_age_ms
         && x.retention_bytes == y.retention_bytes
         && x.retention_events == y.retention_events
         && x.dedup_window_ms == y.dedup_window_ms;
}

} // namespace eventd::actors
