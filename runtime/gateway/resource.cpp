// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <utility>

#include <spdlog/spdlog.h>

#include "runtime/gateway/api/api.hpp"
#include "runtime/gateway/http_session.hpp"
#include "runtime/gateway/owner.hpp"
#include "runtime/gateway/positions.hpp"
#include "runtime/gateway/response.hpp"
#include "runtime/gateway/worker.hpp"

/// The resource API and the verbs of subscriptions.
namespace eventd::runtime {

namespace {

task<bool> answer_json(http_session& session, unsigned status,
                       std::string_view body) {
  add_header(session.begin(status), "Content-Type", "application/json");
  co_return co_await session.finish(body);
}

/// Who changed what is the first question after a surprise.
void note_change(const actors::resource_request& request, bool created) {
  using actors::resource_verb;
  if (request.verb == resource_verb::get || request.verb == resource_verb::list
      || request.dry_run)
    return;
  const auto* what = request.verb == resource_verb::remove ? "deleted"
                     : created                             ? "created"
                                                           : "applied";
  spdlog::info("{} {}/{} {}", request.plural, request.namespace_name,
               request.name, what);
}

template <class... Ts>
task<result<actors::resource_response>> ask_resources(io_worker& worker,
                                                      Ts... xs) {
  co_return co_await worker.asks().ask(worker.shared().wiring.resources, xs...);
}

/// Asks RESOURCES to set or take away the annotation `paused`.
task<bool> set_paused(http_session& session, std::string_view space,
                      std::string_view name, bool paused) {
  auto& worker = session.worker();
  std::string owned_space{space};
  std::string owned_name{name};
  auto changed = co_await find_owner<actors::resource_response>([&] {
    return ask_resources(worker, actors::atom::pause_v, owned_space, owned_name,
                         paused);
  });
  if (!changed)
    co_return co_await session.fail(changed.error());
  co_return co_await answer_json(session, 200, changed->body);
}

task<result<log_offset>> seek(http_session& session, position to) {
  auto& worker = session.worker();
  auto& asks = worker.asks();
  std::string key{session.route().key()};
  auto subscription = co_await asks.ask(worker.shared().wiring.catalog,
                                        actors::atom::lookup_v, key);
  if (!subscription)
    co_return subscription.error();
  auto status = co_await asks.ask(*subscription, actors::atom::status_v);
  if (!status)
    co_return status.error();
  auto channel = status->namespace_name + '/' + status->channel;
  auto log = co_await ask_channel<actors::channel_status>(
    worker.routes(), asks, channel, actors::atom::status_v);
  if (!log)
    co_return log.error();
  auto offset = co_await find_offset(worker.routes(), asks, channel, *log, to);
  if (!offset)
    co_return offset.error();
  co_return co_await asks.ask(*subscription, actors::atom::seek_v, *offset);
}

} // namespace

task<> handle_resource(http_session& session) {
  auto& worker = session.worker();
  auto body = co_await session.read_body(std::min(
    limits::manifest_bytes_max, worker.shared().options.bounds.body_bytes_max));
  if (!body) {
    auto status = body.error() == ec::overloaded ? 503U : 0U;
    co_await session.fail(body.error(), status);
    co_return;
  }
  auto request = to_resource_request(session.method(), session.target(),
                                     session.header("content-type"), *body);
  if (!request) {
    auto why = request.error();
    std::string allow;
    if (why == ec::method_not_allowed)
      allow = "Allow: " + std::exchange(why.field, {}) + "\r\n";
    co_await session.fail(why, 0, allow);
    co_return;
  }
  auto answer = co_await find_owner<actors::resource_response>(
    [&] { return ask_resources(worker, actors::atom::resource_v, *request); });
  if (!answer) {
    auto why = answer.error();
    co_await session.fail(why);
    co_return;
  }
  note_change(*request, answer->created);
  co_await answer_json(session, answer->created ? 201 : 200, answer->body);
}

task<> handle_subscription(http_session& session) {
  auto key = session.route().key();
  auto slash = key.find('/');
  auto kind = session.route().kind;
  if (kind != route_kind::subscription_seek) {
    if (!session.route().query.empty()) {
      co_await session.fail({ec::invalid_request,
                             "this request takes no parameter",
                             std::string{session.route().query}});
      co_return;
    }
    co_await set_paused(session, key.substr(0, slash), key.substr(slash + 1),
                        kind == route_kind::subscription_pause);
    co_return;
  }
  auto to = parse_seek_query(session.route().query);
  if (!to) {
    co_await session.fail(to.error());
    co_return;
  }
  auto offset = co_await seek(session, *to);
  if (offset)
    co_await answer_json(session, 200,
                         "{\"offset\":" + std::to_string(offset->value) + '}');
  else
    co_await session.fail(offset.error());
}

} // namespace eventd::runtime
