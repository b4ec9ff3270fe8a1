// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/scrubber/scrubber.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "storage/state/mend.hpp"
#include "storage/state/scrub.hpp"
#include "storage/state/shard_state.hpp"

namespace eventd::actors {

namespace {

using std::chrono::milliseconds;

/// Between two pieces, each a tenth of what a second may have. Unit: ms.
constexpr int64_t piece_ms = 100;
constexpr uint64_t piece_bytes = limits::scrub_bytes_a_s / 10;

/// Families that a compaction found damaged are looked for this often even
/// while nothing is scrubbed. Unit: ms.
constexpr int64_t watch_ms = 1'000;

} // namespace

void scrubber_state::init(pointer self, scrubber_wiring wiring) {
  self_ = self;
  wiring_ = std::move(wiring);
  go_on(limits::scrub_first_ms);
}

void scrubber_state::go_on(int64_t after_ms) {
  self_->delayed_send(self_, milliseconds(after_ms), atom::tick_v);
}

void scrubber_state::tick() {
  auto now = std::chrono::duration_cast<milliseconds>(
               self_->clock().now().time_since_epoch())
               .count();
  spare_families();
  if (now < rests_until_ms_)
    return go_on(std::min(watch_ms, rests_until_ms_ - now));
  look();
}

void scrubber_state::spare_families() {
  auto n = wiring_.database->spare_damaged_families();
  if (!n || *n == spared_)
    return;
  spared_ = *n;
  wiring_.stats->damaged_families.store(spared_, std::memory_order_relaxed);
  wiring_.note("damage: a compaction met a damaged table; its family is not "
               "compacted any more, and gives no space back. Replace this "
               "node's data when the others are well");
}

/// One piece; the next comes by itself.
void scrubber_state::look() {
  if (!begun_)
    begin_shard();
  if (next_ <= applied_)
    return look_at_records(piece_bytes);
  if (!channels_.empty())
    return look_at_rows(piece_bytes);
  next_shard();
}

void scrubber_state::begin_shard() {
  begun_ = true;
  next_ = raft_index{1};
  applied_ = {};
  channels_.clear();
  // Damaged rows of the state are found, and refused, by the next start.
  if (auto applied = storage::load_applied(*wiring_.database, shard_))
    applied_ = *applied;
  auto rows = storage::shard_state::channel_rows(*wiring_.database, shard_);
  if (!rows)
    return;
  for (const auto& x : *rows)
    if (!x.in_memory)
      channels_.push_back({x.id, x.start});
}

void scrubber_state::next_shard() {
  begun_ = false;
  shard_ = shard_ + 1;
  if (shard_.value < wiring_.database->shards())
    return go_on(piece_ms);
  end_pass();
}

void scrubber_state::end_pass() {
  if (damages_ > 0)
    wiring_.note("damage: " + std::to_string(damages_)
                 + " places were found in one pass through all logs");
  damages_ = 0;
  shard_ = {};
  tried_.reset();
  wiring_.stats->scrub_passes.fetch_add(1, std::memory_order_relaxed);
  auto now = self_->clock().now().time_since_epoch();
  rests_until_ms_ = std::chrono::duration_cast<milliseconds>(now).count()
                    + limits::scrub_pause_ms;
  go_on(watch_ms);
}

void scrubber_state::look_at_records(uint64_t bytes_max) {
  auto x = storage::scrub_records(*wiring_.database, shard_, next_, applied_,
                                  bytes_max);
  // A disk that fails is met by others, who may end the node.
  if (!x)
    return next_shard();
  wiring_.stats->scrubbed_bytes.fetch_add(x->bytes, std::memory_order_relaxed);
  next_ = x->next;
  if (x->damage)
    return have_mended(*x->damage);
  go_on(piece_ms);
}

void scrubber_state::look_at_rows(uint64_t bytes_max) {
  auto& part = channels_.back();
  auto x
    = storage::scrub_rows(*wiring_.database, part.id, part.next, bytes_max);
  if (!x)
    return next_shard();
  wiring_.stats->scrubbed_bytes.fetch_add(x->bytes, std::memory_order_relaxed);
  part.next = x->next;
  if (x->damage)
    return have_mended(*x->damage);
  if (x->complete)
    channels_.pop_back();
  // Channels without rows take no time.
  go_on(x->bytes == 0 ? 1 : piece_ms);
}

/// What is still damaged afterwards is passed by, until the next pass.
void scrubber_state::have_mended(const damaged_place& place) {
  if (tried_ == place) {
    pass_by();
    return go_on(piece_ms);
  }
  tried_ = place;
  ++damages_;
  wiring_.stats->corrupt_records.fetch_add(1, std::memory_order_relaxed);
  self_->request(wiring_.mender, caf::infinite, atom::mend_v, place)
    .then([this](uint64_t) { go_on(1); },
          [this](const caf::error&) {
            pass_by();
            go_on(piece_ms);
          });
}

/// Where a channel's next row begins is not known without this one.
void scrubber_state::pass_by() {
  if (tried_->index.value != 0)
    next_ = tried_->index + 1;
  else
    channels_.pop_back();
}

scrubber_actor::behavior_type scrubber(scrubber_state::pointer self,
                                       scrubber_wiring wiring) {
  self->state.init(self, std::move(wiring));
  return {
    [self](atom::tick) { self->state.tick(); },
  };
}

} // namespace eventd::actors
