// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/trouble_log.hpp"

namespace eventd::runtime {

namespace {

constexpr int64_t quiet_ms = 60'000;

} // namespace

bool trouble_log::is_due(trouble kind, const std::string& address,
                         int64_t now_ms) {
  auto found = told_ms_.find({address, kind});
  if (found != told_ms_.end()) {
    if (now_ms - found->second < quiet_ms)
      return false;
    found->second = now_ms;
    return true;
  }
  if (told_ms_.size() >= limits::troubles_max)
    std::erase_if(told_ms_, [now_ms](const auto& x) {
      return now_ms - x.second >= quiet_ms;
    });
  if (told_ms_.size() >= limits::troubles_max)
    return false;
  told_ms_.emplace(std::pair{address, kind}, now_ms);
  return true;
}

} // namespace eventd::runtime
