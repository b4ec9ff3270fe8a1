// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "actors/protocol/messages.hpp"
#include "actors/resource/channel_kind.hpp"
#include "actors/resource/delivery.hpp"
#include "actors/resource/destination.hpp"
#include "actors/resource/document.hpp"

/// The kind Subscription of `messaging.knative.dev/v1`. events.md 2.1.
namespace eventd::actors {

/// What a Subscription's manifest says, checked.
struct subscription_manifest {
  reference channel;
  destination subscriber;
  std::optional<destination> reply;
  delivery_fields delivery;
  /// Start, ordering, window, rate, pause and names; no URIs yet.
  subscription_spec spec;
};

/// Reads a Subscription.
/// @errors `ec::invalid_resource` with the path of the first wrong field
result<subscription_manifest> read_subscription(const json::object& document);

/// May this manifest be stored, in place of `current` if there is one? The
/// channel stays, and so does the start: `seek` moves a subscription.
/// @errors as `read_subscription`; `ec::immutable_field` with the path
result<void> admit_subscription(const json::object& given,
                                const json::object* current);

/// A Subscription with all its references looked up.
struct resolved_subscription {
  resolution subscriber;
  resolution reply;           ///< Resolved and empty where there is none.
  resolution dead_letter;     ///< Its own, or its Channel's.
  bool channel_known = false; ///< The reference is to a Channel.
  bool channel_exists = false;
  subscription_spec spec; ///< Complete, if `ok()` and the channel exists.

  bool ok() const {
    return channel_known && subscriber.ok() && reply.ok() && dead_letter.ok();
  }
};

/// Looks up what the Subscription refers to and joins its delivery options
/// with its Channel's.
/// @param inherited options of the Channel that it follows; null: it has none,
///   or there is no such Channel
/// @param exists whether there is a Channel of this name that is not being
///   deleted
resolved_subscription resolve(const subscription_manifest& manifest,
                              const delivery_fields* inherited,
                              const channel_exists& exists);

/// Would SUBSCRIPTION do the same by both?
bool same(const subscription_spec& x, const subscription_spec& y);

} // namespace eventd::actors
