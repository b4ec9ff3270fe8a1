// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

#include <catch2/catch_test_macros.hpp>
#include <sys/resource.h>

namespace eventd::tests {

/// Of open files, of this process and of those that it starts.
inline rlimit file_limit() {
  rlimit out{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &out) == 0);
  return out;
}

/// The test itself, and what it starts, may have so many files open.
inline void need_files(uint64_t n) {
  auto limit = file_limit();
  if (limit.rlim_max < n)
    SKIP("NOT RUN: at most " << limit.rlim_max << " files may be open here, "
                             << n << " are needed");
  limit.rlim_cur = limit.rlim_max;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

} // namespace eventd::tests
