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
constexpr uint64_t dead_after_events = 5;

/// Failures that are printed one by one; the others are only counted.
constexpr uint64_t printed_failures_max = 20;

class sink_target final : public event_target {
public:
  sink_target(const tools::url& sink, const counters& so_far,
              const retry_options& how)
    : event_target(so_far), name_("http://" + sink.authority + sink.target),
      path_(sink.target), client_(sink, how) {}

  result<void> take(std::string_view event_json, uint64_t offset) override {
    auto request = tools::binary_request(path_, event_json);
    if (!request) {
      give_up(offset, request.error());
      return {};
    }
    auto answer = client_.send(*request);
    if (answer && answer->ok()) {
      end_row();
      ++done_.events;
      done_.bytes += event_json.size();
      return {};
    }
    if (!first_open_)
      first_open_ = offset;
    if (!answer && answer.error() == ec::shutting_down)
      return answer.error();
    auto why = answer ? tools::failure_of(answer->status, answer->body)
                      : answer.error();
    // A refusal shows that the target lives.
    if (answer && !is_retriable(answer->status)) {
      end_row();
      give_up(offset, why);
      return {};
    }
    tell(offset, why);
    if (++in_a_row_ < dead_after_events)
      return {};
    why.detail = name_ + ": " + why.detail;
    return why;
  }

  result<void> settle() override { return {}; }

private:
  /// The target lives: what failed before this event is given up for good.
  void end_row() {
    done_.failures += in_a_row_;
    in_a_row_ = 0;
    first_open_.reset();
  }

  void give_up(uint64_t offset, const failure& why) {
    ++done_.failures;
    tell(offset, why);
  }

  void tell(uint64_t offset, const failure& why) {
    if (++told_ <= printed_failures_max)
      std::cerr << "\rnot delivered: offset " << offset << ": "
                << tools::one_line(why) << '\n';
  }

  std::string name_;
  std::string path_;
  retrying_client client_;
  uint64_t in_a_row_ = 0; ///< Not answered for, and not yet given up.
  uint64_t told_ = 0;
};

} // namespace

std::unique_ptr<event_target> make_sink_target(const tools::url& sink,
                                               const counters& so_far,
                                               const retry_options& how) {
  return std::make_unique<sink_target>(sink, so_far, how);
}

} // namespace eventd::replay
