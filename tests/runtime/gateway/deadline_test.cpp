// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/deadline.hpp"

#include <optional>

#include <catch2/catch_test_macros.hpp>

using namespace eventd::runtime;
using namespace std::chrono_literals;

namespace {

struct deadline_fixture {
  /// Runs what is due, and what comes of it, until nothing waits.
  void run() {
    context.restart();
    context.run();
  }

  static auto in(std::chrono::milliseconds x) {
    return deadline::clock::now() + x;
  }

  net::io_context context{1};
  int calls = 0;
  std::optional<deadline> late{std::in_place, context.get_executor(),
                               [this] { ++calls; }};
};

} // namespace

TEST_CASE_METHOD(deadline_fixture, "a deadline that has come is told once",
                 "[gateway][deadline]") {
  auto begin = deadline::clock::now();
  late->set(in(20ms));
  run();
  CHECK(calls == 1);
  CHECK(deadline::clock::now() >= begin + 20ms);
  run();
  CHECK(calls == 1);
  late->set(in(1ms));
  run();
  CHECK(calls == 2);
}

TEST_CASE_METHOD(deadline_fixture, "the deadline that was set last counts",
                 "[gateway][deadline]") {
  SECTION("a later one") {
    auto begin = deadline::clock::now();
    late->set(in(1ms));
    late->set(in(40ms));
    run();
    CHECK(deadline::clock::now() >= begin + 40ms);
  }
  SECTION("an earlier one") {
    auto begin = deadline::clock::now();
    late->set(in(1h));
    late->set(in(1ms));
    run();
    CHECK(deadline::clock::now() < begin + 30min);
  }
  SECTION("one after it was cancelled") {
    late->set(in(1h));
    late->cancel();
    late->set(in(1ms));
    run();
  }
  SECTION("one after it was cleared") {
    late->set(in(5ms));
    late->clear();
    late->set(in(1ms));
    run();
  }
  CHECK(calls == 1);
}

TEST_CASE_METHOD(deadline_fixture, "no deadline is told after its end",
                 "[gateway][deadline]") {
  SECTION("cleared") {
    late->set(in(1ms));
    late->clear();
  }
  SECTION("cancelled, and nothing keeps the context busy") {
    late->set(in(1h));
    late->cancel();
  }
  SECTION("gone, with its timer on the way") {
    late->set(in(0ms));
    late.reset();
  }
  run();
  CHECK(calls == 0);
}

TEST_CASE("a deadline may end within its own call", "[gateway][deadline]") {
  net::io_context context{1};
  std::optional<deadline> late;
  bool called = false;
  late.emplace(context.get_executor(), [&] {
    called = true;
    late.reset();
  });
  late->set(deadline::clock::now());
  context.run();
  CHECK(called);
}
