// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/client/event_stream.hpp"

#include <charconv>
#include <cstring>

#include "tools/client/problem.hpp"

namespace eventd::tools {

namespace {

/// One read asks for this much; large, because each wakes a thread.
constexpr size_t piece_bytes = size_t{512} << 10;
constexpr size_t line_bytes_max = size_t{64} << 20;
constexpr size_t refusal_bytes_max = size_t{64} << 10;

std::optional<uint64_t> number(std::string_view text) {
  uint64_t x = 0;
  auto end = text.data() + text.size();
  if (text.empty() || std::from_chars(text.data(), end, x).ptr != end)
    return std::nullopt;
  return x;
}

} // namespace

std::string event_range::query() const {
  std::string out;
  auto add = [&out](std::string_view name, const std::string& value) {
    if (value.empty())
      return;
    out += out.empty() ? '?' : '&';
    out.append(name).append("=").append(percent_encoded(value));
  };
  add("from", from);
  add("to", to);
  add("epoch", epoch);
  add("limit", limit ? std::to_string(*limit) : "");
  add("wait", wait_s ? std::to_string(*wait_s) : "");
  return out;
}

result<stream_position> event_stream::open(const channel_name& channel,
                                           const event_range& range) {
  begin_ = end_ = 0;
  done_ = true;
  auto answer = client_.open({"GET",
                              channel.events_path() + range.query(),
                              {{"Accept", "application/x-ndjson"}},
                              {}});
  if (!answer)
    return answer.error();
  if (!answer->ok()) {
    std::string body(refusal_bytes_max, '\0');
    size_t size = 0;
    while (size < body.size()) {
      auto n = client_.read(std::span{body}.subspan(size));
      if (!n || *n == 0)
        break;
      size += *n;
    }
    client_.close();
    return failure_of(answer->status, std::string_view{body}.substr(0, size));
  }
  done_ = false;
  return stream_position{std::string{answer->header("Eventd-Epoch")},
                         number(answer->header("Eventd-Earliest-Offset")),
                         number(answer->header("Eventd-End-Offset"))};
}

result<std::string_view> event_stream::next() {
  // Only the begin of a line is moved; the buffer keeps its size.
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  while (!done_) {
    if (end_ > line_bytes_max)
      return failure{ec::payload_too_large, "a line is beyond 64 MiB"};
    if (buffer_.size() < end_ + piece_bytes)
      buffer_.resize(end_ + piece_bytes);
    auto n = client_.read(std::span{buffer_}.subspan(end_, piece_bytes));
    if (!n)
      return n.error();
    done_ = *n == 0;
    auto fresh = std::string_view{buffer_}.substr(end_, *n);
    auto last = fresh.rfind('\n');
    auto whole = end_ + last + 1;
    end_ += *n;
    if (last != std::string_view::npos) {
      begin_ = whole;
      return std::string_view{buffer_}.substr(0, whole);
    }
  }
  if (end_ > 0)
    return failure{ec::unreachable, "the answer ended inside a line"};
  return std::string_view{};
}

} // namespace eventd::tools
