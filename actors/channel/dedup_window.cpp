// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/channel/dedup_window.hpp"

#include <functional>
#include <utility>

namespace eventd::actors {

namespace {

constexpr size_t places_min = 64;

/// Never 0.
uint32_t tag_of(std::string_view key) {
  auto hash = uint64_t{std::hash<std::string_view>{}(key)};
  auto tag = static_cast<uint32_t>(hash ^ hash >> 32);
  return tag != 0 ? tag : 1;
}

} // namespace

// -- the table ----------------------------------------------------------------

/// Neither source nor id may hold a control character, so the join is
/// unambiguous. A dead letter keeps its event's id: two subscriptions that give
/// up the same event leave two records, told apart by where each failed.
void dedup_window::make_key(const event_view& event) {
  key_.assign(event.source()).push_back('\0');
  key_.append(event.id());
  if (auto failed_at = event.find("knativeerrordest"))
    key_.append(1, '\0').append(failed_at->value);
  tag_ = tag_of(key_);
}

const dedup_window::entry& dedup_window::entry_of(const place& x) const {
  return order_[static_cast<uint32_t>(x.number - first_number_)];
}

/// The key's place, or the free one where it would stand.
size_t dedup_window::search(uint32_t tag, std::string_view key) const {
  auto i = home_of(tag);
  while (places_[i].tag != 0
         && (places_[i].tag != tag || entry_of(places_[i]).key != key))
    i = after(i);
  return i;
}

void dedup_window::make_room() {
  if (2 * (order_.size() + 1) <= places_.size())
    return;
  auto old = std::exchange(places_, {});
  places_.resize(old.empty() ? places_min : 2 * old.size());
  for (const auto& x : old) {
    if (x.tag == 0)
      continue;
    auto i = home_of(x.tag);
    while (places_[i].tag != 0)
      i = after(i);
    places_[i] = x;
  }
}

/// Frees the place of an entry, where no newer one of its key has it, and moves
/// up what stands behind it and would not be found any more.
void dedup_window::drop(uint32_t number, uint32_t tag) {
  auto free = home_of(tag);
  while (places_[free].tag != 0 && places_[free].number != number)
    free = after(free);
  if (places_[free].tag == 0)
    return;
  auto mask = places_.size() - 1;
  for (auto i = after(free); places_[i].tag != 0; i = after(i)) {
    auto from_home = (i - home_of(places_[i].tag)) & mask;
    if (from_home < ((i - free) & mask))
      continue;
    places_[free] = places_[i];
    free = i;
  }
  places_[free] = {};
}

// -- the window ---------------------------------------------------------------

std::optional<log_offset> dedup_window::find_key(log_time now) const {
  if (order_.empty())
    return {};
  const auto& found = places_[search(tag_, key_)];
  if (found.tag == 0)
    return {};
  const auto& x = entry_of(found);
  if (x.seen.value + static_cast<uint64_t>(window_ms_) <= now.value)
    return {};
  return x.at;
}

void dedup_window::add_key(log_offset at, log_time now) {
  expire(now);
  while (order_.size() >= events_max_) {
    drop(first_number_++, order_.front().tag);
    order_.pop_front();
  }
  make_room();
  auto& free = places_[search(tag_, key_)];
  auto number = static_cast<uint32_t>(first_number_ + order_.size());
  order_.push_back({key_, tag_, at, now});
  free = {tag_, number};
}

std::optional<log_offset> dedup_window::find(const event_view& event,
                                             log_time now) {
  if (!enabled())
    return {};
  make_key(event);
  return find_key(now);
}

void dedup_window::add(const event_view& event, log_offset at, log_time now) {
  if (!enabled())
    return;
  make_key(event);
  add_key(at, now);
}

std::optional<log_offset> dedup_window::find_or_add(const event_view& event,
                                                    log_offset at,
                                                    log_time now) {
  if (!enabled())
    return {};
  make_key(event);
  auto found = find_key(now);
  if (!found)
    add_key(at, now);
  return found;
}

void dedup_window::expire(log_time now) {
  while (!order_.empty()
         && order_.front().seen.value + static_cast<uint64_t>(window_ms_)
              <= now.value) {
    drop(first_number_++, order_.front().tag);
    order_.pop_front();
  }
}

void dedup_window::forget_from(log_offset first) {
  while (!order_.empty() && order_.back().at >= first) {
    auto number = static_cast<uint32_t>(first_number_ + order_.size() - 1);
    drop(number, order_.back().tag);
    order_.pop_back();
  }
}

void dedup_window::clear() {
  places_.clear();
  order_.clear();
}

} // namespace eventd::actors
