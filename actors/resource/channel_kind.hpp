// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>

#include "actors/protocol/messages.hpp"
#include "actors/resource/delivery.hpp"
#include "actors/resource/document.hpp"

/// The kind Channel of `messaging.knative.dev/v1`. events.md 2.1.
namespace eventd::actors {

/// What a Channel's manifest says, checked.
struct channel_manifest {
  channel_settings settings; ///< `eventd.dev/retention-…`, `dedup-window`.
  bool in_memory = false;    ///< `eventd.dev/durability: memory`.
  delivery_fields delivery;  ///< Inherited by its Subscriptions.
};

/// Reads a Channel. With the annotation `eventd.dev/retention-age: PT1H` the
/// settings keep an hour; without it, seven days.
/// @errors `ec::invalid_resource` with the path of the first wrong field
result<channel_manifest> read_channel(const json::object& document);

/// May this manifest be stored, in place of `current` if there is one? The
/// spec and the durability stay as they were made.
/// @errors as `read_channel`; `ec::immutable_field` with the field's path
result<void> admit_channel(const json::object& given,
                           const json::object* current);

/// Are both the same, field by field?
bool same(const channel_settings& x, const channel_settings& y);

} // namespace eventd::actors
