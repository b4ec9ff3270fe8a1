// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/replay/offline.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include "runtime/gateway/event_text.hpp"
#include "storage/model/limits.hpp"
#include "tools/client/event_text.hpp"

namespace eventd::replay {

namespace {

class stopped_source final : public event_source {
public:
  explicit stopped_source(std::unique_ptr<stopped_channel> channel)
    : channel_(std::move(channel)) {}

  result<source_span> open(const std::string& from, const std::string& to,
                           const std::string& epoch) override {
    auto own = std::to_string(channel_->epoch().value);
    if (!epoch.empty() && epoch != own)
      return failure{ec::epoch_mismatch,
                     "the channel's epoch is " + own + ", not " + epoch};
    auto first = place_of(from.empty() ? "earliest" : from);
    if (!first)
      return first.error();
    auto end = to.empty() ? result<log_offset>{channel_->end()} : place_of(to);
    if (!end)
      return end.error();
    next_ = *first;
    end_ = std::min(*end, channel_->end());
    if (next_ < channel_->start())
      return failure{ec::offset_trimmed,
                     "offset " + std::to_string(next_.value)
                       + " is trimmed; the earliest is "
                       + std::to_string(channel_->start().value),
                     channel_->start().value};
    if (next_ > channel_->end())
      return failure{ec::offset_out_of_range,
                     "offset " + std::to_string(next_.value)
                       + " is beyond the end, "
                       + std::to_string(channel_->end().value),
                     channel_->end().value};
    return source_span{own, next_.value, end_.value};
  }

  /// While a page is used the next one is made.
  result<std::string_view> next_page() override {
    auto page = ahead_.valid() ? ahead_.get() : make_page({});
    if (!page)
      return page.error();
    std::swap(page_, *page);
    if (!page_.empty())
      ahead_ = std::async(std::launch::async,
                          [this, spare = std::move(*page)]() mutable {
                            return make_page(std::move(spare));
                          });
    return page_;
  }

  std::optional<std::string> incomplete() const override {
    return channel_->uncommitted();
  }

private:
  /// @param page what an earlier page took, to be used again
  result<std::string> make_page(std::string page) {
    page.clear();
    if (next_ >= end_)
      return page;
    std::vector<event_batch> batches;
    auto read = channel_->read(next_, end_, limits::read_events_max,
                               limits::read_bytes_max, batches);
    if (!read)
      return read.error();
    for (auto& x : batches) {
      runtime::append_events(page, runtime::read_format::ndjson, x,
                             channel_->epoch());
      next_ = x.end_offset();
    }
    if (page.empty())
      return failure{ec::internal, "nothing is stored at offset "
                                     + std::to_string(next_.value)};
    return page;
  }

  /// @pre `text` was checked to be a position
  result<log_offset> place_of(const std::string& text) {
    if (text == "earliest")
      return channel_->start();
    if (text == "latest")
      return channel_->end();
    if (text.find_first_not_of("0123456789") == text.npos)
      return log_offset{std::stoull(text)};
    auto ms = tools::parse_time_ms(text).value_or(0);
    return channel_->locate(log_time{static_cast<uint64_t>(ms < 0 ? 0 : ms)});
  }

  std::unique_ptr<stopped_channel> channel_;
  log_offset next_;
  log_offset end_;
  std::string page_;
  /// Last, so that it is waited for before the rest goes.
  std::future<result<std::string>> ahead_;
};

} // namespace

std::unique_ptr<event_source>
make_stopped_source(std::unique_ptr<stopped_channel> channel) {
  return std::make_unique<stopped_source>(std::move(channel));
}

result<std::unique_ptr<event_source>> make_offline_source(const options& from) {
  auto channel = open_stopped_channel(from.data_dir, from.channel);
  if (!channel)
    return channel.error();
  return make_stopped_source(std::move(*channel));
}

} // namespace eventd::replay
