// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "storage/log/offline.hpp"
#include "tools/replay/offline.hpp"

namespace eventd::replay {

namespace {

/// A channel by way of the storage layer's own reader.
class stored_channel final : public stopped_channel {
public:
  explicit stored_channel(std::unique_ptr<storage::offline_reader> reader)
    : reader_(std::move(reader)) {}

  incarnation epoch() const override { return reader_->epoch(); }
  log_offset start() const override { return reader_->earliest(); }
  log_offset end() const override { return reader_->end(); }

  result<log_offset> locate(log_time when) override {
    return reader_->locate(when);
  }

  result<void> read(log_offset from, log_offset end, uint32_t events_max,
                    uint64_t bytes_max,
                    std::vector<event_batch>& out) override {
    auto wanted = std::min<uint64_t>(events_max, end - from);
    auto batches
      = reader_->read(from, static_cast<uint32_t>(wanted), bytes_max);
    if (!batches)
      return batches.error();
    for (auto& x : *batches)
      out.push_back(std::move(x));
    return {};
  }

private:
  std::unique_ptr<storage::offline_reader> reader_;
};

} // namespace

result<std::unique_ptr<stopped_channel>>
open_stopped_channel(const std::string& data_dir,
                     const tools::channel_name& channel) {
  auto reader
    = storage::offline_reader::open(data_dir, channel.ns, channel.name);
  if (!reader)
    return reader.error();
  return std::unique_ptr<stopped_channel>{
    std::make_unique<stored_channel>(std::move(*reader))};
}

} // namespace eventd::replay
