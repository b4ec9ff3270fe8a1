// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/cursor.hpp"

#include <algorithm>
#include <memory>

#include "storage/codec/bytes.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

namespace {

using storage::byte_reader;
using storage::put_string;
using storage::put_varint;

constexpr uint8_t format_version = 1;
constexpr uint8_t flag_gone = 1;

constexpr uint64_t zigzag(int64_t x) {
  return static_cast<uint64_t>(x) << 1 ^ static_cast<uint64_t>(x >> 63);
}

constexpr int64_t unzigzag(uint64_t x) {
  return static_cast<int64_t>(x >> 1 ^ (~(x & 1) + 1));
}

failure damaged(const char* what) {
  return {ec::corrupt_record, std::string{"subscription cursor: "} + what};
}

/// Counts what replies and error data may still take.
class payload_budget {
public:
  bool take(size_t bytes) {
    if (bytes > left_)
      return false;
    left_ -= bytes;
    return true;
  }

private:
  size_t left_ = limits::cursor_payload_bytes_max;
};

size_t reply_bytes(const waiting_event& x) {
  auto n = x.reply.records().size();
  for (const auto& [name, value] : x.reply_headers)
    n += name.size() + value.size();
  return n;
}

/// The URLs that failed, each once: mostly one for a thousand events.
std::vector<std::string_view> urls_of(const cursor& x) {
  std::vector<std::string_view> urls;
  for (const auto& event : x.waiting)
    if (event.leg == delivery_leg::dead_letter
        && std::find(urls.begin(), urls.end(), event.error.dest) == urls.end())
      urls.push_back(event.error.dest);
  return urls;
}

void put_reply(std::string& out, const waiting_event& x,
               payload_budget& budget) {
  if (x.reply.empty() || !budget.take(reply_bytes(x))) {
    put_string(out, {});
    put_varint(out, 0);
    return;
  }
  put_string(out, x.reply.records());
  put_varint(out, x.reply_headers.size());
  for (const auto& [name, value] : x.reply_headers) {
    put_string(out, name);
    put_string(out, value);
  }
}

void put_waiting(std::string& out, const cursor& x) {
  payload_budget budget;
  auto urls = urls_of(x);
  put_varint(out, urls.size());
  for (auto url : urls)
    put_string(out, url);
  put_varint(out, x.waiting.size());
  auto previous = x.low;
  for (const auto& event : x.waiting) {
    put_varint(out, event.offset - previous);
    previous = event.offset;
    out.push_back(static_cast<char>(event.leg));
    put_varint(out, event.attempts);
    put_varint(out,
               static_cast<uint64_t>(std::max<int64_t>(event.due_in_ms, 0)));
    put_varint(out, zigzag(event.last_status));
    put_varint(out, event.key);
    if (event.leg == delivery_leg::reply)
      put_reply(out, event, budget);
    if (event.leg == delivery_leg::dead_letter) {
      auto url = std::find(urls.begin(), urls.end(), event.error.dest);
      put_varint(out, static_cast<uint64_t>(url - urls.begin()));
      put_varint(out, zigzag(event.error.code));
      const auto& data = event.error.data;
      put_string(out, budget.take(data.size()) ? std::string_view{data}
                                               : std::string_view{});
    }
  }
}

/// Reads a count of things that take a byte each at least.
size_t read_count(byte_reader& in, size_t max) {
  auto n = in.varint();
  if (n > max || n > in.rest().size())
    in.take(in.rest().size() + 1); // Makes the reader fail.
  return in.ok() ? n : 0;
}

result<event_batch> read_reply(byte_reader& in, header_list& headers) {
  auto record = in.string();
  for (auto n = read_count(in, in.rest().size()); n > 0 && in.ok(); --n) {
    std::string name{in.string()};
    headers.emplace_back(std::move(name), std::string{in.string()});
  }
  if (record.empty())
    return event_batch{};
  return event_batch::open(std::make_shared<const std::string>(record), 0, 1);
}

result<waiting_event> read_waiting(byte_reader& in, log_offset previous,
                                   const std::vector<std::string>& urls) {
  waiting_event x;
  x.offset = previous + in.varint();
  auto leg = in.fixed<uint8_t>();
  if (leg > static_cast<uint8_t>(delivery_leg::dead_letter)
      || x.offset < previous)
    return damaged("a waiting event that can not be");
  x.leg = static_cast<delivery_leg>(leg);
  x.attempts = static_cast<uint32_t>(in.varint());
  x.due_in_ms = static_cast<int64_t>(std::min<uint64_t>(
    in.varint(), static_cast<uint64_t>(limits::backoff_ms_max)));
  x.last_status = static_cast<int32_t>(unzigzag(in.varint()));
  x.key = in.varint();
  if (x.leg == delivery_leg::reply) {
    auto reply = read_reply(in, x.reply_headers);
    if (!reply)
      return reply.error();
    x.reply = std::move(*reply);
  }
  if (x.leg == delivery_leg::dead_letter) {
    auto url = in.varint();
    if (!in.ok() || url >= urls.size())
      return damaged("a dead letter without the URL that failed");
    x.error.dest = urls[url];
    x.error.code = static_cast<int32_t>(unzigzag(in.varint()));
    x.error.data = in.string();
  }
  return x;
}

result<void> read_events(byte_reader& in, cursor& x) {
  std::vector<std::string> urls;
  for (auto n = read_count(in, limits::waiting_events_max * 4); n > 0; --n)
    urls.emplace_back(in.string());
  auto previous = x.low;
  auto max = limits::waiting_events_max + limits::in_flight_max;
  for (auto n = read_count(in, max); n > 0; --n) {
    auto event = read_waiting(in, previous, urls);
    if (!event)
      return event.error();
    if (!x.waiting.empty() && event->offset == previous)
      return damaged("a waiting event twice");
    previous = event->offset;
    x.waiting.push_back(std::move(*event));
  }
  for (auto n = read_count(in, limits::given_up_kept_max); n > 0; --n) {
    undelivered event;
    event.offset = log_offset{in.varint()};
    event.code = static_cast<int32_t>(unzigzag(in.varint()));
    event.reason = in.string();
    x.last_given_up.push_back(std::move(event));
  }
  return {};
}

} // namespace

std::string encode(const cursor& x) {
  std::string out;
  out.push_back(static_cast<char>(format_version));
  put_varint(out, x.epoch.value);
  put_varint(out, x.low.value);
  out.push_back(static_cast<char>(x.gone ? flag_gone : 0));
  put_varint(out, x.given_up);
  put_varint(out, x.skipped);
  put_varint(out, x.done.size());
  auto previous = x.low;
  for (const auto& range : x.done) {
    put_varint(out, range.first - previous);
    put_varint(out, range.end - range.first);
    previous = range.end;
  }
  put_waiting(out, x);
  put_varint(out, x.last_given_up.size());
  for (const auto& event : x.last_given_up) {
    put_varint(out, event.offset.value);
    put_varint(out, zigzag(event.code));
    put_string(out, event.reason);
  }
  return out;
}

result<cursor> decode_cursor(std::string_view bytes) {
  byte_reader in{bytes};
  auto version = in.fixed<uint8_t>();
  if (in.ok() && version > format_version)
    return failure{ec::format_too_new, "subscription cursor: format version "
                                         + std::to_string(version)
                                         + " is of a newer eventd"};
  cursor x;
  x.epoch = incarnation{in.varint()};
  x.low = log_offset{in.varint()};
  auto flags = in.fixed<uint8_t>();
  x.gone = (flags & flag_gone) != 0;
  x.given_up = in.varint();
  x.skipped = in.varint();
  auto previous = x.low;
  for (auto n = read_count(in, in.rest().size()); n > 0 && in.ok(); --n) {
    auto first = previous + in.varint();
    auto end = first + in.varint();
    if (first < previous || end <= first)
      return damaged("a range of offsets that can not be");
    x.done.push_back({first, end});
    previous = end;
  }
  if (auto read = read_events(in, x); !read)
    return read.error();
  if (version != format_version || (flags & ~flag_gone) != 0 || !in.at_end())
    return damaged("its bytes do not add up");
  return x;
}

} // namespace eventd::actors
