// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/channel/dedup_window.hpp"

namespace eventd::actors {

std::string dedup_window::key_of(const event_view& event) {
  std::string key;
  key.reserve(event.source().size() + 1 + event.id().size());
  // Neither may hold a control character, so the join is unambiguous.
  key.append(event.source()).push_back('\0');
  key.append(event.id());
  // A dead letter keeps its event's id: two subscriptions that give up the
  // same event leave two records, told apart by where each failed.
  if (auto failed_at = event.find("knativeerrordest"))
    key.append(1, '\0').append(failed_at->value);
  return key;
}

std::optional<log_offset> dedup_window::find(const event_view& event,
                                             log_time now) const {
  if (!enabled())
    return {};
  auto found = by_key_.find(key_of(event));
  if (found == by_key_.end())
    return {};
  const auto& x = *found->second;
  if (x.seen.value + static_cast<uint64_t>(window_ms_) <= now.value)
    return {};
  return x.at;
}

void dedup_window::add(const event_view& event, log_offset at, log_time now) {
  if (!enabled())
    return;
  expire(now);
  while (order_.size() >= events_max_)
    pop();
  order_.push_back({key_of(event), at, now});
  // The newest counts. Where an older entry of the same key is still here, its
  // string must not stay in the map: it leaves before the new one.
  const auto& added = order_.back();
  by_key_.erase(added.key);
  by_key_.emplace(added.key, &added);
}

void dedup_window::expire(log_time now) {
  while (!order_.empty()
         && order_.front().seen.value + static_cast<uint64_t>(window_ms_)
              <= now.value)
    pop();
}

void dedup_window::pop() {
  auto found = by_key_.find(order_.front().key);
  if (found != by_key_.end() && found->second == &order_.front())
    by_key_.erase(found);
  order_.pop_front();
}

void dedup_window::forget_from(log_offset first) {
  while (!order_.empty() && order_.back().at >= first) {
    auto found = by_key_.find(order_.back().key);
    if (found != by_key_.end() && found->second == &order_.back())
      by_key_.erase(found);
    order_.pop_back();
  }
}

void dedup_window::clear() {
  by_key_.clear();
  order_.clear();
}

} // namespace eventd::actors
