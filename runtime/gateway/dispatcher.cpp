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

/// Targets that are known. Past it: only those with an attempt on the wire.
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
  if (auto ok = admit(took); !ok)
    return promise.answer(ok.error());
  ++running_;
  ++shared_.deliveries;
  net::co_spawn(context_, run(std::move(request), std::move(promise), took),
                [this, took](std::exception_ptr thrown) {
                  // Its promise was answered when it was destroyed.
                  if (thrown)
                    end(took);
                });
}

/// Takes its share of the bounds. A target that has nothing on the wire gets
/// what the others, which are slow, may not have.
result<void> dispatcher::admit(const share& x) {
  auto busy = x.to->attempts > 0;
  if (busy
      && (x.to->bytes + x.bytes > limits::target_bytes_max
          || x.to->attempts >= target_attempts_max()))
    return failure{ec::overloaded, "too many deliveries to it on the wire"};
  auto upto = limits::delivery_bytes_max;
  if (!shared_.delivered.take(x.bytes, busy ? upto / 4 * 3 : upto))
    return failure{ec::overloaded, "too many bytes of deliveries on the wire"};
  x.to->bytes += x.bytes;
  ++x.to->attempts;
  return {};
}

/// Where few files may be open one target does not take all attempts.
size_t dispatcher::target_attempts_max() const {
  return std::max<size_t>(shared_.options.bounds.deliveries_max / 2, 1);
}

task<> dispatcher::run(actors::delivery_request request,
                       delivery_promise promise, share took) {
  auto outcome = co_await attempt(request, *took.to);
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
  auto& to = *took.to;
  to.bytes -= took.bytes;
  if (--to.attempts == 0 && targets_.size() > targets_max)
    targets_.erase(to.text);
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
    std::erase_if(targets_,
                  [](const auto& x) { return x.second->attempts == 0; });
  return targets_[text] = std::make_shared<target>(text, std::move(*url));
}

task<result<actors::delivery_outcome>>
dispatcher::attempt(const actors::delivery_request& request, target& to) {
  const auto& url = to.url;
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
  auto answer = co_await client_.exchange(url, text, timeout_ms, to.answers);
  if (answer)
    co_return outcome_of(**answer, shared_.options.wall_ms());
  // Cut by ourselves: the event is delivered by the next start, and this
  // attempt must not count against its subscriber.
  if (shared_.stopping)
    co_return failure{ec::shutting_down, "the node is shutting down"};
  // Others may be to blame: it is made again, and not counted either.
  if (answer.error() == ec::overloaded)
    co_return answer.error();
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
