// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "tests/system/node.hpp"
#include "tests/system/sink.hpp"

namespace eventd::tests {

namespace {

namespace fs = std::filesystem;

constexpr uint64_t events = 12;
constexpr uint64_t damaged = 7;

/// Larger than RocksDB's blocks, so that damage to one event is to it alone.
constexpr size_t data_bytes = 40'000;

const std::string events_path = "/v1/namespaces/test/channels/log/events";

std::string marker(uint64_t i) {
  return "<<marker " + std::to_string(i) + ">>";
}

/// A node that was stopped, with some large events.
struct damaged_node : eventd_node {
  damaged_node() {
    create_channel("test/log");
    for (uint64_t i = 0; i < events; ++i)
      eventd_node::publish("test/log", std::to_string(i),
                           "\"" + marker(i) + std::string(data_bytes, 'x')
                             + "\"");
  }

  /// Puts what the write-ahead log holds into tables.
  void settle() {
    kill();
    start();
    CHECK(stop() == 0);
  }

  std::vector<fs::path> files(const std::string& begin,
                              const std::string& end) const {
    std::vector<fs::path> out;
    for (auto& x : fs::directory_iterator{data_dir()}) {
      auto name = x.path().filename().string();
      if (name.starts_with(begin) && name.ends_with(end))
        out.push_back(x.path());
    }
    return out;
  }

  finished start_refused() const {
    return run("eventd",
               {"--listen", "127.0.0.1:0", "--data-dir", data_dir().string()});
  }
};

void flip_bit(const fs::path& path, size_t at) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekg(static_cast<std::streamoff>(at));
  auto byte = static_cast<char>(file.get() ^ 0x10);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(byte);
  REQUIRE(file.good());
}

/// Flips a bit of the text, in the one file that has it.
fs::path flip_bit_of(const std::vector<fs::path>& files,
                     const std::string& text) {
  for (auto& path : files)
    if (auto at = file_text(path).find(text); at != std::string::npos) {
      flip_bit(path, at + text.size());
      return path;
    }
  FAIL("no file holds " << text);
  return {};
}

/// Where the index block of a table lies: its footer says so (RocksDB, format
/// version 5: checksum type, two handles of two varints each, padding, 4 bytes
/// version, 8 bytes magic).
size_t index_block_begin(const fs::path& table) {
  constexpr size_t footer_bytes = 53;
  auto text = file_text(table);
  REQUIRE(text.size() > footer_bytes);
  auto at = text.size() - footer_bytes + 1;
  auto varint = [&] {
    uint64_t x = 0;
    for (int shift = 0;; shift += 7) {
      auto byte = static_cast<unsigned char>(text[at++]);
      x |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80)
        return x;
    }
  };
  varint();
  varint();
  auto begin = varint();
  REQUIRE(begin + varint() < text.size());
  return begin;
}

void check_refused(const finished& x, const std::string& file) {
  INFO(x.err);
  CHECK(x.code == 2);
  CHECK(x.out.empty());
  CHECK(x.err.find(file) != std::string::npos);
}

} // namespace

TEST_CASE_METHOD(damaged_node,
                 "a flipped bit in an event is reported with channel and "
                 "offset, and never served",
                 "[system][damage]") {
  settle();
  flip_bit_of(files("", ".sst"), marker(damaged));
  start();
  auto at = [&](uint64_t from) {
    return get(events_path + "?from=" + std::to_string(from) + "&limit=1");
  };
  for (uint64_t i = 0; i < events; ++i) {
    auto one = at(i);
    INFO(i << ": " << one.body.substr(0, 200));
    if (i != damaged) {
      CHECK(one.status == 200);
      CHECK(one.body.find(marker(i)) != std::string::npos);
      continue;
    }
    CHECK(one.status == 500);
    CHECK(text_at(one.body, "/type").ends_with("corrupt_record"));
    CHECK(text_at(one.body, "/offset") == std::to_string(damaged));
    CHECK(text_at(one.body, "/detail").find("test/log") != std::string::npos);
  }
  // A page ends before the damage, and the next begins with it.
  auto page = get(events_path);
  CHECK(page.status == 200);
  CHECK(page.header("Eventd-Next-Offset") == std::to_string(damaged));
  auto channel = resource("channels", "test/log");
  CHECK(text_at(channel, "/status/eventd/corruptOffset")
        == std::to_string(damaged));
  auto metrics = get("/metrics").body;
  CHECK(metrics.find("eventd_corrupt_records_total 0") == std::string::npos);
  auto online = replay(
    *this, {"--channel", "test/log", "--output", file("online").string()});
  INFO(online.err);
  CHECK(online.code != 0);
  // Everything else goes on.
  CHECK(eventd_node::publish("test/log", "after") == events);
  CHECK(stop() == 0);
  auto offline
    = run("replay", {"--data-dir", data_dir().string(), "--channel", "test/log",
                     "--output", file("offline").string()});
  INFO(offline.err);
  CHECK(offline.code != 0);
  CHECK(offline.err.find("offset " + std::to_string(damaged))
        != std::string::npos);
}

TEST_CASE_METHOD(damaged_node,
                 "a subscription stops at a damaged event, and seek skips it",
                 "[system][damage]") {
  settle();
  flip_bit_of(files("", ".sst"), marker(damaged));
  start();
  http_sink sink;
  create_subscription({"audit",
                       "test/log",
                       sink.url(),
                       {},
                       {{"start", "earliest"}, {"ordering", "ordered"}}});
  REQUIRE(sink.wait_count(damaged));
  auto tells = [&] {
    return text_at(resource("subscriptions", "test/audit"),
                   "/status/eventd/lastError")
             .find("offset " + std::to_string(damaged))
           != std::string::npos;
  };
  CHECK(eventually(tells));
  CHECK(sink.count() == damaged);
  auto moved = eventctl(*this, {"-n", "test", "subscription", "seek", "audit",
                                "--to", std::to_string(damaged + 1)});
  INFO(moved.err);
  CHECK(moved.code == 0);
  REQUIRE(eventually([&] { return sink.has(std::to_string(events - 1)); }));
  CHECK_FALSE(sink.has(std::to_string(damaged)));
  CHECK(sink.count() == events - 1);
}

TEST_CASE_METHOD(
  damaged_node, "damage to the write-ahead log is refused with the file's name",
  "[system][damage]") {
  kill();
  auto file = flip_bit_of(files("", ".log"), marker(damaged));
  check_refused(start_refused(), file.filename().string());
}

TEST_CASE_METHOD(damaged_node,
                 "damage to the MANIFEST is refused with the file's name",
                 "[system][damage]") {
  settle();
  auto found = files("MANIFEST-", "");
  REQUIRE(found.size() == 1);
  flip_bit(found[0], fs::file_size(found[0]) / 2);
  check_refused(start_refused(), found[0].filename().string());
}

TEST_CASE_METHOD(damaged_node,
                 "damage to a table's index or end is refused with the file's "
                 "name",
                 "[system][damage]") {
  settle();
  auto tables = files("", ".sst");
  REQUIRE_FALSE(tables.empty());
  auto in_index = GENERATE(true, false);
  flip_bit(tables[0], in_index ? index_block_begin(tables[0]) + 2
                               : fs::file_size(tables[0]) - 4);
  check_refused(start_refused(), tables[0].filename().string());
}

TEST_CASE_METHOD(damaged_node, "a file that is missing is refused by its name",
                 "[system][damage]") {
  settle();
  auto tables = files("", ".sst");
  REQUIRE_FALSE(tables.empty());
  fs::remove(tables[0]);
  // RocksDB looks for it under an older suffix too, and names that.
  check_refused(start_refused(), tables[0].stem().string());
}

} // namespace eventd::tests
