// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/model/error.hpp"

namespace eventd::limits {

/// Payload of one frame between nodes: as much as may be lost to one bad
/// checksum, and what a large message lets others wait. Past it: the
/// connection is closed, before anything is allocated.
inline constexpr size_t link_frame_bytes_max = size_t{256} << 10;

/// One message between nodes: the largest entries with room for their framing.
/// Past it: it is not sent; received, the connection is closed.
inline constexpr size_t link_message_bytes_max = size_t{40} << 20;

/// A hello or its answer. Past it: the connection is closed.
inline constexpr size_t link_hello_bytes_max = size_t{64} << 10;

} // namespace eventd::limits

/// Bytes between nodes. A message is one frame or several:
/// [4 payload length][4 CRC32C of flags and payload][1 flags][payload], LE.
/// The first frame of each direction is a hello, and no later one is.
namespace eventd::runtime {

enum frame_flags : uint8_t {
  frame_more = 1,  ///< The message goes on in the next frame.
  frame_ping = 2,  ///< Asks for a pong. Empty; may stand inside a message.
  frame_pong = 4,  ///< Answers a ping. Empty; may stand inside a message.
  frame_hello = 8, ///< Who speaks, or the answer to that (hello.hpp).
};

inline constexpr size_t frame_header_bytes = 4 + 4 + 1;
using frame_header = std::array<char, frame_header_bytes>;

/// What goes before `payload`.
/// @pre `payload.size() <= limits::link_frame_bytes_max`
frame_header make_frame_header(uint8_t flags, std::string_view payload);

/// A whole frame. @pre as above
std::string encode_frame(uint8_t flags, std::string_view payload = {});

/// What a frame, or the last frame of a message, completes.
struct link_message {
  enum class kind : uint8_t { data, ping, pong, hello };

  kind what = kind::data;
  std::string bytes;
};

/// Puts messages together from bytes as they come, in pieces of any size. A
/// plain value: reads no socket. Holds one message at most, and memory only
/// for bytes that have come.
class frame_reader {
public:
  /// Takes bytes from the front of `bytes` until a message is complete; what
  /// is left of `bytes` is for the next call. None: all were taken and more
  /// are needed. `at_start()` tells whether a frame or message is cut.
  /// @errors `ec::invalid_request`: the peer breaks the rules above. Every
  /// later call fails the same way.
  result<std::optional<link_message>> next(std::string_view& bytes);

  /// No frame and no message has begun that is not complete.
  bool at_start() const {
    return header_size_ == 0 && !in_payload_ && message_.empty();
  }

private:
  failure refuse(std::string why);
  result<void> begin_frame();
  result<void> check_flags() const;
  result<std::optional<link_message>> end_frame();
  bool is_control() const;

  frame_header header_{};
  size_t header_size_ = 0;
  bool in_payload_ = false;
  size_t missing_ = 0; ///< Payload bytes of this frame still to come.
  uint8_t flags_ = 0;
  uint32_t expected_crc_ = 0;
  uint32_t crc_ = 0;
  bool greeted_ = false; ///< The hello has come.
  std::string message_;
  std::optional<failure> broken_;
};

} // namespace eventd::runtime
