// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/directory/directory.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "tests/fixtures/actor_fixture.hpp"
#include "tests/fixtures/inquiry.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

namespace {

/// A DIRECTORY and watchers that write down what they are told.
struct directory_world : actor_fixture {
  directory_world() {
    directory = system.spawn(actors::directory, directory_wiring{});
    one = a_channel();
    two = a_channel();
  }

  ~directory_world() {
    for (const auto& x : actors)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    caf::anon_send_exit(directory, caf::exit_reason::kill);
    run();
  }

  channel_actor a_channel() {
    auto x = system.spawn(
      [](channel_actor::pointer, int) -> channel_actor::behavior_type {
        return {
          [](atom::append, const event_batch&) { return append_result{}; },
          [](atom::append, const joined_append&) {
            return std::vector<append_result>{};
          },
          [](atom::read, const read_request&) { return read_result{}; },
          [](atom::locate, log_time) { return log_offset{}; },
          [](atom::await, const await_request&) { return log_offset{}; },
          [](atom::status) { return channel_status{}; },
          [](atom::configure, const channel_settings&) {},
        };
      },
      0);
    actors.push_back(caf::actor_cast<caf::actor>(x));
    return x;
  }

  route_watcher_actor watcher(std::vector<std::string>& heard) {
    auto x = system.spawn(
      [this, &heard](route_watcher_actor::pointer,
                     int) -> route_watcher_actor::behavior_type {
        return {
          [this, &heard](atom::route, const std::string& name,
                         const channel_actor& to) {
            heard.push_back(name + (to == one ? " one" : " two"));
          },
          [&heard](atom::unroute, const std::string& name) {
            heard.push_back(name + " none");
          },
        };
      },
      0);
    actors.push_back(caf::actor_cast<caf::actor>(x));
    return x;
  }

  inquiry<channel_actor> lookup(const std::string& name) {
    auto x = inquire<channel_actor>(system, directory, atom::lookup_v, name);
    run();
    return x;
  }

  directory_actor directory;
  channel_actor one;
  channel_actor two;
  std::vector<caf::actor> actors;
};

} // namespace

TEST_CASE_METHOD(directory_world, "a directory finds what was routed",
                 "[actors][directory]") {
  CHECK(lookup("a/b").code() == ec::not_found);
  caf::anon_send(directory, atom::route_v, "a/b", one);
  run();
  REQUIRE(lookup("a/b").code() == ec::none);
  CHECK(lookup("a/b").value() == one);
  CHECK(lookup("a/c").code() == ec::not_found);
  caf::anon_send(directory, atom::route_v, "a/b", two);
  run();
  CHECK(lookup("a/b").value() == two);
  caf::anon_send(directory, atom::unroute_v, "a/b");
  run();
  CHECK(lookup("a/b").code() == ec::not_found);
}

TEST_CASE_METHOD(directory_world,
                 "a directory tells a watcher all routes, then every change",
                 "[actors][directory]") {
  std::vector<std::string> first;
  std::vector<std::string> second;
  caf::anon_send(directory, atom::route_v, "a/b", one);
  caf::anon_send(directory, atom::watch_v, watcher(first));
  run();
  CHECK(first == std::vector<std::string>{"a/b one"});
  caf::anon_send(directory, atom::route_v, "a/c", two);
  caf::anon_send(directory, atom::route_v, "a/b", two);
  run();
  CHECK(first == std::vector<std::string>{"a/b one", "a/c two", "a/b two"});
  caf::anon_send(directory, atom::watch_v, watcher(second));
  run();
  CHECK(second == std::vector<std::string>{"a/b two", "a/c two"});
  caf::anon_send(directory, atom::unroute_v, "a/c");
  caf::anon_send(directory, atom::unroute_v, "unknown");
  run();
  CHECK(first.back() == "a/c none");
  CHECK(first.size() == 4);
  CHECK(second.back() == "a/c none");
}

TEST_CASE_METHOD(directory_world,
                 "a watcher that is there from the beginning misses nothing",
                 "[actors][directory]") {
  std::vector<std::string> heard;
  auto other
    = system.spawn(actors::directory, directory_wiring{{watcher(heard)}, {}});
  caf::anon_send(other, atom::route_v, "a/b", one);
  run();
  CHECK(heard == std::vector<std::string>{"a/b one"});
  caf::anon_send_exit(other, caf::exit_reason::kill);
  run();
}

TEST_CASE_METHOD(directory_world, "a dead watcher harms nobody",
                 "[actors][directory]") {
  std::vector<std::string> dead;
  std::vector<std::string> alive;
  auto x = watcher(dead);
  caf::anon_send(directory, atom::watch_v, x);
  caf::anon_send(directory, atom::watch_v, watcher(alive));
  caf::anon_send_exit(x, caf::exit_reason::kill);
  run();
  caf::anon_send(directory, atom::route_v, "a/b", one);
  run();
  CHECK(dead.empty());
  CHECK(alive == std::vector<std::string>{"a/b one"});
}
