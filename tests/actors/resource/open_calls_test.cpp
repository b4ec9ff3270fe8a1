// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/open_calls.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include "tests/actors/resource/resources_fixture.hpp"
#include "tests/fixtures/inquiry.hpp"
#include "tests/fixtures/print.hpp"

namespace eventd::actors {

using tests::inquire;
using tests::resources_fixture;
using enum resource_verb;

TEST_CASE_METHOD(resources_fixture,
                 "calls that are under way when the node leads the resources "
                 "no more are answered at once",
                 "[resource][resources][open_calls]") {
  made(tests::channel());
  world->answers = false;
  auto read = inquire<resource_response>(system, resources, atom::resource_v,
                                         request(get, "channels", "orders"));
  auto change = inquire<resource_response>(
    system, resources, atom::resource_v, request(remove, "channels", "orders"));
  auto waits = inquire<resource_response>(
    system, resources, atom::resource_v, request(remove, "channels", "orders"));
  run();
  CHECK_FALSE(read.answered());
  CHECK_FALSE(change.answered());
  CHECK_FALSE(waits.answered());
  caf::anon_send_exit(resources, caf::exit_reason::user_shutdown);
  run();
  // A read may be asked again; what became of a change is not known.
  CHECK(read.answered());
  CHECK(read.code() == ec::not_leader);
  CHECK(change.answered());
  CHECK(change.code() == ec::timeout);
  CHECK(waits.answered());
}

TEST_CASE_METHOD(resources_fixture, "a call that was answered is forgotten",
                 "[resource][resources][open_calls]") {
  auto change = inquire<resource_response>(
    system, resources, atom::resource_v,
    request(create, "channels", "", tests::channel()));
  run();
  REQUIRE(change.code() == ec::none);
  caf::anon_send_exit(resources, caf::exit_reason::user_shutdown);
  run();
  CHECK(change.code() == ec::none);
}

} // namespace eventd::actors
