// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/delivery_run.hpp"

#include <atomic>
#include <charconv>
#include <iostream>
#include <limits>
#include <thread>

#include "tools/bench/arrivals.hpp"
#include "tools/bench/bench_resources.hpp"
#include "tools/bench/http_server.hpp"
#include "tools/bench/plan_flags.hpp"
#include "tools/client/command_line.hpp"

namespace eventd::bench {

namespace {

using tools::exit_code;

/// Number of the Subscription that a request is for: its path.
int number_of(const server_request& request) {
  std::string_view path = request.target();
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  auto number = std::numeric_limits<int>::max();
  std::from_chars(path.data(), path.data() + path.size(), number);
  return number;
}

int64_t sent_ns_of(const server_request& request) {
  auto stamp = request["ce-benchsent"];
  int64_t sent = 0;
  std::from_chars(stamp.data(), stamp.data() + stamp.size(), sent);
  return sent;
}

/// Where deliveries arrive: those of the first few subscribers are answered
/// late, and not counted with the others.
class delivery_sink {
public:
  explicit delivery_sink(const delivery_options& how) : how_(how) {}

  server_reply take(const server_request& request) {
    if (how_.slow_subscribers > 0
        && number_of(request) < how_.slow_subscribers) {
      slow_.fetch_add(1, std::memory_order_relaxed);
      return {202, how_.slow_ms};
    }
    seen.note(sent_ns_of(request));
    return {};
  }

  measurement figures(const publish_plan& plan) const {
    measurement out;
    out.name = "deliver";
    describe(plan, out);
    out.parameters.emplace_back("subscribers", how_.subscribers);
    if (how_.slow_subscribers > 0) {
      out.parameters.emplace_back("slow_subscribers", how_.slow_subscribers);
      out.parameters.emplace_back("slow_ms", how_.slow_ms);
      out.parameters.emplace_back("slow_events", slow_.load());
    }
    seen.fill(out);
    return out;
  }

  arrivals seen;

private:
  const delivery_options& how_;
  std::atomic<uint64_t> slow_{0};
};

} // namespace

exit_code run_delivery(publish_plan plan, const tools::channel_name& channel,
                       const delivery_options& how) {
  plan.stamp = true;
  delivery_sink deliveries{how};
  auto sink
    = http_server::listen(how.listen, [&deliveries](const server_request& x) {
        return deliveries.take(x);
      });
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
  auto& seen = deliveries.seen;
  auto published
    = publish(plan, [&seen](int64_t ns) { seen.measure_from(ns); });
  auto wanted = published.acked
                * static_cast<uint64_t>(how.subscribers - how.slow_subscribers);
  auto complete = seen.wait_for(wanted);
  auto server_end
    = plan.server_pid > 0 ? sample_process(plan.server_pid) : std::nullopt;
  stop();
  if (!how.keep)
    made.remove();
  auto figures = deliveries.figures(plan);
  figures.server_begin = published.figures.server_begin;
  figures.server_end = server_end;
  published.figures.name = "deliver-publish";
  describe(plan, published.figures);
  auto code = conclude(published);
  print(figures);
  if (complete)
    return code;
  std::cerr << "error: " << wanted - seen.all() << " of " << wanted
            << " deliveries did not arrive\n";
  return exit_code::partial;
}

} // namespace eventd::bench
