// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "docs/examples/tally/tally.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/actor_fixture.hpp"

using namespace eventd;
using tests::actor_fixture;

namespace {

event_batch one_event() {
  auto bytes = std::make_shared<std::string>();
  event_writer out{*bytes, spec_version::v1_0, data_kind::none, 3};
  out.attribute({"id", "1", {}, {}});
  out.attribute({"source", "/tests", {}, {}});
  out.attribute({"type", "test", {}, {}});
  out.data({});
  return event_batch::open(bytes, 0, 1).value();
}

} // namespace

TEST_CASE_METHOD(actor_fixture, "a tally answers how many events it was shown",
                 "[examples][tally]") {
  auto counter = system.spawn(examples::tally, 3u);
  auto answer = self->request(counter, caf::infinite, actors::atom::append_v,
                              one_event());
  run();
  answer.receive([](uint64_t count) { CHECK(count == 1); },
                 [](const caf::error& why) { FAIL(from_caf(why).detail); });
}

TEST_CASE_METHOD(actor_fixture, "a full tally refuses and counts nothing",
                 "[examples][tally]") {
  auto counter = system.spawn(examples::tally, 0u);
  auto append = self->request(counter, caf::infinite, actors::atom::append_v,
                              one_event());
  auto status = self->request(counter, caf::infinite, actors::atom::status_v);
  run();
  append.receive([](uint64_t) { FAIL("append must fail"); },
                 [](const caf::error& why) { CHECK(why == ec::overloaded); });
  status.receive([](uint64_t count) { CHECK(count == 0); },
                 [](const caf::error& why) { FAIL(from_caf(why).detail); });
}
