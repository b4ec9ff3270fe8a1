// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include "actors/protocol/interfaces.hpp"
#include "runtime/gateway/gateway.hpp"
#include "tests/runtime/gateway/raw_socket.hpp"

namespace eventd::tests {

namespace atom = actors::atom;

/// One record, as a parse of a request would make it.
inline event_batch
make_event(const std::string& id, const std::string& data = "{\"a\":1}",
           const std::vector<std::pair<std::string, std::string>>& more = {}) {
  auto bytes = std::make_shared<std::string>();
  event_writer writer{*bytes, spec_version::v1_0, data_kind::json,
                      4 + more.size()};
  writer.attribute({"id", id, attribute_type::string, {}});
  writer.attribute({"source", "/test", attribute_type::string, {}});
  writer.attribute({"type", "test.made", attribute_type::string, {}});
  writer.attribute(
    {"datacontenttype", "application/json", attribute_type::string, {}});
  for (const auto& [name, value] : more)
    writer.attribute({name, value, attribute_type::string, {}});
  writer.data(data);
  return *event_batch::open(std::move(bytes), 0, 1);
}

/// What a test sees of the fake channel and tells it.
struct fake_log {
  std::mutex mutex;
  std::vector<event_batch> events; ///< One each, from offset `earliest`.
  uint64_t earliest = 0;
  uint64_t epoch = 7;
  std::optional<failure> refusal; ///< Answer every append with it.
  std::optional<failure> read_refusal;
  uint32_t duplicates = 0;
  std::promise<void> waiting; ///< Set when the first waiter came.
  bool has_waiter = false;
  bool holds_appends = false; ///< Appends are answered by nobody.
  std::vector<size_t> joined; ///< How many requests came together.

  uint64_t end() const { return earliest + events.size(); }
};

/// A CHANNEL that keeps its events in `log`.
actors::channel_actor spawn_channel(caf::actor_system& system,
                                    std::shared_ptr<fake_log> log);

/// Knows "prod/orders", which it tells its watcher at once, and "prod/fresh".
actors::directory_actor spawn_directory(caf::actor_system& system,
                                        actors::channel_actor orders);

/// Promises that an actor keeps keep the actor: it has to be told to end.
void end(const actors::channel_actor& channel);

struct fake_config : caf::actor_system_config {
  fake_config();
};

/// A gateway on a free port before one fake channel "prod/orders".
struct gateway_fixture {
  explicit gateway_fixture(unsigned io_threads = 1,
                           size_t body_bytes_max = limits::body_bytes_default,
                           bool in_cluster = true);
  /// With these limits, and seconds that pass by `pass_seconds` only.
  explicit gateway_fixture(const runtime::gateway_limits& bounds);
  ~gateway_fixture();

  void pass_seconds(unsigned n) {
    while (n-- > 0)
      gate->pass_second();
  }

  /// Returns when all that was sent before is read: by one I/O thread, in
  /// order. At the same time it proves that others are served.
  void settle() {
    if (get("/healthz").status != 200)
      throw std::runtime_error("a usual request is not served");
  }

  raw_socket connect() { return raw_socket::connect(gate->port()); }

  /// Sends one request on a connection of its own and reads its answer.
  raw_answer ask(const std::string& request) {
    auto client = connect();
    client.send(request);
    return client.read_answer();
  }

  raw_answer get(const std::string& target, const std::string& headers = {}) {
    return ask("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
  }

  raw_answer post(const std::string& target, const std::string& headers,
                  const std::string& body = {}) {
    return ask(post_text(target, headers, body));
  }

  static std::string post_text(const std::string& target,
                               const std::string& headers,
                               const std::string& body) {
    return "POST " + target + " HTTP/1.1\r\nHost: x\r\n" + headers
           + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n"
           + body;
  }

  /// Headers of a valid binary event.
  static std::string event_headers(const std::string& id) {
    return "ce-specversion: 1.0\r\nce-id: " + id
           + "\r\nce-source: /test\r\nce-type: test.made\r\n"
             "Content-Type: application/json\r\n";
  }

  void store(size_t n) {
    std::lock_guard guard{log->mutex};
    for (size_t i = 0; i < n; ++i) {
      auto one = make_event("e" + std::to_string(log->end()));
      one.first_offset = log_offset{log->end()};
      one.stored_at = log_time{1'767'323'045'678 + log->end()};
      log->events.push_back(one);
    }
  }

  size_t stored() {
    std::lock_guard guard{log->mutex};
    return log->events.size();
  }

  fake_config config;
  caf::actor_system system{config};
  std::shared_ptr<fake_log> log = std::make_shared<fake_log>();
  std::shared_ptr<actors::node_stats> stats
    = std::make_shared<actors::node_stats>();
  std::atomic<int64_t> clock_us{0};
  std::atomic<bool> ready{true};
  actors::channel_actor orders;
  std::unique_ptr<runtime::gateway> gate;

private:
  void start(runtime::gateway_options options, bool in_cluster);
};

} // namespace eventd::tests
