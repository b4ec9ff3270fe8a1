// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

#include "tools/bench/peer_link.hpp"
#include "tools/bench/publisher.hpp"
#include "tools/client/exit_code.hpp"

namespace eventd::bench {

/// Publishes to a new stream of the peer: `connections` clients, each of which
/// sends `batch` events and waits until all are acknowledged.
/// Blocking, this and those below: until it is over. Each prints one line.
tools::exit_code run_peer_publish(const publish_plan& plan, const peer& to);

/// Publishes to a new stream, and follows it over a connection of its own:
/// a second line tells how late the events arrive there.
/// @returns `partial` where not all arrived
tools::exit_code run_peer_latency(publish_plan plan, const peer& to);

/// Reads the stream from its first event on, until `events` have come.
tools::exit_code run_peer_replay(uint64_t events, const peer& to,
                                 int server_pid);

} // namespace eventd::bench
