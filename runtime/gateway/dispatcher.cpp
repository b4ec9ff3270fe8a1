// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/dispatcher.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "runtime/gateway/outgoing.hpp"
#include "runtime/gateway/owner.hpp"
#include "runtime/gateway/router.hpp"
#include "runtime/gateway/url.hpp"

namespace eventd::runtime {

namespace {

/// Targets that are known. Past it: those without an attempt are forgotten.
constexpr size_t targets_max = 1'024;

bool is_root(std::string_view target) {
  return target.substr(0, target.find('?')) == "/";
}

} // namespace

dispatcher::dispatcher(net::io_context& context, gateway_shared& shared,
                       bridge& asks, route_table& routes)
  : context_(context), shared_(shared), asks_(asks), routes_(routes),
    client_(context, shared.answers,
            shared.options.bounds.idle_connections_max) {}

void dispatcher::deliver(actors::delivery_request request,
                         delivery_promise promise) {
  if (shared_.draining)
    return promise.answer(
      failure{ec::shutting_down, "the node is shutting down"});
  if (running_ >= shared_.options.bounds.deliveries_max)
    return promise.answer(
      failure{ec::overloaded, "too many deliveries on the wire"});
  if (request.event.size() != 1)
    return promise.answer(
      failure{ec::internal, "a delivery holds exactly one event"});
  auto to = target_of(request.target);
  if (!to)
    return promise.answer(outcome_of(to.error()));
  share took{*to, request.event[0].record().size()};
  auto& of_target = took.to->bytes;
  if (of_target > 0 && of_target + took.bytes > limits::target_bytes_max)
    return promise.answer(failure{
      ec::overloaded, "too many bytes of deliveries to it on the wire"});
  if (!shared_.delivered.take(took.bytes))
    return promise.answer(
      failure{ec::overloaded, "too many bytes of deliveries on the wire"});
  of_target += took.bytes;
  ++running_;
  ++shared_.deliveries;
  net::co_spawn(context_, run(std::move(request), std::move(promise), took),
                [this, took](std::exception_ptr thrown) {
                  // Its promise was answered when it was destroyed.
                  if (thrown)
                    end(took);
                });
}

task<> dispatcher::run(actors::delivery_request request,
                       delivery_promise promise, share took) {
  auto outcome = co_await attempt(request, took.to->url);
  if (ended_.empty())
    net::post(context_, [this] { answer_all(); });
  ended_.push_back({std::move(promise), std::move(outcome), std::move(took)});
}

/// What one turn of the I/O thread brings: a subscription that gets all of it
/// at once is woken once. It counts the attempts.
void dispatcher::answer_all() {
  for (auto& x : std::exchange(ended_, {})) {
    x.promise.answer(std::move(x.outcome));
    end(x.took);
  }
}

void dispatcher::end(const share& took) {
  took.to->bytes -= took.bytes;
  shared_.delivered.give_back(took.bytes);
  --running_;
  --shared_.deliveries;
  shared_.one_ended();
}

/// A few URLs are used over and over.
result<std::shared_ptr<dispatcher::target>>
dispatcher::target_of(const std::string& text) {
  if (auto found = targets_.find(text); found != targets_.end())
    return found->second;
  auto url = parse_http_url(text);
  if (!url)
    return url.error();
  if (targets_.size() >= targets_max)
    std::erase_if(targets_, [](const auto& x) { return x.second->bytes == 0; });
  auto made = std::make_shared<target>(target{std::move(*url), 0});
  // With so many that all are busy, what follows shares no bound with this.
  if (targets_.size() < targets_max)
    targets_.emplace(text, made);
  return made;
}

task<result<actors::delivery_outcome>>
dispatcher::attempt(const actors::delivery_request& request,
                    const http_url& url) {
  if (auto channel = channel_of_host(url.host)) {
    if (is_root(url.target))
      co_return co_await append(request, *channel);
    // The name stands for a channel here: no other server is behind it.
    co_return outcome_of(result<actors::append_result>{
      failure{ec::not_found,
              "a channel takes events at / only, not at " + url.target}});
  }
  auto text = build_delivery(request, url);
  auto timeout_ms = std::max<int64_t>(request.timeout_ms, 1);
  auto answer = co_await client_.exchange(url, text, timeout_ms);
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
    co_return failure{ec::overloaded,
                      "the node does not know its channels yet"};
  auto event = event_to_store(request);
  if (!event)
    co_return outcome_of(result<actors::append_result>{event.error()});
  auto stored = co_await ask_channel<actors::append_result>(
    routes_, asks_, channel, actors::atom::append_v, std::move(*event));
  if (!stored && stored.error() == ec::shutting_down)
    co_return stored.error();
  co_return outcome_of(stored);
}

} // namespace eventd::runtime
