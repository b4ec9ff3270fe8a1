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
                 const counters& so_far)
    : event_target(so_far), path_(to.publish_path()), client_(server, {}) {}

  result<void> take(std::string_view event_json) override {
    if (!joined_.empty()
        && (joined_.size() + event_json.size() > batch_bytes_max
            || ends_.size() == batch_events_max))
      if (auto sent = settle(); !sent)
        return sent;
    if (!joined_.empty())
      joined_.push_back(',');
    joined_.append(event_json);
    ends_.push_back(joined_.size());
    return {};
  }

  result<void> settle() override {
    if (ends_.empty())
      return {};
    auto answer = client_.send(tools::batch_request(path_, joined_));
    if (!answer)
      return answer.error();
    if (answer->ok())
      delivered(ends_.size(), joined_.size());
    else if (is_retriable(answer->status))
      return tools::failure_of(answer->status, answer->body);
    else if (auto single = send_singly(); !single)
      return single;
    joined_.clear();
    ends_.clear();
    return {};
  }

private:
  void delivered(size_t events, size_t bytes) {
    done_.events += events;
    done_.bytes += bytes;
  }

  /// A batch is stored as a whole or refused as a whole, so that one bad event
  /// would take its neighbours along: find it.
  result<void> send_singly() {
    size_t begin = 0;
    for (auto end : ends_) {
      auto event = joined_.substr(begin, end - begin);
      begin = end + 1;
      auto size = event.size();
      auto answer
        = client_.send(tools::structured_request(path_, std::move(event)));
      if (!answer)
        return answer.error();
      if (answer->ok())
        delivered(1, size);
      else if (++done_.failures <= printed_failures_max)
        std::cerr << "\rnot delivered: "
                  << tools::one_line(
                       tools::failure_of(answer->status, answer->body))
                  << '\n';
    }
    return {};
  }

  std::string path_;
  retrying_client client_;
  std::string joined_;       ///< Events of the next batch, commas between.
  std::vector<size_t> ends_; ///< Where each of them ends in `joined_`.
};

} // namespace

std::unique_ptr<event_target> make_channel_target(const tools::url& server,
                                                  const tools::channel_name& to,
                                                  const counters& so_far) {
  return std::make_unique<channel_target>(server, to, so_far);
}

} // namespace eventd::replay
