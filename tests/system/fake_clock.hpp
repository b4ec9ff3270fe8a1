// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/fixtures/temp_dir.hpp"

namespace eventd::tests {

/// A wall clock for other processes that can be set while they run, by Debian's
/// libfaketime. Their steady clocks stay what they are. Without the library the
/// test fails: tools/setup installs it. Threads: one at a time.
class fake_clock {
public:
  fake_clock();

  /// What a process needs in its environment to have this clock.
  const std::vector<std::string>& environment() const { return environment_; }

  /// The clock is this much ahead of the true one from now on, or behind it.
  void set(std::chrono::seconds ahead);

private:
  temp_dir dir_;
  std::vector<std::string> environment_;
};

} // namespace eventd::tests
