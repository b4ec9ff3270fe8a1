// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// The half of the window that knows where it stands in the log: reading,
// trimming, and the cursor.

#include "actors/subscription/delivery_window.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

namespace {

/// FNV-1a: it stands in cursors, so it must be the same in every build.
uint64_t hash_of(std::string_view text) {
  uint64_t x = 0xcbf29ce484222325;
  for (auto c : text)
    x = (x ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return x;
}

} // namespace

delivery_window::delivery_window(subscription_spec spec, const cursor& from,
                                 int64_t now_ms)
  : spec_(std::move(spec)), epoch_(from.epoch), done_ahead_(from.done),
    given_up_(from.given_up), skipped_(from.skipped),
    last_given_up_(from.last_given_up), gone_(from.gone) {
  health_.fill(leg_health{in_flight_max()});
  bucket_.configure(spec_.rate);
  auto ordering = spec_.ordering;
  for (const auto& x : from.waiting) {
    tracked_event event;
    event.leg = x.leg;
    event.attempts = x.attempts;
    event.due_ms = now_ms + x.due_in_ms;
    event.last_status = x.last_status;
    event.key = ordering == delivery_ordering::ordered ? 0 : x.key;
    event.reply = x.reply;
    event.reply_headers = x.reply_headers;
    event.error = x.error;
    track(x.offset, std::move(event));
  }
  read_end_ = skip_known(from.low);
  forget_passed_ranges();
}

void delivery_window::configure(subscription_spec spec, int64_t now_ms) {
  auto reordered = spec.ordering != spec_.ordering;
  auto at_once = urgent_version_;
  if (gone_) {
    gone_ = false;
    at_once = ++version_;
  }
  if (reordered) {
    // Order begins anew from the cursor; what is on the wire may come twice.
    auto here = to_cursor(now_ms);
    auto before = std::move(*this);
    *this = delivery_window{std::move(spec), here, now_ms};
    orphans_ = before.orphans_ + before.in_flight_;
    generation_ = before.generation_ + 1;
    version_ = before.version_;
    totals_ = before.totals_;
    at_once = version_;
  } else {
    spec_ = std::move(spec);
    bucket_.configure(spec_.rate);
    for (auto& target : health_)
      target.limit(in_flight_max());
  }
  urgent_version_ = at_once;
}

void delivery_window::reset(incarnation epoch, log_offset low) {
  orphans_ += in_flight_;
  in_flight_ = 0;
  leg_in_flight_.fill(0);
  ++generation_;
  tracked_.clear();
  queues_.clear();
  uncommitted_.clear();
  for (auto& ready : ready_)
    ready.clear();
  fresh_.clear();
  done_ahead_.clear();
  replies_held_bytes_ = 0;
  health_.fill(leg_health{in_flight_max()});
  epoch_ = epoch;
  read_end_ = low;
  urgent_version_ = ++version_;
}

// -- reading ------------------------------------------------------------------

std::optional<delivery_window::read_plan>
delivery_window::wants_more(int64_t now_ms) const {
  // Read on when less than two windows are left: the next are on their way
  // while these are delivered.
  auto enough = std::min<size_t>(size_t{2} * in_flight_max(),
                                 limits::read_ahead_events_max / 2);
  if (spec_.paused || gone_ || fresh_.size() >= enough
      || waiting() >= limits::waiting_events_max)
    return {};
  if (probing() && (!fresh_.empty() || !may_take_fresh(now_ms)))
    return {};
  uint64_t events_max
    = probing() ? 1 : limits::read_ahead_events_max - fresh_.size();
  events_max = std::min(events_max, next_known(read_end_) - read_end_);
  return read_plan{read_end_, static_cast<uint32_t>(events_max)};
}

bool delivery_window::offer(log_offset first, std::span<const uint64_t> keys) {
  if (first != read_end_)
    return false;
  auto room = std::min<uint64_t>(next_known(first) - first,
                                 limits::read_ahead_events_max);
  for (auto key : keys.first(std::min<size_t>(keys.size(), room))) {
    fresh_.push_back({read_end_, key});
    ++read_end_;
  }
  read_end_ = skip_known(read_end_);
  return true;
}

uint64_t delivery_window::key_of(const event_view& event) const {
  if (spec_.ordering != delivery_ordering::by_key)
    return 0;
  if (auto key = event.find("partitionkey"); key && !key->value.empty())
    return hash_of(key->value);
  return hash_of(event.id());
}

uint64_t delivery_window::on_trimmed(log_offset earliest) {
  auto before = skipped_;
  for (auto event = tracked_.begin();
       event != tracked_.end() && event->first < earliest;) {
    auto next = std::next(event);
    if (!event->second.in_flight && event->second.reply.empty()) {
      ++skipped_;
      finish(event);
    }
    event = next;
  }
  auto jumped_from = read_end_;
  while (read_end_ < earliest) {
    auto hole_end = std::min(next_known(read_end_), earliest);
    skipped_ += hole_end - read_end_;
    read_end_ = skip_known(hole_end);
  }
  if (read_end_ > jumped_from && !fresh_.empty()) {
    // The frontier is still behind: remember that the gap is no hole.
    std::erase_if(done_ahead_, [this, jumped_from](const offset_range& x) {
      return x.first >= jumped_from && x.end <= read_end_;
    });
    auto after = std::find_if(
      done_ahead_.begin(), done_ahead_.end(),
      [jumped_from](const offset_range& x) { return x.first >= jumped_from; });
    done_ahead_.insert(after, {jumped_from, read_end_});
  }
  forget_passed_ranges();
  if (skipped_ != before)
    ++version_;
  return skipped_ - before;
}

void delivery_window::drop_fresh() {
  read_end_ = frontier();
  fresh_.clear();
}

log_offset delivery_window::frontier() const {
  return fresh_.empty() ? read_end_ : fresh_.front().offset;
}

log_offset delivery_window::low() const {
  return tracked_.empty() ? frontier()
                          : std::min(frontier(), tracked_.begin()->first);
}

/// The first offset from `from` on that is neither done nor tracked.
log_offset delivery_window::skip_known(log_offset from) const {
  auto event = tracked_.lower_bound(from);
  for (auto before = from;; before = from) {
    for (const auto& range : done_ahead_)
      if (range.first <= from && from < range.end)
        from = range.end;
    while (event != tracked_.end() && event->first <= from) {
      if (event->first == from)
        ++from;
      ++event;
    }
    if (from == before)
      return from;
  }
}

/// The first offset beyond `from` that is done or tracked.
log_offset delivery_window::next_known(log_offset from) const {
  log_offset known{std::numeric_limits<uint64_t>::max()};
  for (const auto& range : done_ahead_)
    if (range.first > from)
      known = std::min(known, range.first);
  if (auto event = tracked_.upper_bound(from); event != tracked_.end())
    known = std::min(known, event->first);
  return known;
}

void delivery_window::forget_passed_ranges() {
  auto passed
    = [end = frontier()](const offset_range& x) { return x.end <= end; };
  if (!done_ahead_.empty())
    std::erase_if(done_ahead_, passed);
}

// -- the cursor ---------------------------------------------------------------

cursor delivery_window::to_cursor(int64_t now_ms) const {
  cursor x;
  x.epoch = epoch_;
  x.low = low();
  x.given_up = given_up_;
  x.skipped = skipped_;
  x.last_given_up = last_given_up_;
  x.gone = gone_;
  auto add_done = [&x](log_offset first, log_offset end) {
    if (first < end)
      x.done.push_back({first, end});
  };
  auto end = frontier();
  auto done_from = x.low;
  for (const auto& [offset, event] : tracked_) {
    if (offset < end) {
      add_done(done_from, offset);
      done_from = offset + 1;
    }
    if (event.attempts == 0 && event.leg == delivery_leg::subscriber)
      continue; // Not tried yet: it is read and tried again.
    waiting_event y;
    y.offset = offset;
    y.leg = event.leg;
    y.attempts = event.attempts;
    y.due_in_ms
      = event.in_flight ? 0 : std::max<int64_t>(event.due_ms - now_ms, 0);
    y.last_status = event.last_status;
    y.key = event.key;
    y.reply = event.reply;
    y.reply_headers = event.reply_headers;
    y.error = event.error;
    x.waiting.push_back(std::move(y));
  }
  add_done(done_from, end);
  for (const auto& range : done_ahead_)
    add_done(std::max(range.first, end), range.end);
  return x;
}

} // namespace eventd::actors
