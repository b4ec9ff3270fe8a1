// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

#include "tools/client/http_client.hpp"

namespace eventd::bench {

struct resource_options {
  int subscribers = 1;
  std::string ordering = {};
  int max_in_flight = 0; ///< 0: the server's default.
  std::string sink = {}; ///< HOST:PORT of the subscribers.
};

/// Manifests of a Channel and its Subscriptions, the Channel first. Pure.
std::vector<std::pair<std::string, std::string>>
bench_manifests(const tools::channel_name& channel, const resource_options& x);

/// The Channel and the Subscriptions of one measurement.
/// Threads: one at a time. Blocking: every call.
class bench_resources {
public:
  bench_resources(const tools::url& server, tools::channel_name channel,
                  resource_options how);

  /// Makes them and waits until all are Ready, at most 15 s.
  /// @errors the server's refusal; `ec::timeout` with what is not Ready.
  result<void> create();

  /// Deletes them; what can not be deleted stays.
  void remove();

private:
  result<void> wait_until_ready(const std::string& path);

  tools::http_client client_;
  /// Path and manifest of each.
  std::vector<std::pair<std::string, std::string>> manifests_;
};

} // namespace eventd::bench
