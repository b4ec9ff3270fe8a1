// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/codec/entry.hpp"

#include <cstring>
#include <memory>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "storage/codec/bytes.hpp"
#include "storage/codec/crc32c.hpp"
#include "tests/fixtures/golden.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::storage;
using eventd::tests::golden;
using eventd::tests::hex;

namespace {

constexpr events_header small_header{
  channel_id{0x11223344}, incarnation{3},     log_offset{500}, 2,
  log_time{1'000'001},    log_time{1'000'002}};

/// Two events: CloudEvents 1.0 with JSON, 0.3 with octets, a typed attribute
/// and a header that must leave as it came.
std::string small_payload() {
  std::string out;
  put_events_header(out, small_header);
  {
    event_writer event{out, spec_version::v1_0, data_kind::json, 4};
    event.attribute({"id", "1", {}, {}});
    event.attribute({"source", "/s", {}, {}});
    event.attribute({"type", "t", {}, {}});
    event.attribute({"n", "7", attribute_type::integer, {}});
    event.data("{\"a\":1}");
  }
  event_writer event{out, spec_version::v0_3, data_kind::binary, 4};
  event.attribute({"id", "2", {}, {}});
  event.attribute({"source", "/s", {}, {}});
  event.attribute({"type", "t", {}, {}});
  event.attribute({"subject", "\xc3\xa9", {}, "%C3%A9"});
  event.data(std::string_view{"\0\xff", 2});
  return out;
}

std::string record_of(entry_type type, std::string_view payload) {
  return encode_record_header({type, raft_term{5}}, payload)
         + std::string{payload};
}

constexpr idx_row small_row{shard_id{7},     raft_index{42}, 3, 1'024, 9'999,
                            log_time{1'001}, log_time{1'002}};

std::string flipped(std::string bytes, size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  return bytes;
}

} // namespace

TEST_CASE("a record comes back with its term, type and events",
          "[storage][entry]") {
  auto record = record_of(entry_type::command, small_payload());
  auto head = decode_record(record);
  REQUIRE(head);
  CHECK(head->type == entry_type::command);
  CHECK(head->term == raft_term{5});
  auto header = decode_events_header(
    std::string_view{record}.substr(record_header_bytes));
  REQUIRE(header);
  CHECK(header->channel == small_header.channel);
  CHECK(header->epoch == small_header.epoch);
  CHECK(header->first == small_header.first);
  CHECK(header->count == small_header.count);
  CHECK(header->logged_at == small_header.logged_at);
  CHECK(header->stored_at == small_header.stored_at);
  auto batch = open_events(std::make_shared<const std::string>(record),
                           record_header_bytes);
  REQUIRE(batch);
  REQUIRE(batch->size() == 2);
  CHECK(batch->first_offset == log_offset{500});
  CHECK(batch->stored_at == log_time{1'000'002});
  CHECK((*batch)[0].data() == "{\"a\":1}");
  CHECK((*batch)[1].find("subject")->raw_header == "%C3%A9");
}

TEST_CASE("log records are the frozen bytes", "[storage][entry][golden]") {
  CHECK(hex(record_of(entry_type::command, small_payload()))
        == hex(golden("log_record_events")));
  CHECK(hex(record_of(entry_type::barrier, ""))
        == hex(golden("log_record_barrier")));
  CHECK(hex(record_of(entry_type::change, "configuration"))
        == hex(golden("log_record_change")));
}

TEST_CASE("an event keeps a header apart from its attributes",
          "[storage][entry][golden]") {
  std::string bytes;
  event_writer writer{bytes, spec_version::v1_0, data_kind::none, 4};
  for (auto [name, value] :
       {std::pair{"id", "1"}, {"source", "/s"}, {"type", "t"}})
    writer.attribute({name, value, {}, {}});
  writer.attribute({"x-request-id", "9", attribute_type::header, {}});
  writer.data("");
  CHECK(hex(bytes) == hex(golden("event_with_header")));
  auto event = event_view::parse(std::string_view{bytes}.substr(4));
  REQUIRE(event);
  CHECK(event->attributes().size() == 3);
  CHECK_FALSE(event->find("x-request-id").has_value());
  REQUIRE(event->headers().size() == 1);
  CHECK(event->headers()[0].value == "9");
  CHECK(event->find_header("x-request-id")->value == "9");
}

TEST_CASE("the frozen record is still read", "[storage][entry][golden]") {
  auto record = golden("log_record_events");
  REQUIRE(decode_record(record));
  auto batch = open_events(std::make_shared<const std::string>(record),
                           record_header_bytes);
  REQUIRE(batch);
  CHECK((*batch)[0].id() == "1");
  CHECK((*batch)[1].data() == std::string_view{"\0\xff", 2});
}

TEST_CASE("every flipped bit of a record is detected", "[storage][entry]") {
  auto record = record_of(entry_type::command, small_payload());
  for (size_t bit = 0; bit < record.size() * 8; ++bit) {
    auto head = decode_record(flipped(record, bit));
    if (head)
      FAIL("bit " << bit << " passed");
    CHECK(head.error() == ec::corrupt_record);
  }
}

TEST_CASE("a record cut anywhere is refused", "[storage][entry]") {
  auto record = record_of(entry_type::command, small_payload());
  for (size_t n = 0; n < record.size(); ++n) {
    auto head = decode_record(std::string_view{record}.substr(0, n));
    if (head)
      FAIL(n << " bytes passed");
    CHECK(head.error() == ec::corrupt_record);
  }
}

TEST_CASE("a record of a newer format or of no known type is refused",
          "[storage][entry]") {
  // As a newer eventd would write it: with a CRC that is right.
  auto sealed = [](uint8_t version, uint8_t type) {
    std::string head;
    put_fixed(head, version);
    put_fixed(head, type);
    put_fixed(head, uint16_t{0});
    put_fixed(head, uint32_t{0});
    put_fixed(head, uint64_t{1});
    auto crc = crc32c(head);
    std::memcpy(head.data() + 4, &crc, sizeof(crc));
    return head;
  };
  REQUIRE(decode_record(sealed(1, 1)));
  CHECK(decode_record(sealed(2, 1)).error() == ec::format_too_new);
  CHECK(decode_record(sealed(1, 0)).error() == ec::corrupt_record);
  CHECK(decode_record(sealed(1, 4)).error() == ec::corrupt_record);
}

TEST_CASE(
  "flipped and cut payloads of events never crash and never read beyond",
  "[storage][entry]") {
  auto payload = small_payload();
  auto look = [](std::string bytes) {
    auto buffer = std::make_shared<const std::string>(std::move(bytes));
    auto batch = open_events(buffer, 0);
    if (!batch)
      return;
    for (size_t i = 0; i < batch->size(); ++i)
      for (const auto& x : (*batch)[i].attributes())
        CHECK(x.name.size() + x.value.size() <= buffer->size());
  };
  for (size_t bit = 0; bit < payload.size() * 8; ++bit)
    look(flipped(payload, bit));
  for (size_t n = 0; n < payload.size(); ++n) {
    auto cut = payload.substr(0, n);
    CHECK_FALSE(open_events(std::make_shared<const std::string>(cut), 0));
  }
}

TEST_CASE("an unknown codec of events is refused as newer",
          "[storage][entry]") {
  auto payload = small_payload();
  payload[1] = 1;
  CHECK(decode_events_header(payload).error() == ec::format_too_new);
  payload[0] = 2;
  CHECK(decode_events_header(payload).error() == ec::corrupt_record);
}

TEST_CASE("a row comes back, and every flipped bit or cut of it is detected",
          "[storage][entry]") {
  auto row = seal_row("the body");
  REQUIRE(open_row(row));
  CHECK(*open_row(row) == "the body");
  for (size_t bit = 0; bit < row.size() * 8; ++bit)
    if (open_row(flipped(row, bit)))
      FAIL("bit " << bit << " passed");
  for (size_t n = 0; n < row.size(); ++n)
    if (open_row(std::string_view{row}.substr(0, n)))
      FAIL(n << " bytes passed");
  CHECK(open_row(flipped(row, 1)).error() == ec::format_too_new);
  CHECK(open_row(flipped(row, 0)).error() == ec::corrupt_record);
}

TEST_CASE("an idx row comes back from its frozen bytes",
          "[storage][entry][golden]") {
  CHECK(hex(encode_idx_row(small_row)) == hex(golden("idx_row")));
  auto row = decode_idx_row(golden("idx_row"));
  REQUIRE(row);
  CHECK(row->shard == small_row.shard);
  CHECK(row->index == small_row.index);
  CHECK(row->count == small_row.count);
  CHECK(row->bytes == small_row.bytes);
  CHECK(row->bytes_below == small_row.bytes_below);
  CHECK(row->logged_at == small_row.logged_at);
  CHECK(row->stored_at == small_row.stored_at);
  CHECK_FALSE(decode_idx_row(seal_row("short")));
  CHECK_FALSE(decode_idx_row(seal_row(std::string(43, '\0'))));
}
