// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <iostream>

#include "tools/client/cloudevent.hpp"
#include "tools/client/problem.hpp"
#include "tools/replay/event_target.hpp"
#include "tools/replay/retrying_client.hpp"

namespace eventd::replay {

namespace {

/// Events given up one after the other before the target counts as dead: going
/// on would only turn all that is left into failures.
constexpr int dead_after_events = 5;

/// Failures that are printed one by one; the others are only counted.
constexpr uint64_t printed_failures_max = 20;

class sink_target final : public event_target {
public:
  sink_target(const tools::url& sink, const counters& so_far)
    : event_target(so_far), path_(sink.target), client_(sink, {}) {}

  result<void> take(std::string_view event_json) override {
    auto request = tools::binary_request(path_, event_json);
    if (!request) {
      give_up(request.error());
      return {};
    }
    auto answer = client_.send(*request);
    if (answer && answer->ok()) {
      ++done_.events;
      done_.bytes += event_json.size();
      in_a_row_ = 0;
      return {};
    }
    if (!answer && answer.error() == ec::shutting_down)
      return answer.error();
    auto why = answer ? tools::failure_of(answer->status, answer->body)
                      : answer.error();
    // A refusal shows that the target lives.
    if (answer && !is_retriable(answer->status))
      in_a_row_ = 0;
    else if (++in_a_row_ >= dead_after_events)
      return why;
    give_up(why);
    return {};
  }

  result<void> settle() override { return {}; }

private:
  void give_up(const failure& why) {
    if (++done_.failures <= printed_failures_max)
      std::cerr << "\rnot delivered: " << tools::one_line(why) << '\n';
  }

  std::string path_;
  retrying_client client_;
  int in_a_row_ = 0;
};

} // namespace

std::unique_ptr<event_target> make_sink_target(const tools::url& sink,
                                               const counters& so_far) {
  return std::make_unique<sink_target>(sink, so_far);
}

} // namespace eventd::replay
