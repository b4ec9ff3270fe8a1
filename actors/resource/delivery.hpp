// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>

#include "actors/protocol/messages.hpp"
#include "actors/resource/destination.hpp"
#include "actors/resource/document.hpp"

namespace eventd::actors {

/// A manifest's `delivery`, checked. events.md 1.3.
struct delivery_fields {
  bool any = false; ///< At least one option is set.
  std::optional<destination> dead_letter;
  delivery_policy policy;
};

/// Reads Knative's DeliverySpec; nothing is set where it is absent.
delivery_fields read_delivery(strict_reader fields,
                              std::string_view own_namespace);

/// What holds for a Subscription: its own options if it sets any, else the
/// Channel's; the dead letter sink of the Channel where it has none itself
/// (events.md 1.4, row 5).
delivery_fields inherit(const delivery_fields& subscription,
                        const delivery_fields& channel);

} // namespace eventd::actors
