// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/http_session.hpp"
#include "runtime/gateway/response.hpp"
#include "runtime/gateway/worker.hpp"

/// Health, metrics and version.
namespace eventd::runtime {

namespace {

result<void> readiness(gateway_shared& shared) {
  if (shared.draining)
    return failure{ec::shutting_down, "the node is shutting down"};
  auto ready = shared.wiring.ready ? shared.wiring.ready() : result<void>{};
  if (ready)
    shared.was_ready = true;
  return ready;
}

task<bool> answer_text(http_session& session, std::string_view type,
                       std::string_view body) {
  auto& out = session.begin(200);
  add_header(out, "Content-Type", type);
  add_header(out, "Cache-Control", "no-store");
  co_return co_await session.finish(body);
}

task<bool> answer_health(http_session& session, const result<void>& health) {
  if (!health) {
    // Whatever keeps a node from serving, the one who asks tries again.
    auto why = health.error();
    co_return co_await session.fail(why, 503);
  }
  co_return co_await answer_text(session, "text/plain; charset=utf-8", "ok\n");
}

task<bool> answer_metrics(http_session& session) {
  auto& shared = session.worker().shared();
  auto& asks = session.worker().asks();
  metrics_input input{shared.wiring.version, shared.publishes,
                      *shared.options.stats};
  // A supervisor that does not answer must not hide the other figures.
  auto channels
    = co_await asks.ask(shared.wiring.supervisor, actors::atom::chans_v);
  if (channels)
    input.channels = std::move(*channels);
  auto subscriptions
    = co_await asks.ask(shared.wiring.supervisor, actors::atom::subs_v);
  if (subscriptions)
    input.subscriptions = std::move(*subscriptions);
  input.process = read_process_figures();
  input.connections = shared.connections;
  input.refused_for_all = shared.clients.refused_for_all();
  input.refused_for_address = shared.clients.refused_for_address();
  input.inflight_bytes = shared.bodies.used();
  co_return co_await answer_text(
    session, "text/plain; version=0.0.4; charset=utf-8", render_metrics(input));
}

} // namespace

task<> handle_operations(http_session& session) {
  auto& shared = session.worker().shared();
  // What is awaited takes its argument from a variable: GCC 12 destroys
  // temporaries of a conditional inside an awaited call twice.
  result<void> health;
  switch (session.route().kind) {
  case route_kind::metrics:
    co_await answer_metrics(session);
    co_return;
  case route_kind::version:
    co_await answer_text(session, "application/json",
                         shared.wiring.version_json);
    co_return;
  case route_kind::readyz:
    health = readiness(shared);
    break;
  case route_kind::startupz:
    if (!shared.was_ready)
      health = readiness(shared);
    break;
  default: // healthz, livez: who can answer lives.
    break;
  }
  co_await answer_health(session, health);
}

} // namespace eventd::runtime
