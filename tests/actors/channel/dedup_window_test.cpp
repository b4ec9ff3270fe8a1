// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/channel/dedup_window.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/print.hpp"
#include "tests/fixtures/test_events.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

/// A window of 10 s for 4 events.
struct window_world {
  dedup_window window{10'000, 4};

  void add(const std::string& id, uint64_t at, uint64_t now) {
    window.add(one_event(id)[0], log_offset{at}, log_time{now});
  }
  /// The offset found, or -1.
  int64_t find(const std::string& id, uint64_t now) const {
    auto at = window.find(one_event(id)[0], log_time{now});
    return at ? static_cast<int64_t>(at->value) : -1;
  }
};

} // namespace

TEST_CASE_METHOD(window_world, "a dedup window finds what it was told",
                 "[actors][dedup_window]") {
  add("a", 7, 1'000);
  CHECK(find("a", 1'000) == 7);
  CHECK(find("a", 10'999) == 7);
  CHECK(find("b", 1'000) == -1);
}

TEST_CASE_METHOD(window_world, "a dedup window ends at its length",
                 "[actors][dedup_window]") {
  add("a", 7, 1'000);
  CHECK(find("a", 11'000) == -1);
  window.expire(log_time{10'999});
  CHECK(window.size() == 1);
  window.expire(log_time{11'000});
  CHECK(window.size() == 0);
}

TEST_CASE_METHOD(window_world, "a dedup window forgets the oldest when full",
                 "[actors][dedup_window]") {
  for (uint64_t i = 0; i < 5; ++i)
    add(std::to_string(i), i, 1'000);
  CHECK(window.size() == 4);
  CHECK(find("0", 1'000) == -1);
  CHECK(find("1", 1'000) == 1);
  CHECK(find("4", 1'000) == 4);
}

TEST_CASE_METHOD(window_world,
                 "a dedup window tells sources and ids apart by both",
                 "[actors][dedup_window]") {
  std::string records;
  for (auto [id, source] : {std::pair{"a", "bc"}, std::pair{"ca", "b"}}) {
    event_writer out{records, spec_version::v1_0, data_kind::none, 3};
    out.attribute({"id", id, {}, {}});
    out.attribute({"source", source, {}, {}});
    out.attribute({"type", "test", {}, {}});
    out.data("");
  }
  auto batch = open_events(std::move(records), 2);
  window.add(batch[0], log_offset{1}, log_time{1'000});
  CHECK(window.find(batch[0], log_time{1'000}));
  CHECK_FALSE(window.find(batch[1], log_time{1'000}));
}

TEST_CASE_METHOD(window_world,
                 "a dedup window keeps a key that came twice after its first "
                 "copy left",
                 "[actors][dedup_window]") {
  // As when the window is filled again from a log that holds both copies.
  // Long, so that no string stands inside its entry.
  std::string id(100, 'k');
  add(id, 1, 1'000);
  add(id, 2, 1'000);
  CHECK(find(id, 1'000) == 2);
  for (uint64_t i = 0; i < 3; ++i)
    add(std::to_string(i), 10 + i, 1'000);
  CHECK(window.size() == 4);
  CHECK(find(id, 1'000) == 2);
  add("last", 20, 1'000);
  CHECK(find(id, 1'000) == -1);
}

TEST_CASE_METHOD(window_world, "a dedup window forgets what was taken back",
                 "[actors][dedup_window]") {
  add("a", 1, 1'000);
  add("b", 2, 1'000);
  add("c", 3, 1'000);
  window.forget_from(log_offset{2});
  CHECK(find("a", 1'000) == 1);
  CHECK(find("b", 1'000) == -1);
  CHECK(find("c", 1'000) == -1);
  CHECK(window.size() == 1);
  add("b", 2, 1'000);
  CHECK(find("b", 1'000) == 2);
}

TEST_CASE_METHOD(window_world,
                 "a dedup window tells dead letters of one event apart",
                 "[actors][dedup_window]") {
  std::string records;
  for (auto failed_at : {"http://one/", "http://two/"}) {
    event_writer out{records, spec_version::v1_0, data_kind::none, 4};
    out.attribute({"id", "a", {}, {}});
    out.attribute({"source", "/tests", {}, {}});
    out.attribute({"type", "test", {}, {}});
    out.attribute({"knativeerrordest", failed_at, {}, {}});
    out.data("");
  }
  auto batch = open_events(std::move(records), 2);
  add("a", 1, 1'000);
  CHECK_FALSE(window.find(batch[0], log_time{1'000}));
  window.add(batch[0], log_offset{2}, log_time{1'000});
  CHECK(window.find(batch[0], log_time{1'000}) == log_offset{2});
  CHECK_FALSE(window.find(batch[1], log_time{1'000}));
}

TEST_CASE("a dedup window of length 0 is off", "[actors][dedup_window]") {
  dedup_window window{0, 4};
  CHECK_FALSE(window.enabled());
  window.add(one_event("a")[0], log_offset{1}, log_time{1'000});
  CHECK_FALSE(window.find(one_event("a")[0], log_time{1'000}));
  CHECK(window.size() == 0);
}

TEST_CASE_METHOD(window_world, "a dedup window takes a new length at once",
                 "[actors][dedup_window]") {
  add("a", 7, 1'000);
  window.set_window(100);
  CHECK(find("a", 1'099) == 7);
  CHECK(find("a", 1'100) == -1);
  window.set_window(10'000);
  CHECK(find("a", 10'999) == 7);
  window.clear();
  CHECK(find("a", 1'000) == -1);
}
