// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace eventd::runtime {

/// Names of Asio that the gateway speaks. Every I/O object is bound to the
/// concrete executor of an `io_context` that one thread runs: the type-erased
/// default would cost an indirect call and a reference count per operation.
namespace net = boost::asio;
using tcp = net::ip::tcp;
using io_executor = net::io_context::executor_type;
using tcp_socket = net::basic_stream_socket<tcp, io_executor>;
using tcp_acceptor = net::basic_socket_acceptor<tcp, io_executor>;
using steady_timer
  = net::basic_waitable_timer<std::chrono::steady_clock,
                              net::wait_traits<std::chrono::steady_clock>,
                              io_executor>;

/// A coroutine of the gateway.
template <class T = void>
using task = net::awaitable<T, io_executor>;

inline constexpr net::use_awaitable_t<io_executor> use_task{};

/// Errors come back as the first element of a tuple, never as an exception.
inline constexpr auto no_throw = net::as_tuple(use_task);

} // namespace eventd::runtime
