// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/buffer.hpp>

namespace eventd::limits {

/// What is gathered into one write: enough to make system calls cheap, little
/// enough that a ping does not wait long. Past it: the next write.
inline constexpr size_t link_write_bytes_max = size_t{1} << 20;

/// Messages that wait for one peer, beside the bound of their bytes, which
/// small ones would not reach. Past it: `send` answers false.
inline constexpr size_t link_queue_messages_max = 65'536;

} // namespace eventd::limits

namespace eventd::runtime {

using link_bytes = std::shared_ptr<const std::string>;

/// Frames for one vectored write. Small payloads are copied beside their
/// headers, large ones stay where they are and are kept alive.
class frame_batch {
public:
  void clear();
  bool empty() const { return wire_bytes_ == 0; }

  /// Of the frames, with headers. Unit: bytes.
  size_t wire_bytes() const { return wire_bytes_; }

  /// Of messages, without headers. Unit: bytes.
  size_t payload_bytes() const { return payload_bytes_; }

  /// A frame without payload.
  void add_control(uint8_t flags);

  /// One frame of `message`, from `begin` on. Answers where the next begins;
  /// `message->size()` when this was the last.
  /// @pre `begin < message->size()`, or both are 0
  size_t add_frame(const link_bytes& message, size_t begin);

  /// Valid until the batch is changed.
  std::vector<boost::asio::const_buffer> buffers() const;

private:
  /// Some of `near_`, then some bytes that lie elsewhere.
  struct piece {
    size_t near_bytes = 0;
    std::string_view far;
  };

  void add_near(std::string_view bytes);

  std::string near_;
  std::vector<piece> pieces_;
  std::vector<link_bytes> kept_;
  size_t wire_bytes_ = 0;
  size_t payload_bytes_ = 0;
};

/// Messages that wait to be written to one peer, in order and bounded. Closed
/// at first. Threads: any for `push` and `bytes`; the transport's for the rest.
/// Blocking: never for long.
class outbox {
public:
  explicit outbox(size_t bytes_max) : bytes_max_(bytes_max) {}

  enum class pushed {
    refused, ///< Closed, the bound is reached, or the message is too large.
    taken,   ///< It is written with what waits already.
    wake,    ///< It is taken, and the writer sleeps.
  };
  pushed push(link_bytes message);

  void open();

  /// Drops what waits: whoever sends again learns whether it came.
  void close();

  /// Fills `batch`, which is empty, up to `limits::link_write_bytes_max`.
  /// False: there is nothing, and the next `push` says `wake`.
  bool gather(frame_batch& batch);

  /// `batch` was written; its bytes no longer count.
  void written(const frame_batch& batch);

  /// Pushed and not yet written.
  size_t bytes() const;

private:
  mutable std::mutex mutex_;
  const size_t bytes_max_;
  bool open_ = false;
  bool writer_sleeps_ = false;
  std::deque<link_bytes> waiting_;
  size_t begin_ = 0; ///< Where the rest of the first message begins.
  size_t bytes_ = 0;
};

} // namespace eventd::runtime
