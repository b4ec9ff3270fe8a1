// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/replica/read_lease.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace eventd::actors {

void read_lease::restart() {
  heard_us_.clear();
  heirs_.clear();
}

void read_lease::heard(uint64_t server, int64_t sent_us) {
  auto& known = heard_us_[server];
  known = std::max(known, sent_us);
  auto heir = heirs_.find(server);
  if (heir != heirs_.end() && sent_us > heir->second)
    heirs_.erase(heir);
}

void read_lease::asked_to_lead(uint64_t server, int64_t now_us) {
  heirs_[server] = now_us;
}

int64_t read_lease::asked_us() const {
  int64_t last = 0;
  for (const auto& [server, asked] : heirs_)
    last = std::max(last, asked);
  return last;
}

int64_t read_lease::end_us(const std::vector<storage::raft_server>& servers,
                           uint64_t self) const {
  if (!heirs_.empty())
    return 0;
  std::vector<int64_t> others;
  bool votes = false;
  for (const auto& x : servers) {
    if (x.role != storage::raft_server_role::voter)
      continue;
    if (x.id == self) {
      votes = true;
      continue;
    }
    auto found = heard_us_.find(x.id);
    others.push_back(found == heard_us_.end() ? 0 : found->second);
  }
  auto majority = (others.size() + (votes ? 1 : 0)) / 2 + 1;
  auto needed = majority - (votes ? 1 : 0);
  if (needed == 0)
    return std::numeric_limits<int64_t>::max();
  if (needed > others.size())
    return 0;
  std::sort(others.begin(), others.end(), std::greater<>{});
  auto oldest = others[needed - 1];
  return oldest == 0 ? 0 : oldest + length_us_;
}

} // namespace eventd::actors
