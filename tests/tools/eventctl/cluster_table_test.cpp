// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/cluster_table.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace eventd::eventctl;
namespace json = boost::json;

namespace {

auto cluster = json::parse(R"({"clusterId":"c","self":1,"nodes":[
  {"id":1,"address":"127.0.0.1:7001","server":"4294967301","self":true,
   "connected":true,"version":"0.1.0","leads":3},
  {"id":2,"address":"127.0.0.2:7001","server":"8589934593","self":false,
   "connected":true,"version":"0.2.0","leads":0},
  {"id":13,"address":"[::1]:7001","server":"2","connected":false}],
 "shards":[
  {"shard":0,"leader":1,"term":3,"commit":120,"health":"ok","replicas":[
    {"node":1,"server":"1","role":"voter","match":120,"lag":0},
    {"node":2,"server":"2","role":"voter","match":113,"lag":7},
    {"node":13,"server":"3","role":"spare","match":118,"lag":2}]},
  {"shard":1,"leader":0,"term":4,"commit":9,"health":"no leader",
   "replicas":[]}]})");

} // namespace

TEST_CASE("a node is self, connected or away", "[eventctl][cluster]") {
  CHECK(to_text(node_rows(cluster), false)
        == "ID   ADDRESS          STATE       LEADS   VERSION\n"
           "1    127.0.0.1:7001   self        3       0.1.0\n"
           "2    127.0.0.2:7001   connected   0       0.2.0\n"
           "13   [::1]:7001       away\n");
}

TEST_CASE("a node that is not in the cluster is outside, connected or not",
          "[eventctl][cluster]") {
  auto x = json::parse(R"({"nodes":[
    {"id":1,"self":true,"member":true,"connected":true},
    {"id":2,"member":true,"connected":true},
    {"id":3,"member":false,"connected":true},
    {"id":4,"member":false,"connected":false}]})");
  auto rows = node_rows(x);
  REQUIRE(rows.size() == 5);
  CHECK(rows[1][2] == "self");
  CHECK(rows[2][2] == "connected");
  CHECK(rows[3][2] == "outside");
  CHECK(rows[4][2] == "outside");
}

TEST_CASE("a shard shows its leader, its replicas and the worst lag",
          "[eventctl][cluster]") {
  auto rows = shard_rows(cluster);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0]
        == table_row{"SHARD", "LEADER", "TERM", "COMMIT", "REPLICAS", "LAG"});
  CHECK(rows[1] == table_row{"0", "1", "3", "120", "1,2,13(spare)", "7"});
  CHECK(rows[2] == table_row{"1", "none", "4", "9", "", ""});
}

TEST_CASE("an answer of another form is a table without rows",
          "[eventctl][cluster]") {
  for (const char* text : {"{}", "[]", "null", R"({"nodes":1,"shards":{}})"}) {
    INFO(text);
    CHECK(node_rows(json::parse(text)).size() == 1);
    CHECK(shard_rows(json::parse(text)).size() == 1);
  }
}
