// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <boost/container/deque.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/channel/dedup_window.hpp"
#include "actors/channel/memory_log.hpp"
#include "actors/cluster/shard_map.hpp"
#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/stats.hpp"
#include "storage/log/log_clock.hpp"
#include "storage/log/tail_cache.hpp"
#include "storage/rocks/disk_reserve.hpp"

namespace eventd::actors {

struct channel_wiring {
  shard_actor shard; ///< Of the channel.
  reader_actor reader;
  supervisor_actor supervisor; ///< Gets status reports; may be empty in tests.
  std::shared_ptr<storage::tail_cache> tail;
  std::shared_ptr<node_stats> stats;
  std::function<int64_t()> wall_ms;
  std::shared_ptr<storage::disk_reserve> reserve; ///< Null: never low.
  std::shared_ptr<const shard_map> map;           ///< Null: alone.
};

/// Gives offsets, finds duplicates, joins requests into entries; serves reads
/// from the tail or sends them to a READER; trims by retention. Not a byte of
/// an event is durable here: that is the SHARD's work.
class channel_state {
public:
  static constexpr const char* name = "eventd.channel";
  using pointer = channel_self_actor::stateful_pointer<channel_state>;

  channel_state() = default;

  void init(pointer self, channel_info info, channel_settings settings,
            channel_wiring wiring);

  caf::result<append_result> append(event_batch batch);
  caf::result<std::vector<append_result>> append(joined_append what);
  caf::result<read_result> read(const read_request& x);
  caf::result<log_offset> locate(log_time when);
  caf::result<log_offset> await(const await_request& x);
  caf::result<channel_status> status();
  void configure(const channel_settings& settings);
  /// What goes by time: waits that are over, retention, reports.
  void tick();

private:
  /// Takes no memory until it is used, nor when it is empty at a tick, as most
  /// are; std::deque takes 0.6 KB.
  template <class T>
  using queue = boost::container::deque<T>;

  template <class T, class F>
  static void remove_where(queue<T>& xs, F which) {
    xs.erase(std::remove_if(xs.begin(), xs.end(), which), xs.end());
  }

  /// A request, or some that came together, on the way to their entry.
  struct request {
    std::string own_records;     ///< Where some of its events were duplicates.
    event_batch batch;           ///< Where none was.
    std::vector<uint32_t> sizes; ///< Of those that came together.
    std::vector<append_result> parts; ///< Their answers; one if it came alone.
    uint32_t stored = 0;              ///< Events of all parts.
    uint32_t duplicates = 0;
    log_offset first;      ///< Of the first new event.
    log_offset durable_at; ///< Answered when the end is here or beyond.
    std::variant<caf::typed_response_promise<append_result>,
                 caf::typed_response_promise<std::vector<append_result>>>
      promise;

    std::string_view records() const {
      return own_records.empty() ? batch.records() : own_records;
    }
    size_t count() const { return std::max<size_t>(1, sizes.size()); }
    void answer();
    void refuse(const caf::error& why);
  };
  struct waiter {
    log_offset seen;
    int64_t deadline_ms;
    caf::typed_response_promise<log_offset> promise;
  };
  struct early {
    std::function<void()> answer;
    std::function<void(const caf::error&)> refuse;
  };

  // -- coming to be ready
  void find_place();
  void begin_at(const channel_place& place);
  void refill_window(log_offset from);
  void find_window();
  void fill_window(const std::vector<event_batch>& batches);
  void become_ready();
  /// Answers now, or once the channel knows where it stands.
  template <class T, class F>
  caf::result<T> when_begun(F answer);
  // -- appending
  result<void> admit(const request& x);
  template <class Answer>
  caf::result<Answer> accept(request x);
  void take(request x);
  append_result place_part(request& x, size_t begin, size_t end, log_time now);
  bool place_events(request& x);
  bool may_propose() const;
  void pump();
  std::string make_entry(uint32_t& count, size_t& n_requests);
  void committed(log_offset end);
  void answer_durable();
  void refused(log_offset first, const caf::error& unsure);
  caf::error unless_repeatable(const caf::error& why) const;
  void fail_all(const caf::error& why);
  void end(const caf::error& why);
  void append_in_memory(request x);
  void trim_memory();
  // -- reading
  bool is_of_this_term() const;
  bool surely_leads() const;
  template <class T, class F>
  void when_sure(caf::typed_response_promise<T> promise, F answer);
  void answer_read(const read_request& x,
                   caf::typed_response_promise<read_result> promise);
  void read_disk(const read_request& what,
                 caf::typed_response_promise<read_result> promise);
  void answer_locate(log_time when,
                     caf::typed_response_promise<log_offset> promise);
  std::optional<log_time> time_in_tail(log_offset at) const;
  void answer_await(const await_request& x,
                    caf::typed_response_promise<log_offset> promise);
  // -- the rest
  void free_idle_memory();
  void tick_in(int64_t wait_ms);
  void do_chores(int64_t now_ms);
  int64_t next_tick_ms(int64_t now_ms) const;
  void wake_waiters();
  void check_retention();
  void trim(const trim_plan& plan);
  channel_status standing() const;
  void report(bool at_once);
  log_time log_now() const;
  int64_t steady_ms() const;
  log_time wall_now();

  pointer self_ = nullptr;
  channel_info info_;
  channel_settings settings_;
  channel_wiring wiring_;
  raft_term term_;     ///< Of the leader whose word `end_` is.
  bool begun_ = false; ///< `start_` and `end_` are known.
  bool ready_ = false; ///< Offsets can be given.
  storage::log_clock clock_;
  log_offset start_;
  log_offset end_;  ///< Committed.
  log_offset next_; ///< Given out.
  uint64_t bytes_below_ = 0;
  uint64_t bytes_end_ = 0;
  log_time stored_at_; ///< Newest wall time given out.
  dedup_window window_;
  queue<request> parked_;     ///< Came before the channel was ready.
  queue<request> queue_;      ///< Have offsets, not proposed.
  queue<request> in_flight_;  ///< Proposed; by offset.
  queue<request> copies_;     ///< Nothing new: wait for their originals.
  size_t queue_bytes_ = 0;    ///< Of `queue_` and `parked_`.
  size_t queue_requests_ = 0; ///< Of `queue_`.
  size_t copy_requests_ = 0;  ///< Of `copies_`.
  size_t parked_requests_ = 0;
  size_t entries_in_flight_ = 0;
  size_t last_entry_requests_ = 0;
  std::vector<early> early_; ///< Asked before `begun_`.
  queue<waiter> waiters_;
  size_t unsure_reads_ = 0; ///< Wait until it is sure that this node leads.
  std::optional<memory_log> memory_;
  int64_t retention_due_ms_ = 0;
  int64_t chores_due_ms_ = 0;
  /// When ticks come that are on their way: the next one last, each of the
  /// others later than the one behind it.
  std::vector<int64_t> ticks_;
  bool trimming_ = false;
  uint64_t published_ = 0;
  uint64_t duplicates_ = 0;
  std::optional<uint64_t> corrupt_offset_;
  bool reported_ = false; ///< Nothing changed since the last report.
};

/// Never blocks. When it dies the SUPERVISOR starts it again.
channel_self_actor::behavior_type channel(channel_state::pointer self,
                                          channel_info info,
                                          channel_settings settings,
                                          channel_wiring wiring);

} // namespace eventd::actors
