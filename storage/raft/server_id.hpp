// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

namespace eventd::storage {

/// A Raft server id says which node it is (upper half) and which life of its
/// data directory (lower half, random, never 0): a vote or an entry belongs to
/// one directory for ever. A node that began before clusters has its bare
/// number as id.
constexpr uint64_t server_id(uint64_t node, uint32_t life) {
  return node << 32 | life;
}

constexpr uint64_t node_of(uint64_t server) {
  return server >> 32 != 0 ? server >> 32 : server;
}

} // namespace eventd::storage
