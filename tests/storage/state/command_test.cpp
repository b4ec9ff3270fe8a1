// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/command.hpp"

#include <map>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/golden.hpp"
#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::storage;
using eventd::tests::golden;
using eventd::tests::hex;

namespace {

/// One of each, by the name of its frozen bytes.
std::map<std::string, command> examples() {
  return {
    {"open_channel",
     open_channel{channel_id{300}, incarnation{2}, "ns", "orders", true}},
    {"close_channel", close_channel{channel_id{300}}},
    {"trim_channel", trim_channel{channel_id{300}, log_offset{1'000}, 65'536}},
    {"put_cursors", put_cursors{{{"uid-1", channel_id{300}, "cursor"},
                                 {"uid-2", channel_id{1}, ""}}}},
    {"put_resource", put_resource{"channels/ns/orders", "{\"a\":1}", 301}},
    {"remove_resource", remove_resource{"channels/ns/orders"}},
  };
}

} // namespace

TEST_CASE("commands are the frozen bytes, which are still read",
          "[storage][command][golden]") {
  for (const auto& [name, x] : examples()) {
    INFO(name);
    CHECK(hex(encode(x)) == hex(golden("command_" + name)));
    auto back = decode_command(golden("command_" + name));
    REQUIRE(back);
    CHECK(back->index() == x.index());
  }
}

TEST_CASE("a command comes back as it was", "[storage][command]") {
  for (const auto& [name, x] : examples()) {
    INFO(name);
    auto back = decode_command(encode(x));
    REQUIRE(back);
    // Two commands with one encoding are one command.
    CHECK(back->index() == x.index());
    CHECK(encode(*back) == encode(x));
  }
  auto open = std::get<open_channel>(*decode_command(
    encode(open_channel{channel_id{9}, incarnation{4}, "a", "b", false})));
  CHECK(open.id == channel_id{9});
  CHECK(open.epoch == incarnation{4});
  CHECK(open.namespace_name == "a");
  CHECK(open.name == "b");
  CHECK_FALSE(open.in_memory);
}

TEST_CASE("a command that is cut, or has bytes behind it, is refused",
          "[storage][command]") {
  for (const auto& [name, x] : examples()) {
    INFO(name);
    auto bytes = encode(x);
    for (size_t n = 0; n < bytes.size(); ++n) {
      auto back = decode_command(std::string_view{bytes}.substr(0, n));
      REQUIRE_FALSE(back);
      CHECK(back.error() == ec::corrupt_record);
    }
    CHECK_FALSE(decode_command(bytes + "x"));
  }
}

TEST_CASE("flipped bits of a command never crash", "[storage][command]") {
  size_t refused = 0;
  for (const auto& [name, x] : examples()) {
    auto bytes = encode(x);
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      auto damaged = bytes;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      refused += decode_command(damaged) ? 0 : 1;
    }
  }
  // Its record's CRC detects all; the command itself what breaks its form.
  CHECK(refused > 0);
}

TEST_CASE("an unknown kind of command, or a newer one, is refused",
          "[storage][command]") {
  CHECK(decode_command(std::string{"\x08\x01", 2}).error()
        == ec::corrupt_record);
  CHECK(decode_command(std::string{"\x03\x02\x01", 3}).error()
        == ec::format_too_new);
}
