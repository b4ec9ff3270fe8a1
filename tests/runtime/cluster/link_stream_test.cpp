// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/link_stream.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace eventd::runtime;
using std::chrono::milliseconds;

namespace {

/// Two plain streams that are connected to each other.
struct stream_pair {
  stream_pair() {
    tcp_acceptor acceptor{context.get_executor(),
                          {net::ip::address_v4::loopback(), 0}};
    near->socket().connect(acceptor.local_endpoint());
    acceptor.accept(far->socket());
  }

  /// Reads until bytes or a failure come; how long it took.
  milliseconds read() {
    auto begin = std::chrono::steady_clock::now();
    net::co_spawn(context, read_once(), net::detached);
    context.restart();
    context.run();
    return std::chrono::duration_cast<milliseconds>(
      std::chrono::steady_clock::now() - begin);
  }

  task<> read_once() {
    got = co_await near->read_some(net::buffer(bytes));
    near->close();
  }

  task<> write_once(std::vector<net::const_buffer> buffers) {
    failed = co_await far->write(buffers);
  }

  net::io_context context{1};
  std::shared_ptr<link_stream> near
    = std::make_shared<link_stream>(context, nullptr);
  std::shared_ptr<link_stream> far
    = std::make_shared<link_stream>(context, nullptr);
  std::array<char, 64> bytes{};
  link_stream::read_result got;
  link_stream::error_code failed;
};

} // namespace

TEST_CASE_METHOD(stream_pair, "a stream carries bytes of several buffers",
                 "[runtime][link_stream]") {
  std::vector<net::const_buffer> buffers{net::buffer("ab", 2),
                                         net::buffer("cd", 2)};
  net::co_spawn(context, write_once(buffers), net::detached);
  near->expire_after(milliseconds{10'000});
  CHECK(read() < milliseconds{5'000});
  CHECK(!failed);
  CHECK(!got.failed);
  CHECK(std::string(bytes.data(), got.bytes) == "abcd");
  CHECK(!near->is_expired());
}

TEST_CASE_METHOD(stream_pair, "a deadline closes a stream that waits",
                 "[runtime][link_stream]") {
  near->expire_after(milliseconds{30});
  CHECK(read() >= milliseconds{30});
  CHECK(got.failed);
  CHECK(near->is_expired());
  CHECK(near->is_closed());
}

TEST_CASE_METHOD(stream_pair, "a deadline can be moved both ways",
                 "[runtime][link_stream]") {
  SECTION("later") {
    near->expire_after(milliseconds{10});
    near->expire_after(milliseconds{200});
    CHECK(read() >= milliseconds{200});
  }
  SECTION("sooner") {
    near->expire_after(milliseconds{20'000});
    near->expire_after(milliseconds{10});
    CHECK(read() < milliseconds{10'000});
  }
  CHECK(near->is_expired());
}

TEST_CASE_METHOD(stream_pair, "a closed stream is closed, not expired",
                 "[runtime][link_stream]") {
  near->expire_after(milliseconds{20'000});
  near->close();
  CHECK(read() < milliseconds{10'000});
  CHECK(got.failed);
  CHECK(!near->is_expired());
}
