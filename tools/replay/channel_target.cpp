// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <iostream>
#include <vector>

#include "storage/model/limits.hpp"
#include "tools/client/cloudevent.hpp"
#include "tools/client/problem.hpp"
#include "tools/replay/event_target.hpp"
#include "tools/replay/retrying_client.hpp"

namespace eventd::replay {

namespace {

/// Leaves room in the server's default body limit.
constexpr size_t batch_bytes_max = limits::body_bytes_default * 3 / 4;
constexpr size_t batch_events_max = limits::batch_events_max / 2;
constexpr uint64_t printed_failures_max = 20;

class channel_target final : public event_target {
public:
  channel_target(const tools::url& server, const tools::channel_name& to,
                 const counters& so_far, const retry_options& how)
    : event_target(so_far), to_(to), path_(to.publish_path()),
      client_(server, how) {}

  result<void> check() override {
    auto answer
      = client_.send_once({"GET", to_.events_path() + "?from=latest", {}, {}});
    if (!answer)
      return answer.error();
    if (!answer->ok())
      return tools::failure_of(answer->status, answer->body);
    return {};
  }

  result<void> take(std::string_view event_json, uint64_t offset) override {
    if (!joined_.empty()
        && (joined_.size() + event_json.size() > batch_bytes_max
            || waiting_.size() == batch_events_max))
      if (auto sent = settle(); !sent)
        return sent;
    if (!joined_.empty())
      joined_.push_back(',');
    joined_.append(event_json);
    waiting_.push_back({joined_.size(), offset});
    first_open_ = waiting_.front().offset;
    return {};
  }

  result<void> settle() override {
    if (waiting_.empty())
      return {};
    // Larger than the server takes as JSON, perhaps not as bytes.
    if (joined_.size() > batch_bytes_max)
      return send_singly();
    auto answer = client_.send(tools::batch_request(path_, joined_));
    if (!answer)
      return answer.error();
    if (!answer->ok())
      return is_retriable(answer->status)
               ? tools::failure_of(answer->status, answer->body)
               : send_singly();
    delivered(waiting_.size(), joined_.size());
    forget_all();
    return {};
  }

private:
  struct waiting_event {
    size_t end; ///< In `joined_`.
    uint64_t offset;
  };

  void delivered(size_t events, size_t bytes) {
    done_.events += events;
    done_.bytes += bytes;
  }

  void forget_all() {
    joined_.clear();
    waiting_.clear();
    first_open_.reset();
  }

  /// Those before it are settled.
  void forget_before(uint64_t offset) {
    size_t bytes = 0;
    size_t n = 0;
    for (; waiting_[n].offset != offset; ++n)
      bytes = waiting_[n].end + 1;
    joined_.erase(0, bytes);
    waiting_.erase(waiting_.begin(),
                   waiting_.begin() + static_cast<ptrdiff_t>(n));
    for (auto& x : waiting_)
      x.end -= bytes;
  }

  /// A batch is stored as a whole or refused as a whole, so that one bad event
  /// would take its neighbours along: find it.
  result<void> send_singly() {
    size_t begin = 0;
    for (auto [end, offset] : waiting_) {
      first_open_ = offset;
      std::string_view event{joined_.data() + begin, end - begin};
      begin = end + 1;
      auto request = tools::binary_request(path_, event);
      if (!request) {
        give_up(offset, request.error());
        continue;
      }
      auto answer = client_.send(*request);
      if (!answer || is_retriable(answer->status)) {
        forget_before(offset);
        return answer ? tools::failure_of(answer->status, answer->body)
                      : answer.error();
      }
      if (answer->ok())
        delivered(1, event.size());
      else
        give_up(offset, tools::failure_of(answer->status, answer->body));
    }
    forget_all();
    return {};
  }

  void give_up(uint64_t offset, const failure& why) {
    if (++done_.failures <= printed_failures_max)
      std::cerr << "\rnot delivered: offset " << offset << ": "
                << tools::one_line(why) << '\n';
  }

  tools::channel_name to_;
  std::string path_;
  retrying_client client_;
  std::string joined_; ///< Events of the next batch, commas between.
  std::vector<waiting_event> waiting_;
};

} // namespace

std::unique_ptr<event_target> make_channel_target(const tools::url& server,
                                                  const tools::channel_name& to,
                                                  const counters& so_far,
                                                  const retry_options& how) {
  return std::make_unique<channel_target>(server, to, so_far, how);
}

} // namespace eventd::replay
