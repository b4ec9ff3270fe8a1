// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/publisher.hpp"

#include <charconv>
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tools/bench/http_wire.hpp"
#include "tools/client/command_line.hpp"

namespace eventd::bench {

namespace {

namespace net = boost::asio;
using steady = std::chrono::steady_clock;

constexpr auto no_throw = net::as_tuple(net::use_awaitable);
constexpr std::chrono::milliseconds pause_after_error{20};
constexpr int retries_max = 200;

/// What all threads of one run share.
struct shared_run {
  explicit shared_run(const publish_plan& x) : plan(x) {}

  const publish_plan& plan;
  steady::time_point start = steady::now();
  steady::time_point measure
    = start + std::chrono::milliseconds{plan.warmup_ms};
  steady::time_point end
    = measure + std::chrono::milliseconds{plan.duration_ms};
  std::atomic<uint64_t> next_number{0};
  std::mutex acked_lock;
  std::unique_ptr<FILE, int (*)(FILE*)> acked{nullptr, std::fclose};

  /// Numbers of the next request's events; none when all were given.
  size_t claim(uint64_t& first) {
    auto n = plan.events_per_request();
    first = next_number.fetch_add(n);
    if (plan.events_max == 0)
      return n;
    return first >= plan.events_max
             ? 0
             : std::min<uint64_t>(n, plan.events_max - first);
  }

  bool over(steady::time_point at) const {
    return tools::interrupted() || (plan.events_max == 0 && at >= end);
  }
};

/// The connections of one thread.
class lane {
public:
  lane(shared_run& run, std::vector<int> connections, const wire_maker& wires)
    : run_(run), maker_(run.plan.maker) {
    for (auto number : connections)
      net::co_spawn(context_, loop(number, wires(context_, maker_)),
                    net::detached);
  }

  void work() { context_.run(); }

  publish_outcome done;

private:
  net::awaitable<void> loop(int number, std::unique_ptr<wire> peer) {
    auto& plan = run_.plan;
    net::steady_timer timer{context_};
    auto n_lanes = static_cast<double>(plan.connections);
    auto period_ns = plan.rate_per_s > 0
                       ? 1e9 * static_cast<double>(plan.events_per_request())
                           / plan.rate_per_s
                       : 0.0;
    for (uint64_t turn = 0;; ++turn) {
      auto due = steady::now();
      if (period_ns > 0) {
        // Connection 3 of 8 sends requests 3, 11, 19… of the whole schedule.
        auto slot = static_cast<double>(turn) * n_lanes + number;
        due
          = run_.start
            + std::chrono::nanoseconds{static_cast<int64_t>(slot * period_ns)};
        if (due > steady::now()) {
          timer.expires_at(due);
          co_await timer.async_wait(no_throw);
        }
      }
      if (run_.over(due))
        break;
      uint64_t first = 0;
      auto count = run_.claim(first);
      if (count == 0)
        break;
      co_await send(*peer, timer, first, count, due);
    }
  }

  net::awaitable<void> send(wire& peer, net::steady_timer& timer,
                            uint64_t first, size_t count,
                            steady::time_point due) {
    event_range events{first, count};
    if (run_.plan.stamp)
      events.sent_ns = due.time_since_epoch().count();
    for (int attempt = 0;; ++attempt) {
      auto begin = steady::now();
      auto why = co_await peer.send(events);
      if (why.empty()) {
        note_success(peer.offset(), first, count, due);
        co_return;
      }
      ++done.figures.errors;
      if (auto now = steady::now(); now >= run_.measure && now < run_.end)
        done.figures.refusals.record((now - begin).count());
      done.last_error = why;
      timer.expires_after(pause_after_error);
      co_await timer.async_wait(no_throw);
      if (!run_.plan.retry || attempt == retries_max || tools::interrupted())
        co_return;
    }
  }

  void note_success(std::string_view offset, uint64_t first, size_t count,
                    steady::time_point due) {
    auto now = steady::now();
    done.acked += count;
    if (run_.acked)
      write_acked(offset, first, count);
    auto counts
      = run_.plan.events_max > 0 || (now >= run_.measure && now < run_.end);
    if (!counts)
      return;
    done.figures.events += count;
    ++done.figures.requests;
    if (due >= run_.measure || run_.plan.events_max > 0)
      done.figures.latency.record((now - due).count());
  }

  void write_acked(std::string_view offset, uint64_t first, size_t count) {
    uint64_t at = 0;
    if (std::from_chars(offset.data(), offset.data() + offset.size(), at).ec
        != std::errc{})
      return;
    std::lock_guard hold{run_.acked_lock};
    for (size_t i = 0; i < count; ++i)
      std::fprintf(run_.acked.get(), "%llu %s\n",
                   static_cast<unsigned long long>(at + i),
                   maker_.id_of(first + i).c_str());
    std::fflush(run_.acked.get());
  }

  shared_run& run_;
  request_maker maker_;
  net::io_context context_{1};
};

/// Samples the server when the warm-up ends and when the time is over.
class sampler {
public:
  sampler(const shared_run& run, const std::function<void(int64_t)>& measuring)
    : thread_([this, &run, measuring](std::stop_token stop) {
        auto begin = run.plan.events_max > 0 ? run.start : run.measure;
        wait_until(begin, stop);
        if (measuring && !stop.stop_requested())
          measuring(begin.time_since_epoch().count());
        if (run.plan.server_pid > 0)
          begin_ = sample_process(run.plan.server_pid);
        if (run.plan.events_max == 0)
          wait_until(run.end, stop);
        if (run.plan.server_pid > 0 && run.plan.events_max == 0)
          end_ = sample_process(run.plan.server_pid);
      }) {}

  void finish(measurement& out, int pid) {
    thread_.request_stop();
    thread_.join();
    out.server_begin = begin_;
    out.server_end = end_ || pid == 0 ? end_ : sample_process(pid);
  }

private:
  static void wait_until(steady::time_point at, const std::stop_token& stop) {
    while (steady::now() < at && !stop.stop_requested()
           && !tools::interrupted())
      std::this_thread::sleep_for(std::min<steady::duration>(
        at - steady::now(), std::chrono::milliseconds{50}));
  }

  std::optional<process_sample> begin_;
  std::optional<process_sample> end_;
  std::jthread thread_; ///< Last: starts when the others are there.
};

publish_outcome total_of(std::vector<std::unique_ptr<lane>>& lanes,
                         const shared_run& run) {
  publish_outcome total;
  for (auto& x : lanes) {
    total.acked += x->done.acked;
    total.figures.events += x->done.figures.events;
    total.figures.requests += x->done.figures.requests;
    total.figures.errors += x->done.figures.errors;
    total.figures.latency.merge(x->done.figures.latency);
    total.figures.refusals.merge(x->done.figures.refusals);
    if (!x->done.last_error.empty())
      total.last_error = x->done.last_error;
  }
  auto now = steady::now();
  auto begin = run.plan.events_max > 0 ? run.start : run.measure;
  auto end = run.plan.events_max > 0 ? now : std::min(now, run.end);
  total.figures.seconds
    = std::chrono::duration<double>(std::max(end, begin) - begin).count();
  total.figures.bytes = total.figures.events * run.plan.maker.event_bytes;
  return total;
}

} // namespace

int64_t steady_ns() {
  return steady::now().time_since_epoch().count();
}

publish_outcome publish(const publish_plan& plan,
                        const std::function<void(int64_t)>& measuring,
                        const wire_maker& wires) {
  shared_run run{plan};
  if (!plan.acked_file.empty()) {
    run.acked.reset(std::fopen(plan.acked_file.c_str(), "a"));
    if (!run.acked) {
      publish_outcome nothing;
      nothing.last_error = plan.acked_file + ": can not be written";
      return nothing;
    }
  }
  std::vector<std::unique_ptr<lane>> lanes;
  auto threads = std::min(plan.threads, plan.connections);
  for (int t = 0; t < threads; ++t) {
    std::vector<int> numbers;
    for (int k = t; k < plan.connections; k += threads)
      numbers.push_back(k);
    lanes.push_back(std::make_unique<lane>(run, numbers, wires));
  }
  sampler samples{run, measuring};
  {
    std::vector<std::jthread> workers;
    for (size_t t = 1; t < lanes.size(); ++t)
      workers.emplace_back([&lanes, t] { lanes[t]->work(); });
    lanes.front()->work();
  }
  auto total = total_of(lanes, run);
  samples.finish(total.figures, plan.server_pid);
  return total;
}

} // namespace eventd::bench
