// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <caf/fwd.hpp>

namespace eventd::actors {

/// Tells CAF how to serialise every payload of `interfaces.hpp`. Call once per
/// configuration, before the `actor_system` is made. A payload that is missing
/// here would serialise to nothing, without an error.
void register_types(caf::actor_system_config& config);

} // namespace eventd::actors
