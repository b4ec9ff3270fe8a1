// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/log/channel_reader.hpp"

#include "tests/storage/log/channel_fixture.hpp"

using namespace eventd;
using namespace eventd::storage;
using namespace eventd::tests::channels;

TEST_CASE_METHOD(reader_fixture,
                 "a read goes on across entries, from any offset",
                 "[storage][channel_reader]") {
  for (uint64_t from = 0; from < 100; ++from) {
    auto out = read(from, 100);
    REQUIRE(out);
    auto next = from;
    for (const auto& batch : *out) {
      REQUIRE(batch.first_offset.value == next);
      for (size_t i = 0; i < batch.size(); ++i)
        REQUIRE(batch[i].id() == std::to_string(next++));
    }
    REQUIRE(next == 100);
  }
}

TEST_CASE_METHOD(reader_fixture,
                 "a read stops inside an entry where it is told to",
                 "[storage][channel_reader]") {
  auto out = read(5, 100, 6);
  REQUIRE(out);
  REQUIRE(out->size() == 2);
  CHECK((*out)[0].size() == 5);
  CHECK((*out)[1].size() == 1);
  CHECK((*out)[1].stored_at == log_time{1'001'000});
  out = read(5, 23);
  REQUIRE(out);
  CHECK(out->back().end_offset() == log_offset{23});
  CHECK(read(7, 7)->empty());
  CHECK(read(100, 100)->empty());
  CHECK(read(0, 100, 0)->empty());
}

TEST_CASE_METHOD(reader_fixture,
                 "a read keeps to its bytes, but gives one entry",
                 "[storage][channel_reader]") {
  CHECK(read(0, 100, 1'000, 1)->size() == 1);
  CHECK(read(0, 100, 1'000, 2 * entry_bytes())->size() == 2);
  CHECK(read(0, 100, 1'000, 0)->size() == 1);
}

TEST_CASE_METHOD(reader_fixture,
                 "a trimmed offset answers the earliest one, and no hole",
                 "[storage][channel_reader]") {
  trim(30);
  for (uint64_t from : {0, 10, 29}) {
    auto out = read(from, 100);
    REQUIRE_FALSE(out);
    CHECK(out.error() == ec::offset_trimmed);
    CHECK(out.error().offset == 30);
  }
  CHECK(read(30, 100)->front().first_offset == log_offset{30});
  trim(100);
  auto out = read(99, 100);
  REQUIRE_FALSE(out);
  CHECK(out.error() == ec::offset_trimmed);
  CHECK(out.error().offset == 100);
  CHECK(read(100, 100)->empty());
}

TEST_CASE_METHOD(
  reader_fixture,
  "every offset beside a moving edge is read whole or answers trimmed",
  "[storage][channel_reader]") {
  for (uint64_t edge = 0; edge <= 100; edge += 10) {
    if (edge > 0)
      trim(edge);
    for (uint64_t from = 0; from < 100; ++from) {
      auto out = read(from, 100, 1);
      if (from < edge) {
        REQUIRE_FALSE(out);
        REQUIRE(out.error() == ec::offset_trimmed);
        REQUIRE(out.error().offset == edge);
      } else {
        REQUIRE(out);
        REQUIRE((*out)[0][0].id() == std::to_string(from));
      }
    }
  }
}

TEST_CASE_METHOD(
  reader_fixture,
  "a reader made before a trim and a compaction answers trimmed, not corrupt",
  "[storage][channel_reader]") {
  auto old = reader();
  trim(50);
  REQUIRE(node->move_start(shard));
  REQUIRE(node->db().flush());
  REQUIRE(node->db().compact(log_family(shard), "", std::string(9, '\xff')));
  std::vector<event_batch> out;
  auto done = old.read(log_offset{10}, log_offset{100}, 1, 1, out);
  REQUIRE_FALSE(done);
  CHECK(done.error() == ec::offset_trimmed);
  CHECK(done.error().offset == 50);
  // What it can still read it reads.
  CHECK(old.read(log_offset{50}, log_offset{100}, 1, 1, out));
}

TEST_CASE_METHOD(reader_fixture,
                 "a time finds the first event stored at or after it",
                 "[storage][channel_reader]") {
  auto at = [&](uint64_t ms) {
    return reader().locate(log_time{ms}, log_offset{100}).value().value;
  };
  CHECK(at(0) == 0);
  CHECK(at(1'000'000) == 0);
  CHECK(at(1'000'001) == 10);
  CHECK(at(1'001'000) == 10);
  CHECK(at(1'008'999) == 90);
  CHECK(at(1'009'000) == 90);
  CHECK(at(1'009'001) == 100);
  trim(40);
  CHECK(at(0) == 40);
  CHECK(at(1'004'001) == 50);
  trim(100);
  CHECK(at(0) == 100);
}

TEST_CASE_METHOD(reader_fixture, "retention by age keeps what is young enough",
                 "[storage][channel_reader]") {
  auto start = [&](uint64_t age, uint64_t now) {
    return reader().retain({age, 0, 0}, log_time{now}).value();
  };
  CHECK(start(10'000, 1'009'000).start == log_offset{0});
  CHECK(start(9'001, 1'009'000).start == log_offset{0});
  CHECK(start(9'000, 1'009'000).start == log_offset{10});
  CHECK(start(5'000, 1'009'000).start == log_offset{50});
  CHECK(start(5'000, 1'009'000).bytes_below == bytes_below(50));
  CHECK(start(1, 1'009'000).start == log_offset{90});
  // All of it, the last entry too.
  CHECK(start(1, 1'009'001).start == log_offset{100});
  CHECK(start(1, 1'009'001).bytes_below == row().bytes_end);
}

TEST_CASE_METHOD(reader_fixture,
                 "retention by events and bytes keeps the last entry",
                 "[storage][channel_reader]") {
  auto start = [&](retention_limits limits) {
    return reader().retain(limits, log_time{1'009'000}).value().start.value;
  };
  CHECK(start({0, 0, 100}) == 0);
  CHECK(start({0, 0, 99}) == 10);
  CHECK(start({0, 0, 10}) == 90);
  CHECK(start({0, 0, 1}) == 90);
  CHECK(start({0, row().bytes_end, 0}) == 0);
  CHECK(start({0, row().bytes_end - 1, 0}) == 10);
  CHECK(start({0, 3 * entry_bytes(), 0}) == 70);
  CHECK(start({0, 1, 0}) == 90);
  CHECK(start({5'000, 0, 30}) == 70);
  CHECK(start({2'000, 0, 70}) == 80);
  CHECK(start({0, 0, 0}) == 0);
  trim(40);
  CHECK(start({0, 0, 1'000}) == 40);
  CHECK(start({0, 0, 30}) == 70);
}

TEST_CASE_METHOD(reader_fixture, "a channel with nothing stored retains from 0",
                 "[storage][channel_reader]") {
  REQUIRE(node->commit(shard, tests::open_payload(channel_id{7})));
  channel_reader empty{node->db(), channel_id{7}, "tests/c7"};
  auto point = empty.retain({1, 1, 1}, log_time{1'009'000});
  REQUIRE(point);
  CHECK(point->start == log_offset{0});
  CHECK(empty.locate(log_time{0}, log_offset{0}).value() == log_offset{0});
  std::vector<event_batch> out;
  CHECK(empty.read(log_offset{0}, log_offset{0}, 10, 10, out));
  CHECK(out.empty());
}

TEST_CASE_METHOD(
  reader_fixture,
  "a flipped bit in an entry is reported with its place, never served",
  "[storage][channel_reader]") {
  auto index = index_of(30);
  auto record = **node->db().get(log_family(shard), log_key(index));
  for (size_t bit = 0; bit < record.size() * 8; bit += 13) {
    auto bad = record;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    overwrite(index, bad);
    // What lies before it is served, and the next read meets the damage.
    auto before = read(20, 100);
    REQUIRE(before);
    REQUIRE(before->back().end_offset() == log_offset{30});
    auto out = read(34, 100);
    REQUIRE_FALSE(out);
    REQUIRE(out.error() == ec::corrupt_record);
    REQUIRE(out.error().offset == 30);
    REQUIRE(out.error().detail.find("tests/c1, offset 30")
            != std::string::npos);
  }
  CHECK(read(40, 100)->front().first_offset == log_offset{40});
  overwrite(index, record);
  CHECK(read(30, 100));
}

TEST_CASE_METHOD(reader_fixture,
                 "an entry that is missing or another's is corrupt",
                 "[storage][channel_reader]") {
  auto index = index_of(30);
  auto other = **node->db().get(log_family(shard), log_key(index_of(40)));
  overwrite(index, other);
  auto out = read(30, 100);
  REQUIRE_FALSE(out);
  CHECK(out.error() == ec::corrupt_record);
  CHECK(out.error().detail.find("do not agree") != std::string::npos);
  overwrite(index, std::nullopt);
  out = read(30, 100);
  REQUIRE_FALSE(out);
  CHECK(out.error() == ec::corrupt_record);
  CHECK(out.error().offset == 30);
  CHECK(out.error().detail.find("missing") != std::string::npos);
}

TEST_CASE_METHOD(reader_fixture, "an entry of another channel is never served",
                 "[storage][channel_reader]") {
  auto neighbour
    = node->db().get(idx_family, idx_key(channel_id{2}, log_offset{30}));
  auto other = decode_idx_row(**neighbour)->index;
  overwrite(index_of(30), **node->db().get(log_family(shard), log_key(other)));
  auto out = read(30, 100);
  REQUIRE_FALSE(out);
  CHECK(out.error() == ec::corrupt_record);
}

TEST_CASE_METHOD(reader_fixture, "a damaged idx row is reported with its place",
                 "[storage][channel_reader]") {
  auto key = idx_key(channel, log_offset{30});
  auto row = **node->db().get(idx_family, key);
  row.back() = static_cast<char>(row.back() ^ 1);
  write_batch batch{node->db()};
  batch.put(idx_family, key, row);
  REQUIRE(node->db().write(batch, false));
  auto out = read(30, 100);
  REQUIRE_FALSE(out);
  CHECK(out.error() == ec::corrupt_record);
  CHECK(out.error().offset == 30);
}
