// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>

namespace eventd::tests {

/// Seeds of a test of simulations.
struct seeds {
  uint64_t first = 1;
  uint64_t n = 1;
};

/// The one that `EVENTD_SEED` names, to be played again alone.
inline std::optional<uint64_t> wanted_seed() {
  if (auto* text = std::getenv("EVENTD_SEED"))
    return std::strtoull(text, nullptr, 10);
  return std::nullopt;
}

/// Others each time.
inline seeds fresh_seeds(uint64_t n) {
  return {uint64_t{std::random_device{}()} << 16, n};
}

} // namespace eventd::tests
