// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/system/leader_watch.hpp"

#include <algorithm>
#include <thread>

#include <catch2/catch_test_macros.hpp>

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto look_interval = 40ms;

uint64_t number_at(const boost::json::value& in, const std::string& pointer) {
  auto text = text_at(in, pointer);
  return text.empty() ? 0 : std::stoull(text);
}

} // namespace

leader_watch::leader_watch(const cluster& nodes, uint64_t shard,
                           std::vector<size_t> whom)
  : nodes_(nodes), shard_(shard), whom_(std::move(whom)) {
  look();
  INFO(nodes.last_words());
  REQUIRE(leaders_.size() == 1);
}

void leader_watch::look() {
  auto at = "/shards/" + std::to_string(shard_);
  for (auto n : whom_) {
    auto now = nodes_.view(n);
    if (!now)
      continue;
    REQUIRE(number_at(*now, at + "/shard") == shard_);
    auto leader = number_at(*now, at + "/leader");
    if (leader == 0)
      continue;
    leaders_.try_emplace(number_at(*now, at + "/term"), leader);
  }
}

void leader_watch::look_until(clock::time_point end) {
  while (clock::now() < end) {
    look();
    std::this_thread::sleep_for(look_interval);
  }
}

size_t leader_watch::changes() const {
  return leaders_.empty() ? 0 : leaders_.size() - 1;
}

std::string leader_watch::text() const {
  std::string out;
  for (auto& [term, leader] : leaders_)
    out += (out.empty() ? "term " : ", term ") + std::to_string(term)
           + ": node " + std::to_string(leader);
  return out;
}

void wait_settled(const cluster& nodes, uint64_t shard) {
  auto wanted = shard % nodes.size() + 1;
  auto settled = eventually(
    [&] {
      if (nodes.leader_of(shard) == wanted)
        return true;
      std::this_thread::sleep_for(look_interval);
      return false;
    },
    patience);
  INFO("shard " << shard << "\n" << nodes.last_words());
  REQUIRE(settled);
}

} // namespace eventd::tests
