// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/replay/runner.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "tests/tools/fake_server.hpp"
#include "tools/replay/resume_token.hpp"
#include "tools/replay/retrying_client.hpp"

using namespace eventd;
using eventd::tools::exit_code;
using tests::fake_server;

namespace {

std::string event(uint64_t n) {
  auto id = std::to_string(n);
  return R"({"specversion":"1.0","id":")" + id
         + R"(","source":"/s","type":"t","datacontenttype":"application/json",)"
           R"("eventdoffset":")"
         + id + R"(","eventdtime":"2026-01-31T12:00:00Z","data":{"n": )" + id
         + "}}\n";
}

std::string bare(uint64_t n) {
  auto id = std::to_string(n);
  return R"({"specversion":"1.0","id":")" + id
         + R"(","source":"/s","type":"t","datacontenttype":"application/json",)"
           R"("data":{"n": )"
         + id + "}}\n";
}

std::string events(uint64_t from, uint64_t end) {
  std::string out;
  for (auto n = from; n < end; ++n)
    out += event(n);
  return out;
}

constexpr auto head = "Eventd-Epoch: 3\r\nEventd-Earliest-Offset: 0\r\n"
                      "Eventd-End-Offset: 5\r\n";

/// Value of `from` in a read's target; `earliest` is 0.
uint64_t from_of(const fake_server::request& x) {
  std::string target{x.target()};
  auto at = target.find("from=");
  return target[at + 5] == 'e' ? 0 : std::stoull(target.substr(at + 5));
}

fake_server::reply whole_log(const fake_server::request& x) {
  return {fake_server::chunked_head(head)
          + (from_of(x) < 5 ? fake_server::chunk(events(from_of(x), 5)) : "")
          + "0\r\n\r\n"};
}

struct temp_file {
  std::string path = (std::filesystem::temp_directory_path()
                      / ("eventd-replay-" + std::to_string(getpid()) + "-"
                         + std::to_string(++count)))
                       .string();
  ~temp_file() { std::filesystem::remove(path); }

  std::string text() const {
    std::ostringstream out;
    out << std::ifstream{path}.rdbuf();
    return out.str();
  }

  static inline int count = 0;
};

replay::options to_file(const fake_server& server, const temp_file& file) {
  replay::options x;
  x.server = server.url();
  x.channel = {"default", "orders"};
  x.output = file.path;
  return x;
}

} // namespace

TEST_CASE("a replay to a file writes every event without the server's marks",
          "[replay][runner]") {
  fake_server server{whole_log};
  temp_file file;
  CHECK(replay::run(to_file(server, file)) == exit_code::ok);
  CHECK(file.text() == bare(0) + bare(1) + bare(2) + bare(3) + bare(4));
}

TEST_CASE("a replay goes on where the connection broke, in the same epoch",
          "[replay][runner]") {
  fake_server server{[](const fake_server::request& x) {
    if (from_of(x) == 2)
      return whole_log(x);
    return fake_server::reply{
      fake_server::chunked_head(head) + fake_server::chunk(events(0, 2)), true};
  }};
  temp_file file;
  CHECK(replay::run(to_file(server, file)) == exit_code::ok);
  CHECK(file.text() == bare(0) + bare(1) + bare(2) + bare(3) + bare(4));
  CHECK(server.seen().back().find("from=2&epoch=3") != std::string::npos);
}

TEST_CASE("a replay ends at the end the log had when it began",
          "[replay][runner]") {
  fake_server server{[](const fake_server::request&) {
    return fake_server::reply{fake_server::chunked_head(head)
                              + fake_server::chunk(events(0, 7))};
  }};
  temp_file file;
  CHECK(replay::run(to_file(server, file)) == exit_code::ok);
  CHECK(file.text() == bare(0) + bare(1) + bare(2) + bare(3) + bare(4));
}

TEST_CASE("a resumed replay cuts the file and appends what is left",
          "[replay][runner]") {
  fake_server server{whole_log};
  temp_file file;
  temp_file token_file;
  // The file holds more than the token knows: the tool died between them.
  std::ofstream{file.path} << bare(0) << bare(1) << bare(2) << "{\"spec";
  auto what = to_file(server, file);
  what.resume = token_file.path;
  replay::resume_token token;
  token.source = server.url();
  token.channel = "default/orders";
  token.epoch = "3";
  token.next = 2;
  token.to = "5";
  token.target = "file:" + file.path;
  token.output_bytes = bare(0).size() + bare(1).size();
  token.done = {2, token.output_bytes, 0};
  REQUIRE(replay::save_token(token_file.path, token).has_value());
  CHECK(replay::run(what) == exit_code::ok);
  CHECK(file.text() == bare(0) + bare(1) + bare(2) + bare(3) + bare(4));
  CHECK_FALSE(std::filesystem::exists(token_file.path));
}

TEST_CASE("a channel that is not there is exit code 3", "[replay][runner]") {
  fake_server server{[](auto&) {
    return fake_server::reply{fake_server::answer(
      404, R"({"type":"/errors/not_found","detail":"no such channel"})")};
  }};
  temp_file file;
  CHECK(replay::run(to_file(server, file)) == exit_code::not_found);
}

TEST_CASE("a replay to a sink posts binary events and retries what is busy",
          "[replay][runner]") {
  fake_server source{whole_log};
  int posts = 0;
  fake_server sink{[&posts](auto& x) {
    CHECK(x["ce-eventdoffset"] == "");
    return ++posts == 1 ? fake_server::reply{fake_server::answer(429, "")}
                        : fake_server::reply{fake_server::answer(202, "")};
  }};
  auto what = replay::options{};
  what.server = source.url();
  what.channel = {"default", "orders"};
  what.sink = sink.address();
  CHECK(replay::run(what) == exit_code::ok);
  REQUIRE(sink.bodies().size() == 6);
  CHECK(sink.bodies()[1] == "{\"n\": 0}");
  CHECK(sink.bodies()[5] == "{\"n\": 4}");
}

TEST_CASE("events that a sink refuses are failures, and the exit code says so",
          "[replay][runner]") {
  fake_server source{whole_log};
  fake_server sink{[](auto& x) {
    return fake_server::reply{
      fake_server::answer(x["ce-id"] == "2" ? 400 : 200, "")};
  }};
  auto what = replay::options{};
  what.server = source.url();
  what.channel = {"default", "orders"};
  what.sink = sink.address();
  CHECK(replay::run(what) == exit_code::partial);
  CHECK(sink.bodies().size() == 5);
}

TEST_CASE("a replay goes on at the first event that a dead sink did not get",
          "[replay][runner]") {
  fake_server source{whole_log};
  bool alive = false;
  fake_server sink{[&](auto& x) {
    auto good = alive || x["ce-id"] == "0";
    return fake_server::reply{fake_server::answer(good ? 200 : 503, "")};
  }};
  temp_file file;
  auto what = replay::options{};
  what.server = source.url();
  what.channel = {"default", "orders"};
  what.sink = sink.address();
  what.resume = file.path;
  what.retry.attempts_max = 1;
  CHECK(replay::run(what) != exit_code::ok);
  auto token = replay::load_token(file.path);
  REQUIRE(token.has_value());
  REQUIRE(token->has_value());
  CHECK((*token)->next == 1);
  CHECK((*token)->done.events == 1);
  CHECK((*token)->done.failures == 0);
  alive = true;
  auto sent = sink.bodies().size();
  CHECK(replay::run(what) == exit_code::ok);
  auto bodies = sink.bodies();
  REQUIRE(bodies.size() == sent + 4);
  CHECK(bodies[sent] == "{\"n\": 1}");
}

TEST_CASE("a channel that is not there is known before a replay into it begins",
          "[replay][runner]") {
  fake_server server{[](auto&) {
    return fake_server::reply{fake_server::answer(
      404, R"({"type":"/errors/not_found","detail":"no such channel"})")};
  }};
  auto target
    = replay::make_channel_target(server.address(), {"default", "copy"}, {});
  auto there = target->check();
  REQUIRE_FALSE(there.has_value());
  CHECK(there.error() == ec::not_found);
  CHECK(server.seen().size() == 1);
}

TEST_CASE("a replay into a channel publishes one batch, and singly what a "
          "refused batch held",
          "[replay][runner]") {
  for (bool refuse : {false, true}) {
    fake_server source{whole_log};
    fake_server target{[refuse](const fake_server::request& x) {
      auto batch = x["Content-Type"].find("batch") != std::string::npos;
      auto bad = refuse && (batch || x["ce-id"] == "2");
      return fake_server::reply{fake_server::answer(bad ? 400 : 202, "")};
    }};
    auto target_of
      = replay::make_channel_target(target.address(), {"default", "copy"}, {});
    for (uint64_t n = 0; n < 5; ++n)
      REQUIRE(target_of->take(bare(n), n).has_value());
    REQUIRE(target_of->settle().has_value());
    CHECK(target_of->done().events == (refuse ? 4u : 5u));
    CHECK(target_of->done().failures == (refuse ? 1u : 0u));
    CHECK(target.seen().size() == (refuse ? 6u : 1u));
    CHECK(target.seen().front() == "POST /default/copy");
  }
}

TEST_CASE("pauses double, obey Retry-After and are bounded",
          "[replay][retry]") {
  using std::chrono::milliseconds;
  replay::retry_options how;
  CHECK(replay::pause_after(how, 0, "") == milliseconds{100});
  CHECK(replay::pause_after(how, 3, "") == milliseconds{800});
  CHECK(replay::pause_after(how, 0, "2") == milliseconds{2'000});
  CHECK(replay::pause_after(how, 0, "99999") == how.pause_max);
  CHECK(replay::pause_after(how, 60, "x") == how.pause_max);
}
