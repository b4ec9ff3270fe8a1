// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/outbox.hpp"

#include <algorithm>

#include "runtime/cluster/frame.hpp"
#include "storage/model/assert.hpp"

namespace eventd::runtime {

namespace {

/// Up to here a copy costs less than a buffer of its own: of a system call's
/// vector, or under TLS of a record.
constexpr size_t copied_bytes_max = size_t{4} << 10;

} // namespace

void frame_batch::clear() {
  near_.clear();
  pieces_.clear();
  kept_.clear();
  wire_bytes_ = payload_bytes_ = 0;
}

void frame_batch::add_near(std::string_view bytes) {
  if (pieces_.empty() || !pieces_.back().far.empty())
    pieces_.emplace_back();
  pieces_.back().near_bytes += bytes.size();
  near_.append(bytes);
  wire_bytes_ += bytes.size();
}

void frame_batch::add_control(uint8_t flags) {
  add_near(encode_frame(flags));
}

size_t frame_batch::add_frame(const link_bytes& message, size_t begin) {
  EVENTD_ASSERT(begin < message->size() || (begin == 0 && message->empty()));
  auto payload
    = std::string_view{*message}.substr(begin, limits::link_frame_bytes_max);
  auto end = begin + payload.size();
  uint8_t flags = end < message->size() ? frame_more : 0;
  auto header = make_frame_header(flags, payload);
  add_near({header.data(), header.size()});
  payload_bytes_ += payload.size();
  if (payload.size() <= copied_bytes_max) {
    add_near(payload);
  } else {
    pieces_.back().far = payload;
    wire_bytes_ += payload.size();
    if (kept_.empty() || kept_.back() != message)
      kept_.push_back(message);
  }
  return end;
}

std::vector<boost::asio::const_buffer> frame_batch::buffers() const {
  std::vector<boost::asio::const_buffer> out;
  size_t begin = 0;
  for (const auto& piece : pieces_) {
    out.emplace_back(near_.data() + begin, piece.near_bytes);
    begin += piece.near_bytes;
    if (!piece.far.empty())
      out.emplace_back(piece.far.data(), piece.far.size());
  }
  return out;
}

outbox::pushed outbox::push(link_bytes message) {
  std::lock_guard lock{mutex_};
  auto size = message->size();
  if (!open_ || size > limits::link_message_bytes_max || size > bytes_max_
      || bytes_ > bytes_max_ - size
      || waiting_.size() >= limits::link_queue_messages_max)
    return pushed::refused;
  bytes_ += size;
  waiting_.push_back(std::move(message));
  if (!writer_sleeps_)
    return pushed::taken;
  writer_sleeps_ = false;
  return pushed::wake;
}

void outbox::open() {
  std::lock_guard lock{mutex_};
  EVENTD_ASSERT(!open_ && waiting_.empty() && bytes_ == 0);
  open_ = true;
  writer_sleeps_ = false;
}

void outbox::close() {
  std::deque<link_bytes> dropped; // Freed outside the lock.
  std::lock_guard lock{mutex_};
  open_ = false;
  dropped.swap(waiting_);
  begin_ = 0;
  bytes_ = 0;
}

bool outbox::gather(frame_batch& batch) {
  std::lock_guard lock{mutex_};
  while (!waiting_.empty()
         && batch.wire_bytes() < limits::link_write_bytes_max) {
    const auto& first = waiting_.front();
    begin_ = batch.add_frame(first, begin_);
    if (begin_ == first->size()) {
      waiting_.pop_front();
      begin_ = 0;
    }
  }
  writer_sleeps_ = batch.empty();
  return !batch.empty();
}

void outbox::written(const frame_batch& batch) {
  std::lock_guard lock{mutex_};
  EVENTD_ASSERT(bytes_ >= batch.payload_bytes());
  bytes_ -= batch.payload_bytes();
}

size_t outbox::bytes() const {
  std::lock_guard lock{mutex_};
  return bytes_;
}

} // namespace eventd::runtime
