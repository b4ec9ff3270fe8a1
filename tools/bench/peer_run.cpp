// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/peer_run.hpp"

#include <charconv>
#include <functional>
#include <iostream>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "tools/bench/arrivals.hpp"
#include "tools/bench/plan_flags.hpp"
#include "tools/client/command_line.hpp"

namespace eventd::bench {

namespace {

namespace net = boost::asio;
using tools::exit_code;

/// Called with what came; answers whether to read on.
using taker = std::function<bool(const peer_news&)>;

net::awaitable<result<void>> prepare(peer_link& link) {
  if (auto opened = co_await link.open(); !opened)
    co_return opened;
  co_return co_await link.ask(link.dialect().prepare());
}

net::awaitable<result<void>> follow(peer_link& link, const taker& take) {
  if (auto opened = co_await link.open(); !opened)
    co_return opened;
  if (auto asked = co_await link.write(link.dialect().follow()); !asked)
    co_return asked;
  for (;;) {
    auto news = co_await link.read();
    if (!news)
      co_return news.error();
    if (!take(*news))
      co_return result<void>{};
  }
}

/// Runs a coroutine to its end, or until the context is stopped.
result<void> run(net::io_context& context,
                 net::awaitable<result<void>> coroutine) {
  result<void> out;
  net::co_spawn(context, std::move(coroutine),
                [&out](std::exception_ptr, result<void> x) { out = x; });
  context.run();
  return out;
}

result<void> make_stream(const peer& to) {
  net::io_context context{1};
  peer_link link{context, to};
  return run(context, prepare(link));
}

/// The time that an event carries: ,"benchsent":"123",
int64_t sent_ns_of(std::string_view event) {
  constexpr std::string_view name = R"("benchsent":")";
  auto at = event.find(name);
  int64_t sent = 0;
  if (at != std::string_view::npos)
    std::from_chars(event.data() + at + name.size(),
                    event.data() + event.size(), sent);
  return sent;
}

void describe_peer(const publish_plan& plan, const peer& to, measurement& out) {
  out.parameters.emplace_back("peer", to.name);
  out.parameters.emplace_back("clients", plan.connections);
  out.parameters.emplace_back("pipeline", plan.batch);
  out.parameters.emplace_back("size", plan.maker.event_bytes);
  out.parameters.emplace_back("threads", plan.threads);
  out.parameters.emplace_back("rate", plan.rate_per_s);
}

/// A connection that follows the stream, on a thread of its own.
class follower {
public:
  follower(const peer& to, arrivals& seen)
    : link_(context_, to), thread_([this, &seen] {
        outcome_ = run(context_, follow(link_, [&seen](const peer_news& news) {
                         for (auto event : news.events)
                           seen.note(sent_ns_of(event));
                         return true;
                       }));
      }) {}

  ~follower() { stop(); }

  /// @returns what went wrong before that
  result<void> stop() {
    context_.stop();
    if (thread_.joinable())
      thread_.join();
    return outcome_;
  }

private:
  result<void> outcome_;
  net::io_context context_{1};
  peer_link link_;
  std::thread thread_; ///< Last: it uses the others.
};

} // namespace

exit_code run_peer_publish(const publish_plan& plan, const peer& to) {
  if (auto made = make_stream(to); !made)
    return tools::report(made.error());
  auto outcome = publish(plan, {}, peer_wires(to));
  outcome.figures.name = "publish";
  describe_peer(plan, to, outcome.figures);
  return conclude(outcome);
}

exit_code run_peer_latency(publish_plan plan, const peer& to) {
  if (auto made = make_stream(to); !made)
    return tools::report(made.error());
  plan.stamp = true;
  arrivals seen;
  follower reader{to, seen};
  auto published = publish(
    plan, [&seen](int64_t ns) { seen.measure_from(ns); }, peer_wires(to));
  auto complete = seen.wait_for(published.acked);
  auto server_end
    = plan.server_pid > 0 ? sample_process(plan.server_pid) : std::nullopt;
  auto read = reader.stop();
  measurement figures;
  figures.name = "deliver";
  describe_peer(plan, to, figures);
  seen.fill(figures);
  figures.server_begin = published.figures.server_begin;
  figures.server_end = server_end;
  published.figures.name = "deliver-publish";
  describe_peer(plan, to, published.figures);
  auto code = conclude(published);
  print(figures);
  if (!read)
    return tools::report(read.error());
  if (complete)
    return code;
  std::cerr << "error: " << published.acked - seen.all() << " of "
            << published.acked << " events did not arrive\n";
  return exit_code::partial;
}

exit_code run_peer_replay(uint64_t events, const peer& to, int server_pid) {
  net::io_context context{1};
  peer_link link{context, to};
  measurement out;
  out.name = "replay";
  out.parameters.emplace_back("peer", to.name);
  if (server_pid > 0)
    out.server_begin = sample_process(server_pid);
  auto begin = steady_ns();
  auto done = run(context, follow(link, [&](const peer_news& news) {
                    for (auto event : news.events)
                      out.bytes += event.size();
                    out.events += news.events.size();
                    return out.events < events;
                  }));
  if (!done)
    return tools::report(done.error());
  out.seconds = static_cast<double>(steady_ns() - begin) / 1e9;
  if (server_pid > 0)
    out.server_end = sample_process(server_pid);
  print(out);
  return exit_code::ok;
}

} // namespace eventd::bench
