// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/node/clock.hpp"

#include <chrono>
#include <random>

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace eventd::runtime {

int64_t wall_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch())
    .count();
}

int64_t steady_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch())
    .count();
}

std::string new_uuid() {
  thread_local boost::uuids::random_generator make;
  return boost::uuids::to_string(make());
}

} // namespace eventd::runtime
