// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/transport.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "runtime/cluster/acceptor.hpp"
#include "runtime/cluster/dialer.hpp"
#include "runtime/cluster/link_context.hpp"
#include "runtime/cluster/tls.hpp"
#include "storage/model/assert.hpp"

namespace eventd::runtime {

struct cluster_transport::impl {
  explicit impl(transport_options options)
    : context(std::move(options)), acceptor(context),
      work(context.io.get_executor()) {}

  link_context context;
  link_acceptor acceptor;
  std::optional<net::executor_work_guard<io_executor>> work;
  std::thread thread;

  mutable std::mutex mutex; ///< Of what follows.
  std::map<uint64_t, std::shared_ptr<dialer>> dialers;
  bool stopped = false;
};

cluster_transport::cluster_transport(std::unique_ptr<impl> x)
  : impl_(std::move(x)) {}

result<std::unique_ptr<cluster_transport>>
cluster_transport::start(transport_options options) {
  const auto& on = options.on;
  EVENTD_ASSERT(options.node != 0 && options.timeout_ms > 0);
  EVENTD_ASSERT(on.own && on.admit && on.connected && on.disconnected
                && on.heard && on.unheard && on.received && on.refused
                && on.warn);
  tls_files files{options.tls_cert, options.tls_key, options.tls_ca};
  auto x = std::make_unique<impl>(std::move(options));
  if (!files.empty()) {
    auto tls = load_tls(files);
    if (!tls)
      return tls.error();
    x->context.tls = std::move(*tls);
  }
  if (auto opened = x->acceptor.open(); !opened)
    return opened.error();
  x->acceptor.start();
  x->thread = std::thread{[&io = x->context.io] { io.run(); }};
  return std::unique_ptr<cluster_transport>{
    new cluster_transport{std::move(x)}};
}

cluster_transport::~cluster_transport() {
  stop();
}

uint16_t cluster_transport::port() const {
  return impl_->acceptor.port();
}

void cluster_transport::set_peers(std::vector<peer_address> peers) {
  std::map<uint64_t, peer_address> wanted;
  for (auto& peer : peers)
    if (peer.node != impl_->context.options.node)
      wanted[peer.node] = std::move(peer);
  std::lock_guard lock{impl_->mutex};
  if (impl_->stopped)
    return;
  auto& io = impl_->context.io;
  auto& dialers = impl_->dialers;
  std::erase_if(dialers, [&](const auto& entry) {
    const auto& [node, old] = entry;
    auto found = wanted.find(node);
    if (found != wanted.end() && found->second == old->peer())
      return false;
    net::post(io, [old = old] { old->close(); });
    return true;
  });
  for (auto& [node, peer] : wanted) {
    auto& place = dialers[node];
    if (place)
      continue;
    place = std::make_shared<dialer>(impl_->context, peer);
    net::post(io, [added = place] { added->start(); });
  }
}

bool cluster_transport::send(uint64_t node,
                             std::shared_ptr<const std::string> message) {
  std::lock_guard lock{impl_->mutex};
  auto found = impl_->dialers.find(node);
  return found != impl_->dialers.end()
         && found->second->send(std::move(message));
}

size_t cluster_transport::queued_bytes(uint64_t node) const {
  std::lock_guard lock{impl_->mutex};
  auto found = impl_->dialers.find(node);
  return found == impl_->dialers.end() ? 0 : found->second->queued_bytes();
}

void cluster_transport::stop() {
  std::map<uint64_t, std::shared_ptr<dialer>> dialers;
  {
    std::lock_guard lock{impl_->mutex};
    if (std::exchange(impl_->stopped, true))
      return;
    dialers.swap(impl_->dialers);
  }
  net::post(impl_->context.io, [x = impl_.get(), &dialers] {
    x->acceptor.close();
    for (const auto& [node, each] : dialers)
      each->close();
    x->work.reset();
  });
  impl_->thread.join();
}

} // namespace eventd::runtime
