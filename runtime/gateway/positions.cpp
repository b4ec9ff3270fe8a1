// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/positions.hpp"

#include "runtime/gateway/owner.hpp"

namespace eventd::runtime {

task<result<log_offset>> find_offset(route_table& routes, bridge& asks,
                                     std::string channel,
                                     actors::channel_status status,
                                     position at) {
  switch (at.what) {
  case position::kind::earliest:
    co_return status.earliest;
  case position::kind::latest:
    co_return status.end;
  case position::kind::offset:
    co_return log_offset{at.value};
  case position::kind::time:
    break;
  }
  co_return co_await ask_channel<log_offset>(
    routes, asks, channel, actors::atom::locate_v, log_time{at.value});
}

} // namespace eventd::runtime
