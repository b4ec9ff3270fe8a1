// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/replay/event_target.hpp"

namespace eventd::replay {

namespace {

/// Lines are written in pieces of this size: fewer, and the system calls
/// would cost more than the events.
constexpr size_t piece_bytes = size_t{1} << 20;

class file_target final : public event_target {
public:
  file_target(std::string path, int fd, const counters& so_far, uint64_t bytes)
    : event_target(so_far), path_(std::move(path)), fd_(fd), written_(bytes) {
    buffer_.reserve(piece_bytes + (piece_bytes >> 2));
  }

  ~file_target() override {
    if (fd_ != STDOUT_FILENO)
      ::close(fd_);
  }

  result<void> take(std::string_view event_json, uint64_t offset) override {
    if (!first_open_)
      first_open_ = offset;
    buffer_.append(event_json);
    buffer_.push_back('\n');
    ++waiting_;
    if (buffer_.size() < piece_bytes)
      return {};
    return write_out();
  }

  result<void> settle() override {
    if (auto written = write_out(); !written)
      return written;
    // A resume token must never tell of bytes that the file does not have.
    if (fd_ != STDOUT_FILENO && ::fdatasync(fd_) != 0 && errno != EINVAL
        && errno != EROFS)
      return wrong();
    return {};
  }

  uint64_t output_bytes() const override { return written_; }

private:
  failure wrong() const {
    return {ec::io_error, path_ + ": " + std::strerror(errno)};
  }

  result<void> write_out() {
    auto bytes = buffer_.size() + begun_;
    while (!buffer_.empty()) {
      auto n = ::write(fd_, buffer_.data(), buffer_.size());
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return wrong();
      // All at once but where the disk fills up.
      begun_ += static_cast<size_t>(n);
      buffer_.erase(0, static_cast<size_t>(n));
    }
    begun_ = 0;
    written_ += bytes;
    done_.bytes += bytes - waiting_; // Without line feeds.
    done_.events += waiting_;
    waiting_ = 0;
    first_open_.reset();
    buffer_.clear();
    return {};
  }

  std::string path_;
  int fd_;
  uint64_t written_;
  uint64_t waiting_ = 0; ///< Events in the buffer.
  size_t begun_ = 0; ///< Bytes of them that a failed write left in the file.
  std::string buffer_;
};

} // namespace

result<std::unique_ptr<event_target>>
make_file_target(const std::string& path, const counters& so_far,
                 std::optional<uint64_t> output_bytes) {
  auto wrong = [&] {
    return failure{errno == ENOENT ? ec::not_found : ec::io_error,
                   path + ": " + std::strerror(errno)};
  };
  int fd = STDOUT_FILENO;
  if (path != "-") {
    fd = ::open(path.c_str(),
                O_WRONLY | O_CREAT | O_CLOEXEC | (output_bytes ? 0 : O_TRUNC),
                0644);
    if (fd < 0)
      return wrong();
  }
  auto target
    = std::make_unique<file_target>(path, fd, so_far, output_bytes.value_or(0));
  if (path != "-" && output_bytes) {
    struct stat now {};
    if (::fstat(fd, &now) != 0)
      return wrong();
    if (static_cast<uint64_t>(now.st_size) < *output_bytes)
      return failure{ec::io_error,
                     path + " is shorter than the resume token says: it holds "
                       + std::to_string(now.st_size) + " bytes, not "
                       + std::to_string(*output_bytes)};
    auto end = static_cast<off_t>(*output_bytes);
    if (::ftruncate(fd, end) != 0 || ::lseek(fd, end, SEEK_SET) != end)
      return wrong();
  }
  return target;
}

result<std::unique_ptr<event_target>>
make_target(const options& to, const counters& so_far,
            std::optional<uint64_t> output_bytes) {
  if (to.sink)
    return make_sink_target(*to.sink, so_far, to.retry);
  if (!to.into)
    return make_file_target(to.output, so_far, output_bytes);
  auto server = tools::parse_url(to.server);
  if (!server)
    return server.error();
  return make_channel_target(*server, *to.into, so_far, to.retry);
}

} // namespace eventd::replay
