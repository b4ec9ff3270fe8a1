// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/mender/mender.hpp"

#include <catch2/generators/catch_generators.hpp>

#include "actors/reader/reader.hpp"
#include "storage/model/limits.hpp"
#include "tests/actors/mender/mender_world.hpp"
#include "tests/fixtures/damage.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

TEST_CASE_METHOD(mender_world, "a damaged record is fetched and written anew",
                 "[actors][mender]") {
  auto place = damage_record(4);
  REQUIRE_FALSE(is_whole(place));
  auto done = mend(place);
  REQUIRE(done.code() == ec::none);
  CHECK(done.value() == 1);
  CHECK(is_whole(place));
  CHECK(peers->calls.size() == 1);
  CHECK(stats->mended_records == 1);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("is mended from node 2") != std::string::npos);
}

TEST_CASE_METHOD(mender_world,
                 "the next node is asked where one has it damaged, or other",
                 "[actors][mender]") {
  auto place = damage_record(4);
  auto bad = GENERATE(0, 1, 2);
  peers->answers[2] = [&](const damaged_place& x) -> result<log_chunk> {
    if (bad == 0)
      return failure{ec::corrupt_record, "damaged here, too"};
    auto given = give(x);
    if (bad == 1)
      flip(given->records[0].back());
    else
      given->indexes[0] = x.index + 1;
    return given;
  };
  REQUIRE(mend(place).code() == ec::none);
  CHECK(is_whole(place));
  CHECK(peers->calls.size() == 2);
  CHECK(lines.at(0).find("is mended from node 3") != std::string::npos);
}

TEST_CASE_METHOD(mender_world,
                 "an entry of another term is not taken for the one wanted",
                 "[actors][mender]") {
  auto place = damage_record(4);
  auto given = *give(place);
  auto payload = given.records[0].substr(storage::record_header_bytes);
  auto header = storage::decode_record(given.records[0]);
  header->term = header->term + 1;
  given.records[0] = storage::encode_record_header(*header, payload) + payload;
  peers->answers[2] = peers->answers[3]
    = [&](const damaged_place&) { return given; };
  CHECK(mend(place).code() == ec::corrupt_record);
  CHECK_FALSE(is_whole(place));
  CHECK(stats->mended_records == 0);
  CHECK(lines.at(0).find("no other node has it whole") != std::string::npos);
}

TEST_CASE_METHOD(mender_world, "what is not applied here is not mended",
                 "[actors][mender]") {
  auto place = record_at(4);
  place.index = place.index + 100;
  CHECK(mend(place).code() == ec::conflict);
  CHECK(peers->calls.empty());
}

TEST_CASE_METHOD(mender_world, "all that no node has whole is refused at once",
                 "[actors][mender]") {
  auto place = damage_record(4);
  peers->answers[2] = peers->answers[3] = [](const damaged_place&) {
    return result<log_chunk>{failure{ec::corrupt_record, "damaged, too"}};
  };
  CHECK(mend(place).code() == ec::corrupt_record);
  CHECK(peers->calls.size() == 2);
}

TEST_CASE_METHOD(mender_world,
                 "a node that is away is asked again, until the deadline",
                 "[actors][mender]") {
  auto place = damage_record(4);
  peers->answers[2] = [](const damaged_place&) {
    return result<log_chunk>{failure{ec::corrupt_record, "damaged, too"}};
  };
  auto away = true;
  peers->answers[3] = [&](const damaged_place& x) -> result<log_chunk> {
    if (away)
      return failure{ec::not_leader, "it can not be reached"};
    return give(x);
  };
  auto early = mend(place);
  advance(2'000);
  CHECK_FALSE(early.answered());
  CHECK(peers->calls.size() > 4);
  away = false;
  advance(limits::mend_retry_ms);
  REQUIRE(early.code() == ec::none);
  CHECK(is_whole(place));
  away = true;
  place = damage_record(6);
  auto late = mend(place);
  advance(limits::mend_patience_ms - limits::mend_retry_ms);
  CHECK_FALSE(late.answered());
  advance(2 * limits::mend_retry_ms);
  REQUIRE(late.answered());
  CHECK(late.code() == ec::corrupt_record);
}

TEST_CASE_METHOD(mender_world, "a node that never answers holds up nobody",
                 "[actors][mender]") {
  auto place = damage_record(4);
  peers->answers.erase(2);
  auto done = mend(place);
  CHECK_FALSE(done.answered());
  advance(limits::mend_answer_ms);
  REQUIRE(done.code() == ec::none);
  CHECK(is_whole(place));
}

TEST_CASE_METHOD(mender_world,
                 "the same place is mended once, and too many are refused",
                 "[actors][mender]") {
  auto place = damage_record(4);
  peers->answers.clear();
  auto one = mend(place);
  auto two = mend(place);
  CHECK(peers->calls.size() == 1);
  std::vector<inquiry<uint64_t>> rows;
  for (uint64_t i = 0; i <= limits::mends_inflight_max; ++i)
    rows.push_back(mend(row_at(i)));
  for (uint64_t i = 0; i < limits::mends_inflight_max; ++i)
    CHECK_FALSE(rows[i].answered());
  CHECK(rows.back().code() == ec::overloaded);
  peers->answers[2] = peers->answers[3]
    = [this](const damaged_place& x) { return give(x); };
  advance(limits::mend_answer_ms);
  CHECK(one.code() == ec::none);
  CHECK(two.code() == ec::none);
  CHECK(stats->mended_records == 1);
}

TEST_CASE_METHOD(mender_world, "rows are mended from the damaged one on",
                 "[actors][mender]") {
  auto place = damage_row(4);
  auto done = mend(place);
  REQUIRE(done.code() == ec::none);
  CHECK(done.value() == 2);
  CHECK(record_at(4).count == 2);
  // No node has a row there: nothing is damaged.
  auto none = mend(row_at(8));
  REQUIRE(none.code() == ec::none);
  CHECK(none.value() == 0);
}

TEST_CASE_METHOD(mender_world, "lines about damage are bounded",
                 "[actors][mender]") {
  auto place = damage_record(4);
  constexpr auto n = limits::damage_lines_a_minute + 5;
  for (uint32_t i = 0; i < n; ++i)
    REQUIRE(mend(place).code() == ec::none);
  CHECK(lines.size() == limits::damage_lines_a_minute);
  advance(61'000);
  REQUIRE(lines.size() == limits::damage_lines_a_minute + 1);
  CHECK(lines.back().find("5 lines") != std::string::npos);
}

// -- READER with a MENDER -----------------------------------------------------

namespace {

struct mending_reader : mender_world {
  mending_reader() {
    with_mender = system.spawn(actors::reader, database.get(), stats, mender);
  }
  ~mending_reader() {
    caf::anon_send_exit(with_mender, caf::exit_reason::kill);
    run();
  }

  inquiry<read_result> read_from(uint64_t from) {
    return ask<read_result>(
      with_mender, atom::read_v,
      stored_read_request{
        orders, {log_offset{from}, 100, 1'000'000}, log_offset{8}});
  }

  reader_actor with_mender;
};

} // namespace

TEST_CASE_METHOD(mending_reader,
                 "a read that meets damage is answered once it is mended",
                 "[actors][reader][mender]") {
  damage_record(0);
  damage_record(2);
  damage_row(4);
  auto one = read_from(0);
  REQUIRE(one.code() == ec::none);
  // It ends before the next damage, which the next read has mended.
  CHECK(one.value().next == log_offset{2});
  auto two = read_from(2);
  REQUIRE(two.code() == ec::none);
  CHECK(two.value().next == log_offset{4});
  auto three = read_from(4);
  REQUIRE(three.code() == ec::none);
  CHECK(three.value().next == log_offset{8});
  CHECK(read_from(0).value().next == log_offset{8});
  CHECK(stats->corrupt_records == 3);
  CHECK(stats->mended_records == 4);
}

TEST_CASE_METHOD(mending_reader,
                 "what no node has whole is answered as damaged, with its "
                 "offset",
                 "[actors][reader][mender]") {
  damage_record(2);
  peers->answers[2] = peers->answers[3] = [](const damaged_place&) {
    return result<log_chunk>{failure{ec::corrupt_record, "damaged, too"}};
  };
  auto done = read_from(2);
  REQUIRE(done.code() == ec::corrupt_record);
  CHECK(done.answer().error().offset == 2);
  // Those that are not damaged are answered meanwhile.
  peers->answers.clear();
  auto waits = read_from(2);
  CHECK_FALSE(waits.answered());
  CHECK(read_from(4).code() == ec::none);
}

TEST_CASE_METHOD(mending_reader,
                 "entries for a follower are mended before they are given",
                 "[actors][reader][mender]") {
  auto place = damage_record(2);
  auto records = ask<std::vector<storage::log_record>>(
    with_mender, atom::records_v, place.shard, place.index, place.index);
  REQUIRE(records.code() == ec::none);
  CHECK(records.value().size() == 1);
  place = damage_record(4);
  auto chunk = ask<log_chunk>(with_mender, atom::fetch_v, place.shard,
                              place.index, place.index, uint64_t{1} << 20);
  REQUIRE(chunk.code() == ec::none);
  CHECK(chunk.value().next == place.index + 1);
  // What another node mends itself with is given as it is.
  place = damage_record(6);
  CHECK(ask<log_chunk>(with_mender, atom::mend_v, place).code()
        == ec::corrupt_record);
  CHECK_FALSE(is_whole(place));
}
