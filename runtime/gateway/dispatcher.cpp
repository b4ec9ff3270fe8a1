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

/// Events of all attempts on the wire in one node; each is held about twice,
/// as a record and as a request. Past it: `ec::overloaded`.
constexpr size_t delivery_bytes_max = size_t{64} << 20;

/// Parsed URLs that are kept. Past it: all are forgotten.
constexpr size_t urls_max = 1'024;

bool is_root(std::string_view target) {
  return target.substr(0, target.find('?')) == "/";
}

} // namespace

dispatcher::dispatcher(net::io_context& context, gateway_shared& shared,
                       bridge& asks, route_table& routes)
  : context_(context), shared_(shared), asks_(asks), routes_(routes),
    client_(context, shared.options.bounds.idle_connections_max) {}

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
  auto bytes = request.event[0].record().size();
  if (shared_.delivery_bytes.fetch_add(bytes) + bytes > delivery_bytes_max) {
    shared_.delivery_bytes -= bytes;
    return promise.answer(
      failure{ec::overloaded, "too many bytes of deliveries on the wire"});
  }
  ++running_;
  ++shared_.deliveries;
  net::co_spawn(context_, run(std::move(request), std::move(promise)),
                [this, bytes](std::exception_ptr thrown) {
                  // Its promise was answered when it was destroyed.
                  if (thrown)
                    end(bytes);
                });
}

task<> dispatcher::run(actors::delivery_request request,
                       delivery_promise promise) {
  auto outcome = co_await attempt(request);
  if (ended_.empty())
    net::post(context_, [this] { answer_all(); });
  ended_.push_back(
    {std::move(promise), std::move(outcome), request.event[0].record().size()});
}

/// What one turn of the I/O thread brings: a subscription that gets all of it
/// at once is woken once. It counts the attempts.
void dispatcher::answer_all() {
  for (auto& x : std::exchange(ended_, {})) {
    x.promise.answer(std::move(x.outcome));
    end(x.bytes);
  }
}

void dispatcher::end(size_t bytes) {
  shared_.delivery_bytes -= bytes;
  --running_;
  --shared_.deliveries;
  shared_.one_ended();
}

/// A few URLs are used over and over.
result<std::shared_ptr<const http_url>>
dispatcher::url_of(const std::string& target) {
  if (auto found = urls_.find(target); found != urls_.end())
    return found->second;
  auto url = parse_http_url(target);
  if (!url)
    return url.error();
  if (urls_.size() >= urls_max)
    urls_.clear();
  return urls_[target] = std::make_shared<const http_url>(std::move(*url));
}

task<result<actors::delivery_outcome>>
dispatcher::attempt(const actors::delivery_request& request) {
  auto url = url_of(request.target);
  if (!url)
    co_return outcome_of(url.error());
  if (auto channel = channel_of_host((*url)->host)) {
    if (is_root((*url)->target))
      co_return co_await append(request, *channel);
    // The name stands for a channel here: no other server is behind it.
    co_return outcome_of(result<actors::append_result>{
      failure{ec::not_found,
              "a channel takes events at / only, not at " + (*url)->target}});
  }
  auto text = build_delivery(request, **url);
  auto timeout_ms = std::max<int64_t>(request.timeout_ms, 1);
  auto answer = co_await client_.exchange(**url, text, timeout_ms);
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
