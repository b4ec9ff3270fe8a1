// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/append_joiner.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "runtime/gateway/bridge.hpp"
#include "runtime/gateway/owner.hpp"
#include "runtime/gateway/routes.hpp"
#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"

namespace eventd::runtime {

task<result<actors::append_result>> append_joiner::append(
  std::string_view key, std::span<const cloudevents::field> fields,
  std::string_view body, const cloudevents::parse_limits& limits) {
  if (body.size() > limits::joined_body_bytes_max) {
    auto events = cloudevents::parse_request(fields, body, limits);
    if (!events)
      co_return events.error();
    if (events->empty())
      co_return actors::append_result{};
    co_return co_await append_alone(key, std::move(*events));
  }
  auto& mine = group_of(key);
  auto count = cloudevents::append_request(*mine.records, fields, body, limits);
  if (!count)
    co_return count.error();
  if (*count == 0)
    co_return actors::append_result{};
  mine.sizes.push_back(*count);
  mine.events += *count;
  co_return co_await net::async_initiate<decltype(use_task),
                                         void(result<actors::append_result>)>(
    [&mine](auto handler) { mine.waiters.push_back(std::move(handler)); },
    use_task);
}

task<result<actors::append_result>>
append_joiner::append_alone(std::string_view key, event_batch events) {
  std::string name{key};
  co_return co_await ask_channel<actors::append_result>(
    routes_, asks_, name, actors::atom::append_v, std::move(events));
}

append_joiner::group& append_joiner::group_of(std::string_view key) {
  if (groups_.empty())
    net::post(context_, [this] { send_all(); });
  auto found = std::find_if(groups_.begin(), groups_.end(),
                            [key](const group& x) { return x.key == key; });
  if (found == groups_.end()) {
    groups_.emplace_back().key = key;
    return groups_.back();
  }
  if (found->sizes.size() >= limits::joined_requests_max
      || found->records->size() >= limits::joined_bytes_max) {
    // Not here: what it resumes might ask for a group, too.
    net::post(context_, [this, full = std::exchange(*found, {})]() mutable {
      send(std::move(full));
    });
    found->key = key;
  }
  return *found;
}

void append_joiner::send_all() {
  for (auto& x : std::exchange(groups_, {}))
    if (!x.sizes.empty())
      send(std::move(x));
}

void append_joiner::send(group x) {
  net::co_spawn(context_, deliver(std::move(x)), net::detached);
}

task<> append_joiner::deliver(group x) {
  auto events = event_batch::reopen(std::move(x.records), 0, x.events);
  EVENTD_ASSERT(events.has_value());
  actors::joined_append what{std::move(*events), std::move(x.sizes)};
  auto answer = co_await ask_channel<std::vector<actors::append_result>>(
    routes_, asks_, x.key, actors::atom::append_v, std::move(what));
  for (size_t i = 0; i < x.waiters.size(); ++i) {
    if (!answer)
      std::move(x.waiters[i])(answer.error());
    else if (i < answer->size())
      std::move(x.waiters[i])((*answer)[i]);
    else
      std::move(x.waiters[i])(
        failure{ec::internal, "a channel left a request without an answer"});
  }
}

} // namespace eventd::runtime
