// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/worker.hpp"

#include <functional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <caf/send.hpp>

#include "runtime/gateway/http_session.hpp"
#include "runtime/gateway/times.hpp"

namespace eventd::runtime {

io_worker::io_worker(caf::actor_system& system, gateway_shared& shared)
  : shared_(shared), routes_(shared), work_(context_.get_executor()),
    timer_(context_.get_executor()), bridge_(system, context_, *this),
    appends_(context_, bridge_, routes_),
    dispatcher_(context_, shared, bridge_, routes_) {}

io_worker::~io_worker() {
  // Only where `stop` was never run, because the thread never started.
  bridge_.close();
}

void io_worker::run() {
  date_ = to_http_date(shared_.options.wall_ms());
  if (shared_.options.counts_seconds)
    net::co_spawn(context_, count_seconds(), net::detached);
  context_.run();
}

task<> io_worker::count_seconds() {
  for (;;) {
    timer_.expires_after(std::chrono::seconds{1});
    auto [cancelled] = co_await timer_.async_wait(no_throw);
    if (cancelled)
      co_return;
    pass_second();
  }
}

void io_worker::pass_second() {
  ++now_s_;
  date_ = to_http_date(shared_.options.wall_ms());
  bridge_.sweep();
  dispatcher_.sweep();
  // A session that closes leaves the set only later, from its coroutine.
  for (auto* session : sessions_)
    session->close_if_late();
}

void io_worker::watch_routes() {
  caf::anon_send(shared_.wiring.directory, actors::atom::watch_v,
                 bridge_.route_watcher());
}

void io_worker::adopt(tcp_socket socket, connection_ticket ticket) {
  auto session = std::make_shared<http_session>(*this, std::move(socket),
                                                std::move(ticket));
  sessions_.insert(session.get());
  session->start();
}

void io_worker::drain() {
  bridge_.interrupt_waits();
  for (auto* session : sessions_)
    session->close_if_idle();
}

void io_worker::stop() {
  timer_.cancel();
  for (auto* session : sessions_)
    session->close();
  dispatcher_.close();
  bridge_.close();
  work_.reset();
}

void io_worker::on_deliver(actors::delivery_request request,
                           delivery_promise promise) {
  auto index = peers_.size() < 2
                 ? 0
                 : std::hash<std::string>{}(request.target) % peers_.size();
  if (peers_.empty() || peers_[index] == this)
    return dispatcher_.deliver(std::move(request), std::move(promise));
  // One target, one worker: its connections are shared by all subscriptions.
  net::post(peers_[index]->context_,
            [peer = peers_[index], request = std::move(request),
             promise = std::move(promise)]() mutable {
              peer->dispatcher_.deliver(std::move(request), std::move(promise));
            });
}

void io_worker::on_route(const std::string& key,
                         const actors::channel_actor& channel) {
  routes_.set(key, channel);
}

void io_worker::on_unroute(const std::string& key) {
  routes_.erase(key);
}

} // namespace eventd::runtime
