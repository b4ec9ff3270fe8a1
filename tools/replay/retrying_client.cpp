// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/replay/retrying_client.hpp"

#include <algorithm>
#include <charconv>
#include <thread>

#include "tools/client/command_line.hpp"

namespace eventd::replay {

namespace {

using std::chrono::milliseconds;

/// A request on the wire is awaited even when the user interrupts, so that its
/// outcome is known and counted; only the pauses end early.
tools::client_options patient() {
  tools::client_options how;
  how.answer_timeout = milliseconds{30'000};
  return how;
}

bool pause(milliseconds length) {
  constexpr milliseconds slice{100};
  for (; length.count() > 0 && !tools::interrupted(); length -= slice)
    std::this_thread::sleep_for(std::min(length, slice));
  return !tools::interrupted();
}

} // namespace

milliseconds pause_after(const retry_options& how, int attempt,
                         std::string_view retry_after) {
  auto wait = how.pause_first * (int64_t{1} << std::min(attempt, 20));
  int64_t asked_s = 0;
  std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(),
                  asked_s);
  asked_s = std::clamp<int64_t>(asked_s, 0, 86'400);
  return std::min(std::max(wait, milliseconds{1'000 * asked_s}), how.pause_max);
}

retrying_client::retrying_client(tools::url to, retry_options how)
  : client_(std::move(to), patient()), how_(how) {}

result<tools::http_answer>
retrying_client::send(const tools::http_request& what) {
  for (int attempt = 0;; ++attempt) {
    auto answer = client_.send(what);
    if (answer && !is_retriable(answer->status))
      return answer;
    if (attempt + 1 >= how_.attempts_max)
      return answer;
    auto asked = answer ? answer->header("Retry-After") : std::string_view{};
    if (!pause(pause_after(how_, attempt, asked)))
      return failure{ec::shutting_down, "interrupted"};
  }
}

} // namespace eventd::replay
