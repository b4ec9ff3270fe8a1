// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/codec/bytes.hpp"

#include <limits>

#include <catch2/catch_test_macros.hpp>

using namespace eventd::storage;

TEST_CASE("fixed numbers are little-endian and big-endian ones sort by value",
          "[storage][bytes]") {
  std::string out;
  put_fixed(out, uint32_t{0x01020304});
  put_big_endian(out, uint32_t{0x01020304});
  CHECK(out == std::string{"\x04\x03\x02\x01\x01\x02\x03\x04", 8});
  byte_reader in{out};
  CHECK(in.fixed<uint32_t>() == 0x01020304);
  CHECK(in.big_endian<uint32_t>() == 0x01020304);
  CHECK(in.at_end());
}

TEST_CASE("a varint of any length comes back", "[storage][bytes]") {
  for (unsigned bit = 0; bit < 64; ++bit)
    for (auto x :
         {uint64_t{1} << bit, (uint64_t{1} << bit) - 1, ~uint64_t{0} >> bit}) {
      std::string out;
      put_varint(out, x);
      CHECK(out.size() <= 10);
      byte_reader in{out};
      CHECK(in.varint() == x);
      CHECK(in.at_end());
    }
}

TEST_CASE("a varint that does not end in ten bytes is refused",
          "[storage][bytes]") {
  std::string out(11, '\x80');
  byte_reader in{out};
  CHECK(in.varint() == 0);
  CHECK_FALSE(in.ok());
}

TEST_CASE("a string comes back, and one longer than what is left is refused",
          "[storage][bytes]") {
  std::string out;
  put_string(out, "abc");
  put_string(out, "");
  byte_reader in{out};
  CHECK(in.string() == "abc");
  CHECK(in.string().empty());
  CHECK(in.at_end());
  byte_reader cut{std::string_view{out}.substr(0, 3)};
  CHECK(cut.string().empty());
  CHECK_FALSE(cut.ok());
}

TEST_CASE("after a read beyond the end all reads answer nothing",
          "[storage][bytes]") {
  byte_reader in{"\x01\x02\x03"};
  CHECK(in.fixed<uint64_t>() == 0);
  CHECK_FALSE(in.ok());
  CHECK(in.fixed<uint8_t>() == 0);
  CHECK(in.big_endian<uint16_t>() == 0);
  CHECK(in.varint() == 0);
  CHECK(in.string().empty());
  CHECK_FALSE(in.at_end());
}

TEST_CASE("a length near the largest number does not wrap round",
          "[storage][bytes]") {
  std::string out;
  put_varint(out, std::numeric_limits<uint64_t>::max());
  out += "abc";
  byte_reader in{out};
  CHECK(in.string().empty());
  CHECK_FALSE(in.ok());
}
