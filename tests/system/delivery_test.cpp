// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <map>
#include <memory>

#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tests/system/node.hpp"
#include "tests/system/sink.hpp"

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

const std::string channel = "test/a";

/// What a busy machine may add to a wait.
constexpr auto late = 5s;

/// A node with one subscription, which delivers from the earliest event.
struct world : eventd_node {
  http_sink sink;
  http_sink dead;

  world() { create_channel(channel); }

  void follow(json::object delivery,
              std::map<std::string, std::string> own = {}) {
    own.emplace("start", "earliest");
    create_subscription({"s", channel, sink.url(), std::move(delivery), own});
  }

  json::object to_dead(json::object delivery = {}) const {
    delivery["deadLetterSink"] = json::object{{"uri", dead.url()}};
    return delivery;
  }

  void wait_figure(const std::string& key, uint64_t value) const {
    INFO(key << " of " << json::serialize(resource("subscriptions", "test/s")));
    CHECK(eventually([&] { return figure("test/s", key) == value; }));
  }

  /// Between the attempts of the first event.
  std::vector<std::chrono::steady_clock::duration> gaps() const {
    auto seen = sink.seen();
    std::vector<std::chrono::steady_clock::duration> out;
    for (size_t i = 1; i < seen.size(); ++i)
      out.push_back(seen[i].at - seen[i - 1].at);
    return out;
  }

  /// What subscriptions gave up, newest last.
  std::string given_up(const std::string& key) const {
    return text_at(resource("subscriptions", "test/s"),
                   "/status/eventd/lastGivenUp/0/" + key);
  }
};

/// The first `n` requests get `first`, the others are taken.
http_sink::script at_first(size_t n, reply first) {
  return [n, first](const delivery&, size_t nth) {
    return nth < n ? first : answer(202);
  };
}

json::object linear(int retry, const std::string& delay) {
  return {
    {"retry", retry}, {"backoffPolicy", "linear"}, {"backoffDelay", delay}};
}

} // namespace

TEST_CASE_METHOD(world, "an event arrives as it was sent, by one connection",
                 "[system][delivery]") {
  follow({}, {{"ordering", "ordered"}});
  auto event = binary_event(channel, "1", "\x01 as \xff is");
  event.headers.back().second = "image/x";
  event.headers.emplace_back("ce-mine", "a%20b");
  event.headers.emplace_back("x-secret", "no");
  CHECK(send(event).status == 202);
  publish(channel, "2");
  REQUIRE(sink.wait_count(2));
  auto x = sink.seen()[0];
  CHECK(x.body == event.body);
  CHECK(x.header("content-type") == "image/x");
  CHECK(x.header("ce-specversion") == "1.0");
  CHECK(x.header("ce-type") == "dev.eventd.test");
  CHECK(x.header("ce-mine") == "a%20b");
  CHECK(x.header("prefer") == "reply");
  CHECK(x.header("kn-namespace") == "test");
  for (auto& [name, value] : x.headers) {
    INFO(name);
    CHECK_FALSE(name.starts_with("ce-eventd"));
    CHECK(name != "x-secret");
  }
}

TEST_CASE_METHOD(world,
                 "delivery.format json sends the event in one JSON object",
                 "[system][delivery]") {
  follow({{"format", "json"}});
  publish(channel, "1", R"({"n": 1.50})");
  REQUIRE(sink.wait_count(1));
  auto x = sink.seen()[0];
  CHECK(x.header("content-type").starts_with("application/cloudevents+json"));
  CHECK(text_at(x.body, "/id") == "1");
  CHECK(x.body.find(R"({"n": 1.50})") != std::string::npos);
  CHECK(x.body.find("eventd") == x.body.find("eventd.test"));
}

TEST_CASE_METHOD(world, "500 is tried again by the schedule of backoffDelay",
                 "[system][delivery]") {
  sink.set_script(at_first(2, answer(500)));
  follow(linear(5, "PT0.3S"));
  publish(channel, "1");
  REQUIRE(sink.wait_count(3));
  wait_figure("offset", 1);
  auto waits = gaps();
  REQUIRE(waits.size() == 2);
  CHECK((waits[0] >= 290ms && waits[0] < 300ms + late));
  CHECK((waits[1] >= 590ms && waits[1] < 600ms + late));
}

TEST_CASE_METHOD(world,
                 "without retry and sink an event is tried until it is "
                 "taken, at growing distances",
                 "[system][delivery]") {
  sink.set_script(at_first(3, answer(503)));
  follow({});
  publish(channel, "1");
  REQUIRE(sink.wait_count(4));
  wait_figure("offset", 1);
  CHECK(figure("test/s", "givenUp") == 0);
  auto waits = gaps();
  REQUIRE(waits.size() == 3);
  CHECK((waits[0] >= 440ms && waits[0] < 550ms + late));
  CHECK((waits[1] >= 890ms && waits[1] < 1'100ms + late));
  CHECK((waits[2] >= 1'790ms && waits[2] < 2'200ms + late));
}

TEST_CASE_METHOD(world,
                 "429 with Retry-After waits as long as it says, up to "
                 "retryAfterMax",
                 "[system][delivery]") {
  http_sink capped{at_first(1, answer(429, {}, "Retry-After: 600\r\n"))};
  sink.set_script(at_first(1, answer(429, {}, "Retry-After: 2\r\n")));
  follow(linear(3, "PT0.1S"));
  auto delivery = linear(3, "PT0.1S");
  delivery["retryAfterMax"] = "PT1S";
  create_subscription(
    {"capped", channel, capped.url(), delivery, {{"start", "earliest"}}});
  publish(channel, "1");
  REQUIRE(sink.wait_count(2));
  CHECK((gaps()[0] >= 1'990ms && gaps()[0] < 2s + late));
  REQUIRE(capped.wait_count(2));
  auto wait = capped.seen()[1].at - capped.seen()[0].at;
  CHECK((wait >= 990ms && wait < 1s + late));
}

TEST_CASE_METHOD(world,
                 "410 dead-letters the event and pauses the "
                 "subscription, until it is resumed",
                 "[system][delivery]") {
  sink.set_script(at_first(1, answer(410)));
  follow(to_dead(), {{"ordering", "ordered"}});
  publish(channel, "1");
  REQUIRE(dead.wait_count(1));
  CHECK(dead.seen()[0].header("ce-knativeerrorcode") == "410");
  publish(channel, "2");
  CHECK(eventually([&] {
    return text_at(resource("subscriptions", "test/s"),
                   "/status/eventd/pausedReason")
           == "Gone";
  }));
  CHECK(sink.count() == 1);
  REQUIRE(eventctl(*this, {"-n", "test", "subscription", "resume", "s"}).code
          == 0);
  REQUIRE(sink.wait_count(2));
  CHECK(sink.ids() == std::vector<std::string>{"1", "2"});
}

TEST_CASE_METHOD(world, "a redirect is not followed and not tried again",
                 "[system][delivery]") {
  sink.set_script([this](auto&, size_t) {
    return answer(307, {}, "Location: " + dead.url() + "\r\n");
  });
  follow(linear(3, "PT0.1S"));
  publish(channel, "1");
  wait_figure("givenUp", 1);
  CHECK(given_up("code") == "307");
  CHECK(given_up("offset") == "0");
  CHECK(sink.count() == 1);
  CHECK(dead.count() == 0);
}

TEST_CASE_METHOD(world, "an answer that does not come in time counts as failed",
                 "[system][delivery]") {
  auto delivery = to_dead(linear(1, "PT0.1S"));
  delivery["timeout"] = "PT0.5S";
  SECTION("none at all") {
    sink.set_script([](auto&, size_t) { return reply{"", reply::then::hang}; });
  }
  SECTION("one byte after the other") {
    sink.set_script([](auto&, size_t) {
      auto slow = answer(200, std::string(100, 'x'));
      slow.pause = 50ms;
      return slow;
    });
  }
  follow(delivery);
  publish(channel, "1");
  REQUIRE(dead.wait_count(1));
  CHECK(sink.count() == 2);
  CHECK((gaps()[0] >= 590ms && gaps()[0] < 600ms + late));
  auto letter = dead.seen()[0];
  CHECK(letter.header("ce-knativeerrordest") == sink.url());
  CHECK(letter.header("ce-knativeerrorcode") == "500");
}

TEST_CASE_METHOD(world, "a connection that breaks is tried again",
                 "[system][delivery]") {
  SECTION("reset") {
    sink.set_script(at_first(1, {"", reply::then::reset}));
  }
  SECTION("closed without an answer") {
    sink.set_script(at_first(1, {"", reply::then::close}));
  }
  SECTION("not HTTP") {
    sink.set_script(at_first(1, {"nonsense\r\n\r\n", reply::then::close}));
  }
  SECTION("half an answer") {
    sink.set_script(
      at_first(1, {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
                   reply::then::close}));
  }
  follow(linear(3, "PT0.1S"));
  publish(channel, "1");
  CHECK(sink.wait_count(2));
  wait_figure("offset", 1);
  CHECK(figure("test/s", "givenUp") == 0);
  CHECK(sink.count() == 2);
}

TEST_CASE_METHOD(world,
                 "a huge answer counts by its status and costs no memory",
                 "[system][delivery]") {
  auto body = std::string(size_t{32} << 20, 'x');
  sink.set_script([body](auto&, size_t) { return answer(200, body); });
  follow({});
  auto before = running().resident_bytes();
  for (int i = 0; i < 5; ++i)
    publish(channel, std::to_string(i));
  REQUIRE(sink.wait_count(5));
  wait_figure("offset", 5);
  CHECK(sink.count() == 5);
  CHECK((is_sanitized
         || running().resident_bytes_max() < before + (uint64_t{24} << 20)));
}

TEST_CASE_METHOD(world,
                 "what can not be delivered becomes a dead letter that "
                 "says why",
                 "[system][delivery]") {
  // "no" and 2 000 more bytes: 768 of them fit into 1 024 characters.
  sink.set_script([](auto& x, size_t) {
    if (x.id == "refused")
      return answer(400, "no\n");
    return answer(500, std::string(2'000, 'x'));
  });
  follow(to_dead(linear(2, "PT0.05S")));
  publish(channel, "refused", R"({"n":1})");
  REQUIRE(dead.wait_count(1));
  CHECK(sink.count() == 1);
  auto letter = dead.seen()[0];
  CHECK(letter.id == "refused");
  CHECK(letter.body == R"({"n":1})");
  CHECK(letter.header("ce-knativeerrordest") == sink.url());
  CHECK(letter.header("ce-knativeerrorcode") == "400");
  CHECK(letter.header("ce-knativeerrordata") == "bm8K");
  CHECK(letter.header("prefer").empty());
  publish(channel, "poison");
  REQUIRE(dead.wait_count(2));
  CHECK(sink.count() == 4);
  letter = dead.seen()[1];
  CHECK(letter.header("ce-knativeerrorcode") == "500");
  CHECK(letter.header("ce-knativeerrordata").size() == 1'024);
  wait_figure("deadLettered", 2);
  wait_figure("offset", 2);
}

TEST_CASE_METHOD(world,
                 "a dead letter sink may be a channel, which keeps the "
                 "event with its error",
                 "[system][delivery]") {
  create_channel("test/dead");
  sink.set_script([](auto&, size_t) { return answer(403); });
  follow({{"deadLetterSink",
           json::object{
             {"ref", json::object{{"apiVersion", "messaging.knative.dev/v1"},
                                  {"kind", "Channel"},
                                  {"name", "dead"}}}}}});
  publish(channel, "1");
  wait_figure("deadLettered", 1);
  auto kept = read_all("test/dead");
  REQUIRE(kept.size() == 1);
  CHECK(text_at(kept[0].line, "/id") == "1");
  CHECK(text_at(kept[0].line, "/knativeerrorcode") == "403");
  CHECK(text_at(kept[0].line, "/knativeerrordest") == sink.url());
}

TEST_CASE_METHOD(world,
                 "ordered keeps the order behind an event that fails; "
                 "unordered goes on without it",
                 "[system][delivery]") {
  http_sink other;
  auto fails_thrice = [](const delivery& x, std::shared_ptr<int> left) {
    return answer(x.id == "0" && (*left)-- > 0 ? 500 : 202);
  };
  for (auto* one : {&sink, &other})
    one->set_script([fails_thrice, left = std::make_shared<int>(3)](
                      auto& x, size_t) { return fails_thrice(x, left); });
  follow(linear(9, "PT0.2S"), {{"ordering", "ordered"}});
  create_subscription({"free",
                       channel,
                       other.url(),
                       linear(9, "PT0.2S"),
                       {{"start", "earliest"}}});
  for (int i = 0; i < 5; ++i)
    publish(channel, std::to_string(i));
  REQUIRE(sink.wait_distinct(5));
  CHECK(sink.ids()
        == std::vector<std::string>{"0", "0", "0", "0", "1", "2", "3", "4"});
  REQUIRE(other.wait_count(8));
  CHECK(other.ids().back() == "0");
}

TEST_CASE_METHOD(world, "by-key keeps the order of each key",
                 "[system][delivery]") {
  sink.set_script(
    [](auto&, size_t nth) { return answer(nth % 4 == 0 ? 500 : 202); });
  follow(linear(99, "PT0.02S"), {{"ordering", "by-key"}});
  auto client = this->client();
  for (int i = 0; i < 60; ++i) {
    auto event = binary_event(channel, std::to_string(i));
    event.headers.emplace_back("ce-partitionkey", std::string(1, "abc"[i % 3]));
    REQUIRE(client.send(event)->status == 202);
  }
  REQUIRE(sink.wait_distinct(60));
  wait_figure("offset", 60);
  std::map<std::string, int> last;
  for (auto& x : sink.seen()) {
    auto number = std::stoi(x.id);
    auto& before = last.emplace(x.header("ce-partitionkey"), -1).first->second;
    CHECK(number >= before);
    before = number;
  }
}

TEST_CASE_METHOD(world, "max-in-flight and rate bound what a subscriber gets",
                 "[system][delivery]") {
  follow({}, {{"rate", "20"}, {"max-in-flight", "2"}});
  auto begun = std::chrono::steady_clock::now();
  auto client = this->client();
  for (int i = 0; i < 60; ++i)
    REQUIRE(client.send(binary_event(channel, std::to_string(i)))->status
            == 202);
  REQUIRE(sink.wait_count(60));
  // A burst of one second's worth may come first.
  CHECK(std::chrono::steady_clock::now() - begun > 1'800ms);
}

} // namespace eventd::tests
