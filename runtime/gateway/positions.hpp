// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "runtime/gateway/bridge.hpp"
#include "runtime/gateway/read_query.hpp"
#include "runtime/gateway/routes.hpp"

namespace eventd::runtime {

/// The offset that a position means in a channel that stands at `status`.
/// An offset is answered as it is, whether it can be read or not.
/// @errors what CHANNEL answers to `locate`
task<result<log_offset>> find_offset(route_table& routes, bridge& asks,
                                     std::string channel,
                                     actors::channel_status status,
                                     position at);

} // namespace eventd::runtime
