// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/body_pace.hpp"

#include <algorithm>
#include <numeric>

namespace eventd::runtime {

void body_pace::begin(uint64_t now_s) {
  bytes_.fill(0);
  begin_s_ = now_s_ = now_s;
  expects_ = true;
}

void body_pace::pass_to(uint64_t now_s) {
  // After a long silence each slot is emptied once.
  now_s_ = std::max(now_s_, now_s - std::min<uint64_t>(now_s, slots));
  while (now_s_ < now_s)
    bytes_[++now_s_ % slots] = 0;
}

void body_pace::add(uint64_t now_s, uint64_t bytes) {
  pass_to(now_s);
  bytes_[now_s % slots] += bytes;
}

bool body_pace::is_slow(uint64_t now_s) {
  if (!expects_ || now_s <= begin_s_ + limits::body_window_s)
    return false;
  pass_to(now_s);
  auto all = std::accumulate(bytes_.begin(), bytes_.end(), uint64_t{0});
  return all - bytes_[now_s % slots] < window_bytes_min_;
}

} // namespace eventd::runtime
