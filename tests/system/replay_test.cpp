// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <csignal>

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/system/node.hpp"
#include "tests/system/sink.hpp"
#include "tools/client/event_text.hpp"

namespace eventd::tests {

namespace {

/// A node with a channel of `n` events of some kinds.
struct filled : eventd_node {
  void fill(size_t n) {
    create_channel("test/log");
    auto to = client();
    for (size_t first = 0; first < n; first += 100) {
      std::string body = "[";
      for (auto i = first; i < std::min(n, first + 100); ++i)
        body += (i == first ? "" : ",") + one(i);
      auto stored
        = to.send({"POST",
                   "/test/log",
                   {{"Content-Type", "application/cloudevents-batch+json"}},
                   body + "]"});
      REQUIRE(stored.has_value());
      REQUIRE(stored->status == 202);
    }
  }

  static std::string one(size_t i) {
    auto id = std::to_string(i);
    switch (i % 3) {
    case 0:
      return event_json(id, R"({"n": )" + id + R"(.0, "u": "\u00e4 ü"})");
    case 1:
      return R"({"specversion":"1.0","id":")" + id
             + R"(","source":"/b","type":"t","datacontenttype":"x/y",)"
               R"("data_base64":"AP8A"})";
    default:
      return R"({"specversion":"1.0","id":")" + id
             + R"(","source":"/none","type":"t","partitionkey":"k"})";
    }
  }

  /// What a replay of these offsets must print.
  std::string expected(uint64_t first, uint64_t end,
                       const std::string& channel = "test/log") const {
    std::string out;
    for (auto& x : read_all(channel)) {
      if (x.offset < first || x.offset >= end)
        continue;
      REQUIRE(tools::append_unmarked(out, x.line).has_value());
      out += '\n';
    }
    return out;
  }

  finished to_file(const std::string& name, std::vector<std::string> more) {
    more.insert(more.end(),
                {"--channel", "test/log", "--output", file(name).string()});
    auto x = replay(*this, more);
    INFO(x.err);
    CHECK(x.code == 0);
    return x;
  }
};

void check_same(const std::string& a, const std::string& b) {
  // Not `a == b`: nobody wants to see a megabyte that differs.
  auto same = a == b;
  INFO(a.size() << " and " << b.size() << " bytes");
  CHECK(same);
}

} // namespace

TEST_CASE_METHOD(filled, "a replay writes the events of a range to a file",
                 "[system][replay]") {
  fill(300);
  to_file("all", {});
  auto all = file_text(file("all"));
  CHECK(std::count(all.begin(), all.end(), '\n') == 300);
  CHECK(all.find("eventdoffset") == std::string::npos);
  check_same(all, expected(0, 300));
  to_file("part", {"--from", "50", "--to", "60"});
  check_same(file_text(file("part")), expected(50, 60));
  auto printed = replay(
    *this, {"--channel", "test/log", "--from", "290", "--output", "-"});
  CHECK(printed.code == 0);
  check_same(printed.out, expected(290, 300));
  auto at = text_at(read_all("test/log")[150].line, "/eventdtime");
  auto first = uint64_t{300};
  for (auto& x : read_all("test/log"))
    if (text_at(x.line, "/eventdtime") >= at)
      first = std::min(first, x.offset);
  to_file("since", {"--from", at});
  check_same(file_text(file("since")), expected(first, 300));
  to_file("none", {"--from", "latest"});
  CHECK(file_text(file("none")).empty());
  CHECK(replay(*this, {"--channel", "test/none", "--output", "-"}).code == 3);
  CHECK(
    replay(*this, {"--channel", "test/log", "--from", "301", "--output", "-"})
      .code
    == 3);
  CHECK(replay(*this, {"--channel", "test/log"}).code == 2);
  CHECK(replay(*this,
               {"--channel", "test/log", "--output", "-", "--filter", "true"})
          .code
        == 2);
}

TEST_CASE_METHOD(filled, "a replay feeds another channel, and a sink",
                 "[system][replay]") {
  fill(300);
  create_channel("test/copy");
  auto copied = replay(*this, {"--channel", "test/log", "--into", "test/copy"});
  INFO(copied.err);
  CHECK(copied.code == 0);
  CHECK(copied.err.find("replayed 300 events") != std::string::npos);
  check_same(expected(0, 300, "test/copy"), expected(0, 300));
  http_sink sink;
  auto sent = replay(*this, {"--channel", "test/log", "--sink", sink.url()});
  CHECK(sent.code == 0);
  auto seen = sink.seen();
  REQUIRE(seen.size() == 300);
  for (size_t i = 0; i < seen.size(); ++i)
    REQUIRE(seen[i].id == std::to_string(i));
  CHECK(seen[0].body == R"({"n": 0.0, "u": "\u00e4 ü"})");
  CHECK(seen[0].header("content-type") == "application/json");
  CHECK(seen[1].body == std::string("\0\xff\0", 3));
  CHECK(seen[2].header("ce-partitionkey") == "k");
  sink.set_script(
    [](auto& x, size_t) { return answer(x.id == "5" ? 400 : 202); });
  auto some = replay(
    *this, {"--channel", "test/log", "--to", "10", "--sink", sink.url()});
  CHECK(some.code == 6);
  CHECK(some.err.find("1 failures") != std::string::npos);
  CHECK(sink.count() == 310);
}

TEST_CASE_METHOD(filled, "an interrupted replay goes on where it stopped",
                 "[system][replay]") {
  fill(2'400);
  auto token = file("token");
  auto output = file("output");
  auto begin = [&] {
    return process{"replay",
                   {"--server", url(), "--channel", "test/log", "--speed",
                    "200/s", "--output", output.string(), "--resume",
                    token.string()}};
  };
  auto is_saved = [&] { return std::filesystem::exists(token); };
  auto first = begin();
  // The first token is written after some seconds.
  REQUIRE(eventually(is_saved));
  first.signal(SIGINT);
  CHECK(first.wait() == 6);
  CHECK(first.err().find("same command goes on from") != std::string::npos);
  auto interrupted = text_at(file_text(token), "/next");
  CHECK(std::stoull(interrupted) > 0);
  // A process that is killed has only its last token; new events meanwhile
  // are not part of a replay that began before them.
  publish("test/log", "late");
  auto second = begin();
  REQUIRE(eventually(
    [&] { return text_at(file_text(token), "/next") != interrupted; }));
  second.kill();
  to_file("output", {"--resume", token.string()});
  check_same(file_text(output), expected(0, 2'400));
  CHECK_FALSE(is_saved());
}

TEST_CASE_METHOD(filled,
                 "a stopped node's files give what the node gave, byte "
                 "for byte",
                 "[system][replay]") {
  fill(1'000);
  to_file("online", {});
  auto offline = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--data-dir", data_dir().string(), "--channel",
                             "test/log", "--output", file("offline").string()});
    return run("replay", more);
  };
  auto busy = offline({});
  INFO(busy.err);
  CHECK(busy.code != 0);
  CHECK(busy.err.find("in use") != std::string::npos);
  auto wanted = file_text(file("online"));
  CHECK(stop() == 0);
  auto calm = offline({});
  INFO(calm.err);
  CHECK(calm.code == 0);
  check_same(file_text(file("offline")), wanted);
  start();
  to_file("online", {"--from", "400", "--to", "700"});
  kill();
  // What only the write-ahead log has counts too.
  CHECK(offline({"--from", "400", "--to", "700"}).code == 0);
  check_same(file_text(file("offline")), file_text(file("online")));
  CHECK(offline({"--from", "1001"}).code == 3);
  // It only read: the node starts as if nothing had been.
  start();
  check_same(expected(0, 1'000), wanted);
}

} // namespace eventd::tests
