// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/listener.hpp"

#include <array>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include "runtime/gateway/problem.hpp"
#include "runtime/gateway/response.hpp"
#include "runtime/gateway/status.hpp"
#include "runtime/gateway/worker.hpp"
#include "storage/model/limits.hpp"

namespace eventd::runtime {

namespace {

/// After a failed accept, most often for want of file descriptors.
constexpr std::chrono::milliseconds accept_pause{100};

/// Between two log lines of refused connections; all of them are counted.
constexpr uint64_t refusal_silence_s = 60;

} // namespace

listener::listener(net::io_context& context)
  : context_(context), acceptor_(context.get_executor()),
    pause_(context.get_executor()) {}

result<void> listener::open(const std::string& host, uint16_t port) {
  boost::system::error_code failed;
  auto refuse = [&] {
    return failure{ec::address_in_use, "can not listen on " + host + ':'
                                         + std::to_string(port) + ": "
                                         + failed.message()};
  };
  tcp::endpoint at{net::ip::make_address(host, failed), port};
  if (failed) {
    net::ip::basic_resolver<tcp, io_executor> names{context_.get_executor()};
    auto found = names.resolve(host, std::to_string(port), failed);
    if (failed || found.empty())
      return refuse();
    at = found.begin()->endpoint();
  }
  acceptor_.open(at.protocol(), failed);
  if (!failed)
    acceptor_.set_option(net::socket_base::reuse_address{true}, failed);
  if (!failed)
    acceptor_.bind(at, failed);
  if (!failed)
    acceptor_.listen(net::socket_base::max_listen_connections, failed);
  if (failed)
    return refuse();
  port_ = acceptor_.local_endpoint(failed).port();
  return {};
}

void listener::start(std::vector<io_worker*> workers) {
  workers_ = std::move(workers);
  net::co_spawn(context_, accept(), net::detached);
}

void listener::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

/// Costs two calls and no wait: what came is thrown away, because with it
/// unread the end would be a reset; the answer fits into the empty socket.
void listener::refuse(tcp_socket& socket, const failure& why) {
  auto& worker = *workers_[0];
  if (worker.now_s() >= silent_until_s_) {
    spdlog::warn("a connection was refused: {}", why.detail);
    silent_until_s_ = worker.now_s() + refusal_silence_s;
  }
  constexpr unsigned status = 503;
  std::string answer;
  begin_response(answer, status, worker.date());
  add_header(answer, "Retry-After", uint64_t{retry_after_s(status)});
  add_header(answer, "Content-Type", problem_media_type);
  end_response(answer, problem_json(why, status), false);
  std::array<char, limits::socket_read_bytes> unread;
  auto fd = socket.native_handle();
  ::recv(fd, unread.data(), unread.size(), MSG_DONTWAIT);
  ::send(fd, answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

task<> listener::accept() {
  for (size_t turn = 0;; ++turn) {
    auto* worker = workers_[turn % workers_.size()];
    tcp_socket socket{worker->context().get_executor()};
    tcp::endpoint from;
    auto [failed] = co_await acceptor_.async_accept(socket, from, no_throw);
    if (!acceptor_.is_open())
      co_return;
    if (failed) {
      spdlog::warn("a connection was not accepted: {}", failed.message());
      pause_.expires_after(accept_pause);
      co_await pause_.async_wait(no_throw);
      continue;
    }
    auto ticket = worker->shared().clients.enter(from.address());
    if (!ticket) {
      refuse(socket, ticket.error());
      continue;
    }
    if (&worker->context() == &context_)
      worker->adopt(std::move(socket), std::move(*ticket));
    else
      net::post(worker->context(), [worker, socket = std::move(socket),
                                    ticket = std::move(*ticket)]() mutable {
        worker->adopt(std::move(socket), std::move(ticket));
      });
  }
}

} // namespace eventd::runtime
