// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/peer_link.hpp"

#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tools/bench/peer_redis.hpp"
#include "tools/bench/publisher.hpp"

using namespace eventd;
using namespace eventd::bench;

namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;

/// Takes one connection, and answers each command as Redis does, but for the
/// XADD of this number, which it refuses.
class fake_redis {
public:
  explicit fake_redis(int refused = 0)
    : refused_(refused), thread_([this] { serve(); }) {}

  ~fake_redis() { finish(); }

  /// What was stored, once the client is gone.
  const std::vector<std::string>& finish() {
    if (thread_.joinable())
      thread_.join();
    return stored_;
  }

  peer address() const {
    auto port = std::to_string(acceptor_.local_endpoint().port());
    return {"redis", *tools::parse_url("127.0.0.1:" + port),
            [] { return std::make_unique<redis_dialect>("bench"); }};
  }

private:
  void serve() {
    auto socket = acceptor_.accept();
    std::string buffer;
    char bytes[4'096];
    boost::system::error_code failed;
    for (;;) {
      auto n = socket.read_some(net::buffer(bytes), failed);
      if (failed)
        return;
      buffer.append(bytes, n);
      std::string_view rest = buffer;
      std::string answers;
      for (auto x = parse_resp(rest); x && *x; x = parse_resp(rest))
        answers += answer(**x);
      buffer.erase(0, buffer.size() - rest.size());
      net::write(socket, net::buffer(answers), failed);
    }
  }

  std::string answer(const resp_value& command) {
    if (command.items.at(0).text != "XADD")
      return "+PONG\r\n";
    if (++seen_ == refused_)
      return "-ERR full\r\n";
    stored_.emplace_back(command.items.at(4).text);
    return "$3\r\n1-0\r\n";
  }

  int refused_;
  int seen_ = 0;
  std::vector<std::string> stored_;
  net::io_context context_;
  tcp::acceptor acceptor_{context_, {net::ip::make_address("127.0.0.1"), 0}};
  std::thread thread_; ///< Last: it uses the others.
};

publish_plan plan_of(uint64_t events) {
  publish_plan x;
  x.maker.mode = content_mode::batch;
  x.maker.id_prefix = "p-";
  x.connections = 1;
  x.batch = 4;
  x.warmup_ms = 0;
  x.events_max = events;
  return x;
}

} // namespace

TEST_CASE("a peer gets each event once, and what it stored is counted",
          "[bench][peer]") {
  fake_redis redis;
  auto out = publish(plan_of(10), {}, peer_wires(redis.address()));
  auto& stored = redis.finish();
  CHECK(out.acked == 10);
  CHECK(out.figures.requests == 3);
  CHECK(out.figures.errors == 0);
  REQUIRE(stored.size() == 10);
  CHECK(stored.back().find(R"("id":"p-000000000009")") != std::string::npos);
  CHECK(stored.back().size() == 256);
}

TEST_CASE("what a peer refuses is an error in its words", "[bench][peer]") {
  fake_redis redis{2};
  auto out = publish(plan_of(4), {}, peer_wires(redis.address()));
  CHECK(out.acked == 0);
  CHECK(out.figures.errors == 1);
  CHECK(out.last_error == "redis: ERR full");
}
