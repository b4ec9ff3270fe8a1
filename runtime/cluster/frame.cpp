// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/frame.hpp"

#include <algorithm>
#include <utility>

#include "storage/codec/bytes.hpp"
#include "storage/codec/crc32c.hpp"
#include "storage/model/assert.hpp"

namespace eventd::runtime {

namespace {

constexpr uint8_t known_flags
  = frame_more | frame_ping | frame_pong | frame_hello;

uint32_t crc_of_flags(uint8_t flags) {
  char byte = static_cast<char>(flags);
  return storage::crc32c({&byte, 1});
}

} // namespace

frame_header make_frame_header(uint8_t flags, std::string_view payload) {
  EVENTD_ASSERT(payload.size() <= limits::link_frame_bytes_max);
  std::string bytes;
  storage::put_fixed(bytes, static_cast<uint32_t>(payload.size()));
  storage::put_fixed(bytes, storage::crc32c(payload, crc_of_flags(flags)));
  storage::put_fixed(bytes, flags);
  frame_header out;
  EVENTD_ASSERT(bytes.size() == out.size());
  std::ranges::copy(bytes, out.begin());
  return out;
}

std::string encode_frame(uint8_t flags, std::string_view payload) {
  auto header = make_frame_header(flags, payload);
  std::string out{header.data(), header.size()};
  out.append(payload);
  return out;
}

failure frame_reader::refuse(std::string why) {
  message_ = {};
  broken_ = failure{ec::invalid_request, std::move(why)};
  return *broken_;
}

bool frame_reader::is_control() const {
  return (flags_ & (frame_ping | frame_pong)) != 0;
}

result<void> frame_reader::check_flags() const {
  auto bad = [](const char* why) { return failure{ec::invalid_request, why}; };
  auto kind = flags_ & (frame_ping | frame_pong | frame_hello);
  if ((flags_ & ~known_flags) != 0)
    return bad("a frame has flags that are not known");
  if ((kind & (kind - 1)) != 0)
    return bad("a frame is of two kinds");
  if (kind != 0 && (flags_ & frame_more) != 0)
    return bad("a frame that must stand alone is not the last of its message");
  if (!greeted_ && kind != frame_hello)
    return bad("the first frame is not a hello");
  if (greeted_ && kind == frame_hello)
    return bad("a second hello");
  if (is_control() && missing_ != 0)
    return bad("a ping or pong is not empty");
  if ((flags_ & frame_more) != 0 && missing_ == 0)
    return bad("an empty frame is not the last of its message");
  return {};
}

result<void> frame_reader::begin_frame() {
  storage::byte_reader header{{header_.data(), header_.size()}};
  missing_ = header.fixed<uint32_t>();
  expected_crc_ = header.fixed<uint32_t>();
  flags_ = header.fixed<uint8_t>();
  EVENTD_ASSERT(header.at_end());
  auto room
    = greeted_ ? limits::link_frame_bytes_max : limits::link_hello_bytes_max;
  if (missing_ > room)
    return refuse("a frame of " + std::to_string(missing_) + " bytes, where "
                  + std::to_string(room) + " are allowed");
  if (auto fits = check_flags(); !fits)
    return refuse(fits.error().detail);
  if (missing_ > limits::link_message_bytes_max - message_.size())
    return refuse("a message is larger than "
                  + std::to_string(limits::link_message_bytes_max) + " bytes");
  crc_ = crc_of_flags(flags_);
  in_payload_ = true;
  return {};
}

result<std::optional<link_message>> frame_reader::end_frame() {
  if (crc_ != expected_crc_)
    return refuse("a frame's checksum does not fit its bytes");
  header_size_ = 0;
  in_payload_ = false;
  using kind = link_message::kind;
  using answer = std::optional<link_message>;
  if (is_control()) {
    auto what = (flags_ & frame_ping) != 0 ? kind::ping : kind::pong;
    return answer{link_message{what, {}}};
  }
  if ((flags_ & frame_more) != 0)
    return answer{};
  auto what = (flags_ & frame_hello) != 0 ? kind::hello : kind::data;
  greeted_ = true;
  return answer{link_message{what, std::exchange(message_, {})}};
}

result<std::optional<link_message>>
frame_reader::next(std::string_view& bytes) {
  if (broken_)
    return *broken_;
  for (;;) {
    if (!in_payload_) {
      auto n = std::min(bytes.size(), header_.size() - header_size_);
      std::copy_n(bytes.begin(), n, header_.begin() + header_size_);
      bytes.remove_prefix(n);
      header_size_ += n;
      if (header_size_ < header_.size())
        return std::optional<link_message>{};
      if (auto begun = begin_frame(); !begun)
        return begun.error();
    }
    auto piece = bytes.substr(0, std::min(bytes.size(), missing_));
    crc_ = storage::crc32c(piece, crc_);
    message_.append(piece);
    bytes.remove_prefix(piece.size());
    missing_ -= piece.size();
    if (missing_ > 0)
      return std::optional<link_message>{};
    auto ended = end_frame();
    if (!ended || *ended)
      return ended;
  }
}

} // namespace eventd::runtime
