// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/replay/offline.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::replay;

namespace {

/// Offsets 2 to 6, one batch an event, stored a second apart from 10 s on.
class some_channel final : public stopped_channel {
public:
  incarnation epoch() const override { return incarnation{3}; }
  log_offset start() const override { return log_offset{2}; }
  log_offset end() const override { return log_offset{7}; }

  result<log_offset> locate(log_time when) override {
    return log_offset{2 + (when.value - 10'000) / 1'000};
  }

  result<void> read(log_offset from, log_offset end, uint32_t, uint64_t,
                    std::vector<event_batch>& out) override {
    for (auto at = from; at < end && at < from + 2; ++at) {
      auto bytes = std::make_shared<std::string>();
      event_writer writer{*bytes, spec_version::v1_0, data_kind::none, 3};
      writer.attribute({"id", std::to_string(at.value), {}, {}});
      writer.attribute({"source", "/s", {}, {}});
      writer.attribute({"type", "t", {}, {}});
      writer.data({});
      auto batch = *event_batch::open(bytes, 0, 1);
      batch.first_offset = at;
      batch.stored_at = log_time{10'000};
      out.push_back(batch);
    }
    return {};
  }
};

std::string read_all(const std::string& from, const std::string& to) {
  auto source = make_stopped_source(std::make_unique<some_channel>());
  REQUIRE(source->open(from, to, "3").has_value());
  std::string ids;
  for (;;) {
    auto page = source->next_page();
    REQUIRE(page.has_value());
    if (page->empty())
      return ids;
    for (size_t at = 0;
         (at = page->find("\"eventdoffset\":\"", at)) != page->npos; ++at)
      ids += (*page)[at + 16];
  }
}

} // namespace

TEST_CASE("a stopped channel is read between offsets, times and ends",
          "[replay][offline]") {
  CHECK(read_all("earliest", "") == "23456");
  CHECK(read_all("4", "6") == "45");
  CHECK(read_all("4", "99") == "456");
  CHECK(read_all("latest", "").empty());
  CHECK(read_all("1970-01-01T00:00:13Z", "") == "56");
}

TEST_CASE("a trimmed offset, one beyond the end and another epoch are refused",
          "[replay][offline]") {
  auto open = [](const char* from, const char* epoch) {
    return make_stopped_source(std::make_unique<some_channel>())
      ->open(from, "", epoch);
  };
  CHECK(open("1", "").error().offset == 2);
  CHECK(open("1", "").error() == ec::offset_trimmed);
  CHECK(open("8", "").error() == ec::offset_out_of_range);
  CHECK(open("earliest", "4").error() == ec::epoch_mismatch);
  CHECK(open("7", "").has_value());
}
