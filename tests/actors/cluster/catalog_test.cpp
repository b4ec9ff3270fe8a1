// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/cluster/catalog.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/actors/cluster/catalog_world.hpp"

using namespace eventd;
using namespace eventd::actors;
using namespace eventd::tests;

// -- taking over and letting go -----------------------------------------------

TEST_CASE_METHOD(catalog_world,
                 "a catalog opens the channels of the shards this node leads",
                 "[actors][catalog]") {
  CHECK(log->count("watch") == 2);
  put_channel("orders", 1, 1);
  put_channel("bills", 2, 0);
  // Everywhere it is known that they are there.
  CHECK(log->count("place orders repeatable") == 1);
  CHECK(log->count("place bills repeatable") == 1);
  CHECK(log->count("open orders") == 0);
  lead(1, 1);
  CHECK(log->count("open orders") == 1);
  CHECK(log->count("open bills") == 0);
  // One that comes while the shard is led here is opened at once.
  put_channel("late", 3, 1);
  CHECK(log->count("open late") == 1);
  CHECK(log->count("open orders") == 1);
}

TEST_CASE_METHOD(catalog_world,
                 "a catalog lets go of a shard, and opens all again when it "
                 "comes back",
                 "[actors][catalog]") {
  put_channel("orders", 1, 1);
  put_audit();
  lead(1, 1);
  CHECK(log->count("open orders") == 1);
  CHECK(log->count("follow u-1") == 1);
  lead(1, 2);
  CHECK(log->count("release 1") == 1);
  lead(1, 1);
  CHECK(log->count("open orders") == 2);
  CHECK(log->count("follow u-1") == 2);
  // Lost and won again before the word of the loss was heard.
  lead(1, 1);
  CHECK(log->count("release 1") == 2);
  CHECK(log->count("open orders") == 3);
  CHECK(log->count("follow u-1") == 3);
  // What belongs to the other shard stays as it is.
  CHECK(log->count("release 0") == 0);
}

TEST_CASE_METHOD(catalog_world,
                 "a catalog that takes a shard over follows what belongs to "
                 "its channels, behind them",
                 "[actors][catalog]") {
  // Told before its channel. It replies to a channel of the other shard.
  put_audit(R"(, "reply": {"ref": {"kind": "Channel",
    "apiVersion": "messaging.knative.dev/v1", "name": "bills"}})");
  put_channel("bills", 2, 0);
  put_channel("orders", 1, 1);
  lead(0, 1);
  CHECK(log->count("open bills") == 1);
  CHECK(log->count("follow u-1") == 0);
  lead(1, 1);
  CHECK(log->count("follow u-1") == 1);
  auto step = [&](const char* what) {
    return std::find(log->steps.begin(), log->steps.end(), what);
  };
  CHECK(step("open orders") < step("follow u-1"));
  // The shard of its reply changes nothing for it.
  lead(0, 2);
  lead(0, 1);
  CHECK(log->count("open bills") == 2);
  CHECK(log->count("follow u-1") == 1);
}

TEST_CASE_METHOD(catalog_world,
                 "a catalog says that a shard is served when its channels open",
                 "[actors][catalog]") {
  put_channel("orders", 1, 1);
  CHECK(map->unserved() == shard_id{0});
  lead(0, 2);
  CHECK(map->unserved() == shard_id{1});
  map->set(shard_id{1}, 1);
  CHECK(map->unserved() == shard_id{1});
  lead(1, 1);
  CHECK_FALSE(map->unserved());
  lead(1, 0);
  CHECK(map->unserved() == shard_id{1});
}

// -- what is stored -----------------------------------------------------------

TEST_CASE_METHOD(catalog_world,
                 "a catalog opens a channel anew only when its settings change",
                 "[actors][catalog]") {
  lead(1, 1);
  // Its shard has not applied it yet.
  put_channel("orders", 1, 1, false);
  CHECK(log->count("open orders") == 0);
  CHECK(log->count("place orders repeatable") == 0);
  put_channel("orders", 1, 1);
  CHECK(log->count("open orders") == 1);
  put_channel("orders", 1, 1);
  CHECK(log->count("open orders") == 1);
  put_channel("orders", 1, 1, true, R"({"eventd.dev/dedup-window": "PT0S"})");
  CHECK(log->count("open orders") == 2);
  CHECK(log->settings.dedup_window_ms == 0);
  // A publish whose outcome is unknown can not be repeated any more.
  CHECK(log->count("place orders") == 1);
}

TEST_CASE_METHOD(catalog_world,
                 "a catalog shuts a channel that is no more, where it runs",
                 "[actors][catalog]") {
  lead(1, 1);
  put_channel("orders", 1, 1);
  put_channel("bills", 2, 0);
  change(channel_key("orders"), "");
  CHECK(log->count("gone prod/orders") == 1);
  CHECK(log->count("shut 1") == 1);
  change(channel_key("bills"), "");
  CHECK(log->count("gone prod/bills") == 1);
  CHECK(log->count("shut 2") == 0);
  // It does not come back with the shard.
  lead(1, 2);
  lead(1, 1);
  CHECK(log->count("open orders") == 1);
  // What is not there any more goes without a word.
  change(channel_key("orders"), "");
  CHECK(log->count("gone prod/orders") == 1);
}

TEST_CASE_METHOD(catalog_world,
                 "a catalog follows once the channel that is meant is there",
                 "[actors][catalog]") {
  lead(1, 1);
  put_audit();
  CHECK(log->count("follow u-1") == 0);
  put_channel("orders", 1, 1, false);
  CHECK(log->count("follow u-1") == 0);
  put_channel("orders", 1, 1);
  CHECK(log->count("follow u-1") == 1);
  put_audit();
  CHECK(log->count("follow u-1") == 1);
  put_audit("", R"({"eventd.dev/paused": "true"})");
  CHECK(log->count("follow u-1 paused") == 1);
}

TEST_CASE_METHOD(catalog_world,
                 "a catalog that is told all again runs what there is, and no "
                 "more",
                 "[actors][catalog]") {
  lead(1, 1);
  put_channel("orders", 1, 1);
  put_channel("bills", 2, 1);
  caf::anon_send(catalog, atom::reload_v);
  put_channel("orders", 1, 1);
  caf::anon_send(catalog, atom::reload_v);
  run();
  auto before = log->count("open orders");
  lead(1, 2);
  lead(1, 1);
  CHECK(log->count("open orders") == before + 1);
  CHECK(log->count("open bills") == 1);
}

TEST_CASE_METHOD(catalog_world, "a catalog runs RESOURCES where shard 0 is led",
                 "[actors][catalog]") {
  CHECK_FALSE(runs_resources());
  lead(1, 1);
  CHECK_FALSE(runs_resources());
  lead(0, 1);
  CHECK(runs_resources());
  lead(0, 2);
  CHECK_FALSE(runs_resources());
  lead(0, 1);
  CHECK(runs_resources());
  CHECK(fatal.empty());
}

// -- what it answers ----------------------------------------------------------

TEST_CASE_METHOD(catalog_world,
                 "a catalog hands a channel to the node that leads its shard",
                 "[actors][catalog]") {
  channel_info info;
  info.id = channel_id{9};
  info.shard = shard_id{1};
  info.name = "asked";
  auto open = [&] {
    return ask<channel_actor>(atom::open_v, info, channel_settings{}).code();
  };
  CHECK(open() == ec::not_leader);
  lead(1, 1);
  CHECK(open() == ec::none);
  CHECK(log->count("open asked") == 1);
  CHECK(ask<caf::unit_t>(atom::shut_v, info.id).code() == ec::none);
  CHECK(log->count("shut 9") == 1);
  lead(1, 2);
  CHECK(open() == ec::none);
  CHECK(log->count("open asked") == 1);
  REQUIRE(log->calls.size() == 1);
  CHECK(log->calls[0].node == 2);
  CHECK(log->calls[0].kind == call_target::supervisor);
  CHECK(log->calls[0].repeatable);
  // One that was never heard of has nothing to end.
  CHECK(ask<caf::unit_t>(atom::shut_v, channel_id{77}).code() == ec::none);
}

TEST_CASE_METHOD(catalog_world, "a catalog follows only channels that it knows",
                 "[actors][catalog]") {
  lead(1, 1);
  subscription_spec spec;
  spec.uid = "u-9";
  spec.namespace_name = "prod";
  spec.channel = "orders";
  CHECK(ask<subscription_actor>(atom::follow_v, spec).code() == ec::not_found);
  put_channel("orders", 1, 1);
  CHECK(ask<subscription_actor>(atom::follow_v, spec).code() == ec::none);
  CHECK(log->count("follow u-9") == 1);
  CHECK(ask<caf::unit_t>(atom::unfollow_v, std::string{"u-9"}).code()
        == ec::none);
  CHECK(log->count("unfollow u-9") == 1);
  CHECK(ask<caf::unit_t>(atom::unfollow_v, std::string{"nobody"}).code()
        == ec::none);
  CHECK(log->count("unfollow nobody") == 0);
}

TEST_CASE_METHOD(catalog_world, "a catalog finds a subscription here and there",
                 "[actors][catalog]") {
  std::string name{"prod/audit"};
  CHECK(ask<subscription_actor>(atom::lookup_v, name).code() == ec::not_found);
  put_channel("orders", 1, 1);
  put_audit();
  lead(1, 1);
  CHECK(ask<subscription_actor>(atom::lookup_v, name).code() == ec::none);
  CHECK(log->count("lookup prod/audit") == 1);
  lead(1, 2);
  auto there = ask<subscription_actor>(atom::lookup_v, name);
  REQUIRE(there.code() == ec::none);
  CHECK(log->count("lookup prod/audit") == 1);
  auto status
    = inquire<subscription_status>(system, there.value(), atom::status_v);
  run();
  REQUIRE(status.code() == ec::none);
  CHECK(status.value().uid == "asked");
  REQUIRE(log->calls.size() == 1);
  CHECK(log->calls[0].node == 2);
  CHECK(log->calls[0].kind == call_target::subscription);
  CHECK(log->calls[0].name == name);
}

TEST_CASE_METHOD(catalog_world,
                 "a catalog that is told of a shard it does not have says so "
                 "and goes on",
                 "[actors][catalog]") {
  lead(0, 1);
  put_channel("orders", 1, 7);
  put_audit();
  channel_info info;
  info.id = channel_id{1};
  info.shard = shard_id{7};
  CHECK(ask<channel_actor>(atom::open_v, info, channel_settings{}).code()
        == ec::internal);
  CHECK(ask<caf::unit_t>(atom::shut_v, info.id).code() == ec::internal);
  subscription_spec spec;
  spec.uid = "u-1";
  spec.namespace_name = "prod";
  spec.channel = "orders";
  CHECK(ask<subscription_actor>(atom::follow_v, spec).code() == ec::internal);
  CHECK(ask<caf::unit_t>(atom::unfollow_v, spec.uid).code() == ec::internal);
  change(channel_key("orders"), "");
  CHECK(fatal.empty());
  put_channel("bills", 2, 0);
  CHECK(log->count("open bills") == 1);
}

TEST_CASE_METHOD(catalog_world,
                 "a catalog gathers reports of all nodes that lead a shard",
                 "[actors][catalog]") {
  using list = std::vector<subscription_status>;
  auto uids = [](const list& xs) {
    std::vector<std::string> made;
    for (const auto& x : xs)
      made.push_back(x.uid);
    std::sort(made.begin(), made.end());
    return made;
  };
  auto alone = ask<list>(atom::subs_v);
  REQUIRE(alone.code() == ec::none);
  CHECK(uids(alone.value()) == std::vector<std::string>{"here"});
  lead(0, 1);
  lead(1, 2);
  auto all = ask<list>(atom::subs_v);
  REQUIRE(all.code() == ec::none);
  CHECK(uids(all.value()) == std::vector<std::string>{"here", "there"});
  // A node that is silent has none.
  log->link_answers = false;
  auto some = ask<list>(atom::subs_v);
  CHECK_FALSE(some.answered());
  advance(1'000);
  REQUIRE(some.code() == ec::none);
  CHECK(uids(some.value()) == std::vector<std::string>{"here"});
}

TEST_CASE_METHOD(catalog_world,
                 "a catalog confirms when this node has applied what shard 0's "
                 "leader had",
                 "[actors][catalog]") {
  CHECK(ask<raft_index>(atom::confirm_v).code() == ec::not_leader);
  lead(0, 2);
  auto asked = ask<raft_index>(atom::confirm_v);
  CHECK_FALSE(asked.answered());
  CHECK(log->count("await 42") == 1);
  REQUIRE(log->calls.size() == 1);
  CHECK(log->calls[0].kind == call_target::replica);
  CHECK(log->calls[0].shard == shard_id{0});
  apply_awaited();
  CHECK(asked.code() == ec::none);
  lead(0, 1);
  auto here = ask<raft_index>(atom::confirm_v);
  CHECK(log->count("await 11") == 1);
  CHECK(log->calls.size() == 1);
  apply_awaited();
  CHECK(here.code() == ec::none);
}
