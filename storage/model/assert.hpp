// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdio>
#include <cstdlib>

/// Ends the process when one of our own assumptions does not hold; stays on in
/// release. Asserts are for our bugs, errors for the world.
#define EVENTD_ASSERT(condition)                                               \
  do {                                                                         \
    if (!(condition)) [[unlikely]] {                                           \
      std::fprintf(stderr, "eventd: assertion failed: %s (%s:%d)\n",           \
                   #condition, __FILE__, __LINE__);                            \
      std::abort();                                                            \
    }                                                                          \
  } while (false)
