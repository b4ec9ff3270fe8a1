// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/scrubber/scrubber.hpp"

#include "tests/actors/mender/mender_world.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

struct scrubber_world : mender_world {
  ~scrubber_world() {
    caf::anon_send_exit(scrubber, caf::exit_reason::kill);
    run();
  }

  void begin() {
    scrubber = system.spawn(actors::scrubber,
                            scrubber_wiring{database.get(), mender, stats,
                                            [this](const std::string& line) {
                                              lines.push_back(line);
                                            }});
    run();
  }

  scrubber_actor scrubber;
};

} // namespace

TEST_CASE_METHOD(scrubber_world, "all is looked at after the start, and again",
                 "[actors][scrubber]") {
  begin();
  advance(limits::scrub_first_ms - 1);
  CHECK(stats->scrubbed_bytes == 0);
  advance(3'000);
  CHECK(stats->scrub_passes == 1);
  auto bytes = stats->scrubbed_bytes.load();
  CHECK(bytes > 0);
  advance(limits::scrub_pause_ms - 10'000);
  CHECK(stats->scrub_passes == 1);
  advance(20'000);
  CHECK(stats->scrub_passes == 2);
  CHECK(stats->scrubbed_bytes == 2 * bytes);
  CHECK(stats->corrupt_records == 0);
  CHECK(peers->calls.empty());
  CHECK(lines.empty());
}

TEST_CASE_METHOD(scrubber_world, "damage that nobody reads is mended",
                 "[actors][scrubber]") {
  auto record = damage_record(2);
  auto other = damage_record(6);
  damage_row(4);
  begin();
  advance(limits::scrub_first_ms + 5'000);
  CHECK(stats->scrub_passes == 1);
  CHECK(is_whole(record));
  CHECK(is_whole(other));
  CHECK(record_at(4).count == 2);
  CHECK(stats->corrupt_records == 3);
  CHECK(stats->mended_records == 4);
  CHECK(ids(orders).size() == 8);
}

TEST_CASE_METHOD(scrubber_world,
                 "what no node has whole is passed by, and tried again in the "
                 "next pass",
                 "[actors][scrubber]") {
  auto first = damage_record(2);
  auto second = damage_record(6);
  damage_row(4);
  auto whole = false;
  peers->answers[2] = peers->answers[3]
    = [&](const damaged_place& x) -> result<log_chunk> {
    if (whole || x.index == second.index)
      return give(x);
    return failure{ec::corrupt_record, "damaged, too"};
  };
  begin();
  advance(limits::scrub_first_ms + 5'000);
  CHECK(stats->scrub_passes == 1);
  CHECK_FALSE(is_whole(first));
  CHECK(is_whole(second));
  whole = true;
  advance(limits::scrub_pause_ms + 10'000);
  CHECK(stats->scrub_passes == 2);
  CHECK(is_whole(first));
  CHECK(record_at(4).count == 2);
}
