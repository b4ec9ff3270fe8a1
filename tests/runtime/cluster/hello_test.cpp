// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/hello.hpp"

#include <catch2/catch_test_macros.hpp>

#include "storage/state/identity.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::runtime;

namespace {

hello sample() {
  hello x;
  x.version_min = 1;
  x.version_max = 3;
  x.cluster_id = "c-1";
  x.node = 2;
  x.server = uint64_t{2} << 32 | 7;
  x.boot_counter = 5;
  x.boot_id = 0xfedcba9876543210;
  x.empty = true;
  x.address = "127.0.0.2:7001";
  x.founders = {{11, "127.0.0.1:7001"}, {12, "[::1]:7001"}};
  x.eventd_version = "0.1.0";
  x.boots = {0xfedcba9876543210, 7};
  x.shards = 8;
  return x;
}

template <class Change>
bool is_refused(Change change) {
  auto x = sample();
  change(x);
  auto out = decode_hello(encode(x));
  return !out && out.error() == ec::invalid_request;
}

hello speaks(uint32_t min, uint32_t max) {
  auto x = sample();
  x.version_min = min;
  x.version_max = max;
  return x;
}

} // namespace

TEST_CASE("a hello comes back as it was", "[runtime][hello]") {
  auto out = decode_hello(encode(sample()));
  REQUIRE(out);
  CHECK(*out == sample());
}

TEST_CASE("a hello with fields of a newer version is understood",
          "[runtime][hello]") {
  auto out = decode_hello(encode(sample()) + "something new");
  REQUIRE(out);
  CHECK(*out == sample());
}

TEST_CASE("a hello that tells no starts is understood", "[runtime][hello]") {
  auto x = sample();
  x.boots.clear();
  x.join_only = false;
  x.shards = 0;
  auto bytes = encode(x);
  // Their number, the flags, the shards: what the first nodes sent.
  bytes.resize(bytes.size() - (1 + 1 + 4));
  auto out = decode_hello(bytes);
  REQUIRE(out);
  CHECK(*out == x);
}

TEST_CASE("a hello that is cut anywhere is refused", "[runtime][hello]") {
  auto bytes = encode(sample());
  const auto shards = bytes.size() - 4;
  const auto flags = shards - 1;
  const auto boots = flags - (1 + 2 * 8);
  for (size_t n = 0; n < bytes.size(); ++n) {
    if (n == boots || n == flags || n == shards)
      continue; // Whole, as older nodes send it.
    INFO("after " << n << " bytes");
    auto out = decode_hello(std::string_view{bytes}.substr(0, n));
    REQUIRE(!out);
    CHECK(out.error() == ec::invalid_request);
  }
}

TEST_CASE("a hello says that its node only joins; one that is older does not",
          "[runtime][hello]") {
  auto x = sample();
  x.join_only = true;
  auto bytes = encode(x);
  CHECK(decode_hello(bytes)->join_only);
  bytes.resize(bytes.size() - (1 + 4));
  auto older = decode_hello(bytes);
  REQUIRE(older);
  x.join_only = false;
  x.shards = 0;
  CHECK(*older == x);
}

TEST_CASE("nodes need the same number of shards; one that is older tells none",
          "[runtime][hello]") {
  auto own = sample();
  own.node = 1;
  auto theirs = sample();
  CHECK(agree_on_shards(own, theirs));
  theirs.shards = 4;
  auto refused = agree_on_shards(own, theirs);
  REQUIRE(!refused);
  CHECK(refused.error() == ec::invalid_config);
  CHECK(refused.error().detail.find("node 2 has 4 shards and node 1 has 8;")
        == 0);
  auto bytes = encode(theirs);
  bytes.resize(bytes.size() - 4);
  auto older = decode_hello(bytes);
  REQUIRE(older);
  CHECK(older->shards == 0);
  CHECK(agree_on_shards(own, *older));
  CHECK(agree_on_shards(*older, own));
}

TEST_CASE("a hello beyond its bounds is refused", "[runtime][hello]") {
  const std::string longest(limits::hello_text_bytes_max, 'x');
  CHECK(!is_refused([&](hello& x) { x.cluster_id = longest; }));
  CHECK(is_refused([&](hello& x) { x.cluster_id = longest + 'x'; }));
  CHECK(is_refused([&](hello& x) { x.address = "a\nb"; }));
  CHECK(is_refused([&](hello& x) { x.eventd_version = "\x1b[2J"; }));
  CHECK(is_refused([&](hello& x) { x.founders[1].address = longest + 'x'; }));
  CHECK(is_refused([&](hello& x) { x.node = 0; }));
  CHECK(is_refused([&](hello& x) { x.version_min = 0; }));
  CHECK(is_refused([&](hello& x) { x.version_min = x.version_max + 1; }));
  CHECK(!is_refused(
    [&](hello& x) { x.founders.resize(limits::hello_founders_max); }));
  CHECK(is_refused(
    [&](hello& x) { x.founders.resize(limits::hello_founders_max + 1); }));
  CHECK(!is_refused(
    [&](hello& x) { x.boots.resize(limits::boots_remembered_max); }));
  CHECK(is_refused(
    [&](hello& x) { x.boots.resize(limits::boots_remembered_max + 1); }));
  CHECK(!decode_hello("GET / HTTP/1.1\r\n\r\n"));
}

TEST_CASE("two nodes speak the smaller of their largest versions",
          "[runtime][hello]") {
  auto agree = [](const hello& own, const hello& theirs) -> uint32_t {
    auto version = agree_on_version(own, theirs);
    return version ? *version : 0;
  };
  CHECK(agree(speaks(1, 1), speaks(1, 1)) == 1);
  CHECK(agree(speaks(1, 1), speaks(1, 2)) == 1);
  CHECK(agree(speaks(1, 3), speaks(2, 5)) == 3);
  CHECK(agree(speaks(1, 1), speaks(2, 3)) == 0);
  CHECK(agree(speaks(2, 3), speaks(1, 1)) == 0);
  auto own = speaks(1, 1);
  own.node = 1;
  auto refused = agree_on_version(own, speaks(2, 3));
  REQUIRE(!refused);
  CHECK(refused.error() == ec::format_too_new);
  CHECK(refused.error().detail
        == "node 2 speaks protocol versions 2 to 3 and node 1 speaks 1 to 1");
}

TEST_CASE("an answer says yes with a hello, or no with a reason",
          "[runtime][hello]") {
  auto yes = decode_hello_answer(encode(hello_answer{sample(), {}}));
  REQUIRE(yes);
  REQUIRE(yes->accepted);
  CHECK(*yes->accepted == sample());
  auto no = decode_hello_answer(encode(hello_answer{{}, "other cluster"}));
  REQUIRE(no);
  CHECK(!no->accepted);
  CHECK(no->refusal == "other cluster");
  CHECK(!decode_hello_answer(""));
  CHECK(!decode_hello_answer("\2"));
  CHECK(!decode_hello_answer("\1not a hello"));
}

TEST_CASE("a refusal can not write a log line of its own", "[runtime][hello]") {
  auto bytes = std::string(1, '\0') + "no\nlevel=error"
               + std::string(limits::hello_text_bytes_max, 'x');
  auto out = decode_hello_answer(bytes);
  REQUIRE(out);
  CHECK(out->refusal.substr(0, 14) == "no?level=error");
  CHECK(out->refusal.size() == limits::hello_text_bytes_max);
}
