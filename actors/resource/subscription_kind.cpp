// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/subscription_kind.hpp"

#include <array>
#include <limits>
#include <string>
#include <tuple>

#include "actors/resource/annotations.hpp"
#include "actors/resource/time_format.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

namespace {

void read_start(annotation_reader& own, subscription_spec& made) {
  auto text = own.text("start");
  if (!text || *text == "latest")
    return;
  if (*text == "earliest") {
    made.start = start_kind::earliest;
    return;
  }
  if (auto offset = parse_number(*text);
      offset && *offset <= std::numeric_limits<int64_t>::max()) {
    made.start = start_kind::offset;
    made.start_value = static_cast<int64_t>(*offset);
    return;
  }
  if (auto at = parse_time(*text)) {
    made.start = start_kind::time;
    made.start_value = *at;
    return;
  }
  own.refuse("start", "'" + *text
                        + "' must be latest, earliest, an offset or "
                          "an RFC 3339 time");
}

void read_own(annotation_reader& own, subscription_spec& made) {
  read_start(own, made);
  constexpr std::array orderings{delivery_ordering::unordered,
                                 delivery_ordering::ordered,
                                 delivery_ordering::by_key};
  made.ordering
    = orderings[own.choice("ordering", {"unordered", "ordered", "by-key"})
                  .value_or(0)];
  made.max_in_flight = static_cast<uint32_t>(
    own.number("max-in-flight", 1, limits::in_flight_max)
      .value_or(limits::in_flight_default));
  made.rate = static_cast<uint32_t>(
    own.number("rate", 0, std::numeric_limits<uint32_t>::max()).value_or(0));
  made.paused = own.choice("paused", {"false", "true"}) == size_t{1};
  own.done();
}

failure changed(const std::string& field, const std::string& why) {
  return {
    ec::immutable_field,
    field + ": validation failed: Immutable fields changed (-old +new): " + why,
    field};
}

std::string describe(const reference& x) {
  return x.api_version + '/' + x.kind + '/' + x.name;
}

std::string start_of(const json::object& document) {
  auto& own = object_at(document, "metadata.annotations");
  auto* x = own.if_contains("eventd.dev/start");
  return x && x->is_string() ? std::string{x->get_string().c_str()} : "latest";
}

} // namespace

result<subscription_manifest> read_subscription(const json::object& document) {
  std::optional<failure> problem;
  subscription_manifest made;
  auto ns = string_at(document, "metadata.namespace");
  strict_reader root{document, "", problem};
  auto spec = root.object("spec");
  auto required = [&](std::string_view key) {
    auto inner = spec.object(key);
    if (!inner.present())
      spec.refuse(key, "is required");
    return inner;
  };
  made.channel = read_reference(required("channel"), ns);
  made.subscriber = read_destination(required("subscriber"), ns);
  if (auto reply = spec.object("reply"); reply.present())
    made.reply = read_destination(reply, ns);
  made.delivery = read_delivery(spec.object("delivery"), ns);
  spec.done();
  annotation_reader own{object_at(document, "metadata.annotations"), problem};
  read_own(own, made.spec);
  if (problem)
    return *problem;
  made.spec.uid = string_at(document, "metadata.uid");
  made.spec.namespace_name = ns;
  made.spec.name = string_at(document, "metadata.name");
  made.spec.channel = made.channel.name;
  return made;
}

result<void> admit_subscription(const json::object& given,
                                const json::object* current) {
  auto wanted = read_subscription(given);
  if (!wanted)
    return wanted.error();
  if (!current)
    return {};
  auto stored = read_subscription(*current);
  if (stored && describe(stored->channel) != describe(wanted->channel))
    return changed("spec.channel", '-' + describe(stored->channel) + " +"
                                     + describe(wanted->channel));
  if (start_of(given) != start_of(*current))
    return changed("metadata.annotations[eventd.dev/start]",
                   '-' + start_of(*current) + " +" + start_of(given)
                     + "; seek moves a subscription");
  return {};
}

resolved_subscription resolve(const subscription_manifest& manifest,
                              const delivery_fields* inherited,
                              const channel_exists& exists) {
  resolved_subscription made;
  made.channel_known = manifest.channel.is_channel();
  made.channel_exists = made.channel_known && exists(manifest.channel.name);
  auto delivery = manifest.delivery;
  if (inherited)
    delivery = inherit(delivery, *inherited);
  made.subscriber = resolve(manifest.subscriber, exists);
  if (manifest.reply)
    made.reply = resolve(*manifest.reply, exists);
  if (delivery.dead_letter)
    made.dead_letter = resolve(*delivery.dead_letter, exists);
  made.spec = manifest.spec;
  made.spec.subscriber_uri = made.subscriber.uri;
  made.spec.reply_uri = made.reply.uri;
  made.spec.dead_letter_uri = made.dead_letter.uri;
  made.spec.delivery = delivery.policy;
  return made;
}

bool same(const subscription_spec& x, const subscription_spec& y) {
  auto names = [](const subscription_spec& s) {
    return std::tie(s.uid, s.namespace_name, s.name, s.channel,
                    s.subscriber_uri, s.reply_uri, s.dead_letter_uri);
  };
  auto policy = [](const subscription_spec& s) {
    const auto& d = s.delivery;
    return std::tie(d.retry, d.backoff, d.backoff_delay_ms, d.timeout_ms,
                    d.retry_after_max_ms, d.format);
  };
  auto own = [](const subscription_spec& s) {
    return std::tie(s.start, s.start_value, s.ordering, s.max_in_flight, s.rate,
                    s.paused);
  };
  return names(x) == names(y) && policy(x) == policy(y) && own(x) == own(y);
}

} // namespace eventd::actors
