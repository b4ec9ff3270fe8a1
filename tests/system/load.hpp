// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/system/history.hpp"
#include "tests/system/process.hpp"

namespace eventd::tests {

/// Who sends again what had no definite answer.
enum class retries { none, every_second, all };

struct load_options {
  size_t publishers = 4;
  size_t readers = 4;
  retries again = retries::every_second;
  size_t first_process = 0; ///< Number of the first publisher, in its ids.
};

/// Clients that know all addresses: publishers that send one event or many at
/// a time, one after the other, and readers that follow the channel. Each
/// prefers an address of its own and takes the next for a while where that
/// fails. The first publisher also sends events that must be refused, the last
/// one batches. Threads: one a client; its calls, the test's own.
class load {
public:
  load(std::vector<std::string> urls, std::string channel,
       load_options options = {});
  load(const load&) = delete;
  load& operator=(const load&) = delete;
  ~load();

  /// Ends the publishers; those that send again do so for up to 15 s more.
  void stop_publishers();
  void stop_readers();

  /// Events, until now.
  size_t acknowledged() const;
  /// Requests without a definite answer, until now; a try each.
  size_t unanswered() const;
  /// Requests refused because the disk is full, until now. Where no disk was
  /// filled there must be none.
  size_t full() const;
  /// Answers that should never be: a refusal of a good event, an acceptance of
  /// a bad one, any status but 202, 400, 429, 503 and
  /// 507; the last one's text.
  size_t strange() const;
  std::string strange_answer() const;

  /// Waits until each reader saw all offsets before `end`.
  bool readers_reach(uint64_t end, std::chrono::milliseconds limit) const;

  /// @pre publishers and readers were stopped
  history take();

private:
  class publisher;
  class reader;

  std::atomic<bool> publishers_done_ = false;
  std::atomic<bool> readers_done_ = false;
  std::vector<std::unique_ptr<publisher>> publishers_;
  std::vector<std::unique_ptr<reader>> readers_;
  std::vector<std::thread> publisher_threads_;
  std::vector<std::thread> reader_threads_;
};

} // namespace eventd::tests
