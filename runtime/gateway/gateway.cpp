// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/gateway.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include <boost/asio/post.hpp>

#include "runtime/gateway/listener.hpp"
#include "runtime/gateway/worker.hpp"
#include "storage/model/assert.hpp"

namespace eventd::runtime {

namespace {

/// What is cut ends at once; only a name lookup may hang longer.
constexpr std::chrono::milliseconds stop_patience{1'000};

} // namespace

gateway::gateway(gateway_options options) : shared_(std::move(options)) {}

result<std::unique_ptr<gateway>> gateway::start(caf::actor_system& system,
                                                gateway_options options) {
  EVENTD_ASSERT(options.stats && options.wall_ms && options.mono_us);
  auto n_workers = std::max(options.io_threads, 1U);
  std::unique_ptr<gateway> self{new gateway(std::move(options))};
  std::vector<io_worker*> peers;
  for (unsigned i = 0; i < n_workers; ++i) {
    self->workers_.push_back(
      std::make_unique<io_worker>(system, self->shared_));
    peers.push_back(self->workers_.back().get());
  }
  self->listener_ = std::make_unique<listener>(peers[0]->context());
  const auto& bound = self->shared_.options;
  if (auto ok = self->listener_->open(bound.host, bound.port); !ok)
    return ok.error();
  for (auto* worker : peers)
    worker->set_peers(peers);
  for (auto* worker : peers)
    self->threads_.emplace_back([worker] { worker->run(); });
  return self;
}

gateway::~gateway() {
  stop();
}

void gateway::hold(const std::string& why) {
  {
    std::lock_guard guard{shared_.mutex};
    shared_.waits_for = why;
  }
  listen();
}

void gateway::serve(gateway_wiring wiring) {
  shared_.wiring = std::move(wiring);
  shared_.serving = true;
  for (auto& worker : workers_)
    worker->watch_routes();
  listen();
}

void gateway::listen() {
  if (std::exchange(listens_, true))
    return;
  std::vector<io_worker*> workers;
  for (auto& worker : workers_)
    workers.push_back(worker.get());
  net::post(workers_[0]->context(), [this, workers = std::move(workers)] {
    listener_->start(workers);
  });
}

actors::dispatcher_actor gateway::dispatcher() const {
  return workers_[0]->asks().dispatcher();
}

uint16_t gateway::port() const {
  return listener_->port();
}

bool gateway::wait_until_quiet(std::chrono::milliseconds patience) {
  std::unique_lock lock{shared_.mutex};
  return shared_.changed.wait_for(lock, patience,
                                  [this] { return shared_.is_quiet(); });
}

bool gateway::drain(std::chrono::milliseconds patience) {
  shared_.draining = true;
  net::post(workers_[0]->context(), [this] { listener_->close(); });
  for (auto& worker : workers_)
    net::post(worker->context(), [x = worker.get()] { x->drain(); });
  return wait_until_quiet(patience);
}

void gateway::pass_second() {
  for (auto& worker : workers_) {
    std::promise<void> passed;
    net::post(worker->context(), [&] {
      worker->pass_second();
      passed.set_value();
    });
    passed.get_future().wait();
  }
}

void gateway::stop() {
  if (threads_.empty())
    return;
  shared_.draining = true;
  shared_.stopping = true;
  net::post(workers_[0]->context(), [this] { listener_->close(); });
  for (auto& worker : workers_)
    net::post(worker->context(), [x = worker.get()] { x->stop(); });
  wait_until_quiet(stop_patience);
  // `stop` of every worker came before: the handlers run in their order.
  for (auto& worker : workers_)
    net::post(worker->context(), [x = worker.get()] { x->context().stop(); });
  for (auto& thread : threads_)
    thread.join();
  threads_.clear();
}

} // namespace eventd::runtime
