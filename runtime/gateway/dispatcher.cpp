// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/dispatcher.hpp"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "runtime/gateway/outgoing.hpp"
#include "runtime/gateway/router.hpp"
#include "runtime/gateway/url.hpp"

namespace eventd::runtime {

dispatcher::dispatcher(net::io_context& context, gateway_shared& shared,
                       bridge& asks, route_table& routes)
  : context_(context), shared_(shared), asks_(asks), routes_(routes),
    client_(context) {
}

void dispatcher::deliver(actors::delivery_request request,
                         delivery_promise promise) {
  if (shared_.draining)
    return promise.answer(
      failure{ec::shutting_down, "the node is shutting down"});
  if (running_ >= limits::deliveries_max)
    return promise.answer(
      failure{ec::overloaded, "too many deliveries on the wire"});
  if (request.event.size() != 1)
    return promise.answer(
      failure{ec::internal, "a delivery holds exactly one event"});
  ++running_;
  ++shared_.deliveries;
  net::co_spawn(context_, run(std::move(request), std::move(promise)),
                [this](std::exception_ptr) {
                  --running_;
                  --shared_.deliveries;
                  shared_.one_ended();
                });
}

task<> dispatcher::run(actors::delivery_request request,
                       delivery_promise promise) {
  auto& stats = *shared_.options.stats;
  auto begin_us = shared_.options.mono_us();
  auto outcome = co_await attempt(request);
  if (!outcome) {
    promise.answer(std::move(outcome));
    co_return;
  }
  auto took_us = shared_.options.mono_us() - begin_us;
  stats.delivery_duration.record(
    static_cast<uint64_t>(std::max<int64_t>(took_us, 0)));
  stats.deliveries.fetch_add(1, std::memory_order_relaxed);
  if (outcome->status / 100 != 2)
    stats.deliveries_failed.fetch_add(1, std::memory_order_relaxed);
  promise.answer(std::move(outcome));
}

task<result<actors::delivery_outcome>>
dispatcher::attempt(const actors::delivery_request& request) {
  auto url = parse_http_url(request.target);
  if (!url)
    co_return outcome_of(url.error());
  if (url->target == "/")
    if (auto channel = channel_of_host(url->host))
      co_return co_await append(request, *channel);
  auto text = build_delivery(request, *url);
  auto timeout_ms = std::max<int64_t>(request.timeout_ms, 1);
  auto answer = co_await client_.exchange(*url, text, timeout_ms);
  if (answer)
    co_return outcome_of(**answer, shared_.options.wall_ms());
  // Cut by ourselves: the event is delivered by the next start, and this
  // attempt must not count against its subscriber.
  if (shared_.stopping)
    co_return failure{ec::shutting_down, "the node is shutting down"};
  co_return outcome_of(answer.error());
}

task<result<actors::delivery_outcome>>
dispatcher::append(const actors::delivery_request& request,
                   const std::string& channel) {
  if (!shared_.serving)
    co_return failure{ec::overloaded, "the node does not know its channels yet"};
  auto found = co_await routes_.find(asks_, channel);
  if (!found) {
    if (found.error() == ec::shutting_down)
      co_return found.error();
    co_return outcome_of(result<actors::append_result>{found.error()});
  }
  auto stored = co_await asks_.ask(found->channel, actors::atom::append_v,
                                   event_to_store(request));
  if (!stored && stored.error() == ec::shutting_down)
    co_return stored.error();
  co_return outcome_of(stored);
}

} // namespace eventd::runtime
