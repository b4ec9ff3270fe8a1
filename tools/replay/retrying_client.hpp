// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>

#include "tools/client/http_client.hpp"

namespace eventd::replay {

struct retry_options {
  int attempts_max = 6;
  std::chrono::milliseconds pause_first{100}; ///< Doubles with each attempt.
  std::chrono::milliseconds pause_max{5'000};
};

/// What to do after an answer; the table of retriable statuses is Knative's
/// (data plane specification): 404, 408, 409, 429 and 5xx are tried again.
constexpr bool is_retriable(unsigned status) {
  return status == 404 || status == 408 || status == 409 || status == 429
         || status >= 500;
}

/// How long to wait after attempt number `attempt` (from 0). An answer's
/// `Retry-After` in seconds counts where it is longer; `pause_max` bounds it.
std::chrono::milliseconds pause_after(const retry_options& how, int attempt,
                                      std::string_view retry_after);

/// Sends a request until it is taken, refused for good, or tried often enough.
/// Threads: one at a time. Blocking: up to all attempts and pauses.
class retrying_client {
public:
  retrying_client(tools::url to, retry_options how);

  /// @returns the last answer, of any status
  /// @errors `ec::unreachable`, `ec::timeout` after the last attempt;
  ///   `ec::shutting_down` when interrupted between two attempts.
  result<tools::http_answer> send(const tools::http_request& what);

  /// One attempt, whatever it answers.
  result<tools::http_answer> send_once(const tools::http_request& what) {
    return client_.send(what);
  }

private:
  tools::http_client client_;
  retry_options how_;
};

} // namespace eventd::replay
