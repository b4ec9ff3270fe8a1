// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <atomic>
#include <iostream>
#include <random>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/node.hpp"
#include "tools/client/address.hpp"

/// Reads at the edges of what is there: the oldest event, the newest, and a
/// reader that hardly reads.
namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

const std::string channel = "test/edges";
const std::string path = "/v1/namespaces/test/channels/edges/events";

constexpr size_t batch_events = 50;

tools::http_request batch_of(uint64_t first, const std::string& data) {
  std::string body;
  for (uint64_t i = first; i < first + batch_events; ++i)
    body += (body.empty() ? "[" : ",") + event_json(std::to_string(i), data);
  return {"POST",
          "/" + channel,
          {{"Content-Type", "application/cloudevents-batch+json"}},
          body + "]"};
}

/// Fills the channel as quickly as it goes. Threads: one of its own.
class filler {
public:
  filler(const eventd_node& node, std::string data, uint64_t first = 0)
    : to_(node.client()), data_(std::move(data)), end_(first),
      thread_([this] { run(); }) {}

  ~filler() { stop(); }

  void stop() {
    done_ = true;
    if (thread_.joinable())
      thread_.join();
  }

  uint64_t end() const { return end_; } ///< After what was acknowledged.
  size_t failures() const { return failures_; }

private:
  void run() {
    while (!done_) {
      auto given = to_.send(batch_of(end_, data_));
      if (given && given->status == 202)
        end_ += batch_events;
      else
        ++failures_;
    }
  }

  tools::http_client to_;
  std::string data_;
  std::atomic<uint64_t> end_;
  std::atomic<size_t> failures_ = 0;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

uint64_t header_number(const tools::http_answer& x, const std::string& name) {
  auto text = std::string{x.header(name)};
  REQUIRE(!text.empty());
  return std::stoull(text);
}

std::vector<stored_event> events_of(std::string_view rest) {
  std::vector<stored_event> out;
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    auto x = event_of(line);
    REQUIRE(x.has_value());
    out.push_back(std::move(*x));
  }
  return out;
}

// -- R-37 ---------------------------------------------------------------------

struct edge_counts {
  size_t answered = 0;
  size_t trimmed = 0;
};

/// One read that begins about where the channel begins: all from there on, or
/// a clear word that it is gone.
void read_at_edge(tools::http_client& from, std::mt19937& dice,
                  uint64_t& earliest, edge_counts& counts) {
  std::uniform_int_distribution<int64_t> around{-40, 160};
  auto at = static_cast<uint64_t>(
    std::max<int64_t>(0, static_cast<int64_t>(earliest) + around(dice)));
  auto given = from.send({"GET",
                          path + "?from=" + std::to_string(at) + "&limit=20",
                          {{"Accept", "application/x-ndjson"}},
                          {}});
  REQUIRE(given.has_value());
  INFO("from " << at << ", earliest was " << earliest << ": " << given->status
               << " " << given->body);
  if (given->status == 410) {
    ++counts.trimmed;
    CHECK(given->body.find("offset_trimmed") != std::string::npos);
    earliest = header_number(*given, "Eventd-Earliest-Offset");
    CHECK(earliest > at);
    return;
  }
  REQUIRE(given->status == 200);
  ++counts.answered;
  auto wanted = at;
  for (auto& x : events_of(given->body)) {
    REQUIRE(x.offset == wanted);
    REQUIRE(x.id == std::to_string(wanted));
    ++wanted;
  }
  REQUIRE(wanted == header_number(*given, "Eventd-Next-Offset"));
  // An answer without an event is one at the end.
  REQUIRE((wanted > at || at == header_number(*given, "Eventd-End-Offset")));
  earliest = header_number(*given, "Eventd-Earliest-Offset");
}

void read_at_edges(size_t positions) {
  eventd_node node;
  node.create_channel(channel, {{"retention-events", "500"}});
  filler work{node, "{}"};
  REQUIRE(eventually([&] { return work.end() > 2'000; }));
  auto from = node.client();
  std::mt19937 dice{37};
  uint64_t earliest = 0;
  edge_counts counts;
  for (size_t i = 0; i < positions; ++i)
    read_at_edge(from, dice, earliest, counts);
  work.stop();
  std::cout << "R-37: " << counts.answered << " reads answered, "
            << counts.trimmed << " beyond the edge, which moved to " << earliest
            << "\n";
  CHECK(work.failures() == 0);
  // Both sides of it were hit, and it moved.
  CHECK(counts.answered > positions / 20);
  CHECK(counts.trimmed > positions / 20);
  CHECK(earliest > 2'000);
}

// -- R-36 ---------------------------------------------------------------------

/// More memory than this is not the price of one slow reader.
constexpr uint64_t slow_reader_bytes_max = uint64_t{64} << 20;

struct slow_result {
  uint64_t next = 0; ///< First offset that was not read.
  uint64_t bytes = 0;
};

/// Takes a stream in small pieces with long pauses, and checks that nothing is
/// left out, until `end`.
slow_result read_slowly(tools::http_client from, uint64_t at,
                        clock::time_point end) {
  auto opened = from.open({"GET",
                           path + "?from=" + std::to_string(at) + "&wait=60",
                           {{"Accept", "application/x-ndjson"}},
                           {}});
  REQUIRE(opened.has_value());
  REQUIRE(opened->status == 200);
  slow_result out{at, 0};
  std::string text;
  char buffer[2'048];
  while (clock::now() < end) {
    auto n = from.read(buffer);
    if (!n || *n == 0)
      break; // It was given up on; it may come again.
    out.bytes += *n;
    text.append(buffer, *n);
    auto whole = text.rfind('\n');
    if (whole != text.npos) {
      for (auto& x : events_of(std::string_view{text}.substr(0, whole + 1)))
        REQUIRE(x.offset == out.next++);
      text.erase(0, whole + 1);
    }
    std::this_thread::sleep_for(20ms);
  }
  from.close();
  return out;
}

void slow_reader(std::chrono::seconds length) {
  eventd_node node;
  node.create_channel(channel);
  filler work{node, "\"" + std::string(1'000, 'x') + "\""};
  // Memtables and caches fill first.
  REQUIRE(eventually([&] { return work.end() > 20'000; }, 60s));
  auto memory = node.running().resident_bytes();
  auto begin = work.end();
  auto end = clock::now() + length;
  slow_result slow;
  size_t streams = 0;
  while (clock::now() < end && streams < 1'000) {
    auto x = read_slowly(node.client(), slow.next, end);
    slow.next = x.next;
    slow.bytes += x.bytes;
    ++streams;
  }
  auto grown = static_cast<int64_t>(node.running().resident_bytes())
               - static_cast<int64_t>(memory);
  work.stop();
  CHECK(work.failures() == 0);
  auto written = work.end() - begin;
  std::cout << "R-36: the reader took " << slow.next << " events in " << streams
            << " streams while " << written << " were stored; " << (grown >> 10)
            << " KiB more memory\n";
  CHECK((is_sanitized || grown <= static_cast<int64_t>(slow_reader_bytes_max)));
  CHECK(slow.next > 0);
  CHECK(slow.next < work.end());
  // It goes on where it was, at its full speed, and lacks nothing.
  auto from = node.client();
  auto next = slow.next;
  while (next < work.end()) {
    auto given
      = from.send({"GET",
                   path + "?from=" + std::to_string(next) + "&limit=1000",
                   {{"Accept", "application/x-ndjson"}},
                   {}});
    REQUIRE(given.has_value());
    REQUIRE(given->status == 200);
    auto events = events_of(given->body);
    REQUIRE(!events.empty());
    for (auto& x : events)
      REQUIRE(x.offset == next++);
  }
  CHECK(next == work.end());
}

} // namespace

TEST_CASE("R-37: a read at the edge of retention gives all from there on or "
          "says that it is gone",
          "[system][edges]") {
  read_at_edges(is_sanitized ? 1'000 : 10'000);
}

TEST_CASE("R-38: a read at an offset to come gives no event",
          "[system][edges]") {
  eventd_node node;
  node.create_channel(channel);
  for (int i = 0; i < 10; ++i)
    node.publish(channel, std::to_string(i));
  auto get = [&](uint64_t from, const std::string& accept,
                 const std::string& more = {}) {
    return node.send({"GET",
                      path + "?from=" + std::to_string(from) + more,
                      {{"Accept", accept}},
                      {}});
  };
  for (auto* accept : {"application/x-ndjson", "text/event-stream",
                       "application/cloudevents-batch+json"})
    for (uint64_t from :
         {uint64_t{11}, uint64_t{1'000'000}, ~uint64_t{0} - 1}) {
      auto x = get(from, accept);
      INFO(accept << " from " << from << ": " << x.body);
      CHECK(x.status == 416);
      CHECK(x.header("Eventd-End-Offset") == "10");
      CHECK(x.body.find("ce-id") == std::string::npos);
      CHECK(x.body.find("specversion") == std::string::npos);
    }
  // With patience too, and where the next one is already there meanwhile.
  CHECK(get(11, "application/x-ndjson", "&wait=1").status == 416);
  // The end itself is no offset to come: it waits for the next event.
  auto at_end = get(10, "application/x-ndjson");
  CHECK(at_end.status == 200);
  CHECK(at_end.body.empty());
  unsigned stored = 0;
  std::thread later{[&] {
    std::this_thread::sleep_for(300ms);
    auto given = node.client().send(binary_event(channel, "10"));
    stored = given ? given->status : 0;
  }};
  auto waited = get(10, "application/x-ndjson", "&wait=2");
  later.join();
  CHECK(stored == 202);
  CHECK(waited.status == 200);
  auto events = events_of(waited.body);
  REQUIRE(events.size() == 1);
  CHECK(events[0].offset == 10);
  CHECK(events[0].id == "10");
}

TEST_CASE("R-36: a reader that hardly reads costs little memory and loses "
          "nothing",
          "[system][edges][.soak]") {
  slow_reader(60s);
}

} // namespace eventd::tests
