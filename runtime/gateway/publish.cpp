// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "runtime/gateway/http_session.hpp"
#include "runtime/gateway/owner.hpp"
#include "runtime/gateway/response.hpp"
#include "runtime/gateway/worker.hpp"

/// POST and OPTIONS on a channel: the hot path of a single event is one look
/// into the route table, one parse, one question, one write.
namespace eventd::runtime {

namespace {

task<bool> answer_stored(http_session& session,
                         const actors::append_result& stored) {
  auto& out = session.begin(202);
  if (stored.stored + stored.duplicates > 0)
    add_header(out, "Eventd-Offset", stored.first.value);
  add_header(out, "Eventd-Count", uint64_t{stored.stored});
  if (stored.duplicates > 0)
    add_header(out, "Eventd-Duplicates", uint64_t{stored.duplicates});
  co_return co_await session.finish({});
}

task<bool> publish(http_session& session) {
  auto& worker = session.worker();
  const auto& bounds = worker.shared().options.bounds;
  auto body = co_await session.read_body(bounds.body_bytes_max);
  if (!body) {
    // The node's own bound, met before the body was read, is not the
    // channel's: 503 and not 429.
    auto status = body.error() == ec::overloaded ? 503U : 0U;
    co_return co_await session.fail(body.error(), status);
  }
  auto stored = co_await worker.appends().append(
    session.route().key(), session.fields(), *body,
    {bounds.batch_events_max, bounds.json_depth_max});
  if (!stored)
    co_return co_await session.fail(stored.error());
  co_return co_await answer_stored(session, *stored);
}

} // namespace

task<> handle_publish(http_session& session) {
  auto& worker = session.worker();
  auto& shared = worker.shared();
  auto begin_us = shared.options.mono_us();
  channel_route route;
  if (const auto* known = worker.routes().known(session.route().key())) {
    route = *known;
  } else {
    std::string key{session.route().key()};
    auto found = co_await find_owner<channel_route>(
      [&] { return worker.routes().find(worker.asks(), key); });
    if (!found) {
      auto why = found.error();
      co_await session.fail(why);
      co_return;
    }
    route = *found;
  }
  co_await publish(session);
  route.counts->count(session.status());
  auto took_us = shared.options.mono_us() - begin_us;
  shared.publishes.duration.record(
    static_cast<uint64_t>(std::max<int64_t>(took_us, 0)));
}

task<> handle_handshake(http_session& session) {
  auto& worker = session.worker();
  std::string key{session.route().key()};
  auto found = co_await find_owner<channel_route>(
    [&] { return worker.routes().find(worker.asks(), key); });
  if (!found) {
    auto why = found.error();
    co_await session.fail(why);
    co_return;
  }
  auto& out = session.begin(200);
  add_header(out, "Allow", "POST, OPTIONS");
  // CloudEvents HTTP webhook 4.2: granting means naming the origin.
  if (auto origin = session.header("webhook-request-origin"); !origin.empty()) {
    add_header(out, "WebHook-Allowed-Origin", origin);
    add_header(out, "WebHook-Allowed-Rate", "*");
  }
  co_await session.finish({});
}

} // namespace eventd::runtime
