// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/delivery_run.hpp"

#include <atomic>
#include <charconv>
#include <iostream>
#include <thread>

#include "tools/bench/bench_resources.hpp"
#include "tools/bench/http_server.hpp"
#include "tools/bench/plan_flags.hpp"
#include "tools/client/command_line.hpp"

namespace eventd::bench {

namespace {

using tools::exit_code;

constexpr int64_t silence_ns_max = 30'000'000'000;

/// Counts what arrives. The sink has one thread; others only read the atomics.
class arrivals {
public:
  server_reply note(const server_request& request) {
    auto now = steady_ns();
    auto stamp = request["ce-benchsent"];
    int64_t sent = 0;
    std::from_chars(stamp.data(), stamp.data() + stamp.size(), sent);
    auto from = measured_from.load(std::memory_order_relaxed);
    if (from > 0 && sent >= from)
      latency.record(now - sent);
    if (from > 0 && now >= from)
      measured.fetch_add(1, std::memory_order_relaxed);
    all.fetch_add(1, std::memory_order_relaxed);
    last_ns.store(now, std::memory_order_relaxed);
    return {};
  }

  std::atomic<int64_t> measured_from{0}; ///< Steady clock, ns; 0: warm-up.
  std::atomic<uint64_t> all{0};
  std::atomic<uint64_t> measured{0};
  std::atomic<int64_t> last_ns{0};
  latency_histogram latency; ///< Read it when the sink has stopped.
};

/// Waits until `wanted` have arrived, or nothing does any more.
void wait_for_all(const arrivals& seen, uint64_t wanted) {
  auto begin = steady_ns();
  while (seen.all < wanted && !tools::interrupted()) {
    auto last = std::max(seen.last_ns.load(), begin);
    if (steady_ns() - last > silence_ns_max)
      return;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

measurement delivery_figures(const arrivals& seen, const publish_plan& plan,
                             int subscribers) {
  measurement out;
  out.name = "deliver";
  describe(plan, out);
  out.parameters.emplace_back("subscribers", subscribers);
  out.events = seen.measured;
  out.latency = seen.latency;
  auto from = seen.measured_from.load();
  auto end = seen.last_ns.load();
  if (from > 0 && end > from)
    out.seconds = static_cast<double>(end - from) / 1e9;
  return out;
}

} // namespace

exit_code run_delivery(publish_plan plan, const tools::channel_name& channel,
                       const delivery_options& how) {
  plan.stamp = true;
  arrivals seen;
  auto sink = http_server::listen(
    how.listen, [&seen](const server_request& x) { return seen.note(x); });
  if (!sink)
    return tools::report(sink.error());
  std::jthread serving{[&sink] { (*sink)->run(1, false); }};
  auto stop = [&] {
    (*sink)->stop();
    serving.join();
  };
  bench_resources made{
    plan.maker.server,
    channel,
    {how.subscribers, how.ordering, how.max_in_flight, (*sink)->address()}};
  if (auto ready = made.create(); !ready) {
    made.remove();
    stop();
    return tools::report(ready.error());
  }
  auto published
    = publish(plan, [&seen](int64_t ns) { seen.measured_from = ns; });
  auto wanted = published.acked * static_cast<uint64_t>(how.subscribers);
  wait_for_all(seen, wanted);
  auto server_end
    = plan.server_pid > 0 ? sample_process(plan.server_pid) : std::nullopt;
  stop();
  if (!how.keep)
    made.remove();
  auto figures = delivery_figures(seen, plan, how.subscribers);
  figures.server_begin = published.figures.server_begin;
  figures.server_end = server_end;
  published.figures.name = "deliver-publish";
  describe(plan, published.figures);
  auto code = conclude(published);
  print(figures);
  if (seen.all >= wanted)
    return code;
  std::cerr << "error: " << wanted - seen.all << " of " << wanted
            << " deliveries did not arrive\n";
  return exit_code::partial;
}

} // namespace eventd::bench
