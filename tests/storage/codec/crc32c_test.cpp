// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/codec/crc32c.hpp"

#include <random>
#include <string>

#include <catch2/catch_test_macros.hpp>

using eventd::storage::crc32c;
using eventd::storage::crc32c_by_table;

TEST_CASE("CRC32C answers the vectors of RFC 3720", "[storage][crc32c]") {
  std::string rising;
  std::string falling;
  for (int i = 0; i < 32; ++i) {
    rising.push_back(static_cast<char>(i));
    falling.push_back(static_cast<char>(31 - i));
  }
  for (auto* crc : {&crc32c, &crc32c_by_table}) {
    CHECK(crc("", 0) == 0);
    CHECK(crc("123456789", 0) == 0xE3069283);
    CHECK(crc(std::string(32, '\0'), 0) == 0x8A9136AA);
    CHECK(crc(std::string(32, '\xff'), 0) == 0x62A8AB43);
    CHECK(crc(rising, 0) == 0x46DD794E);
    CHECK(crc(falling, 0) == 0x113FDB5C);
  }
}

TEST_CASE("the processor's CRC32C and the table agree at every length and seed",
          "[storage][crc32c]") {
  std::mt19937_64 dice{7};
  std::string bytes(300, '\0');
  for (auto& c : bytes)
    c = static_cast<char>(dice());
  std::string_view all{bytes};
  for (size_t begin = 0; begin < 9; ++begin)
    for (size_t n = 0; n + begin <= all.size(); ++n) {
      auto seed = static_cast<uint32_t>(dice());
      auto part = all.substr(begin, n);
      if (crc32c(part, seed) != crc32c_by_table(part, seed))
        FAIL("begin " << begin << ", " << n << " bytes");
    }
  SUCCEED();
}

TEST_CASE("CRC32C goes on from where it stopped", "[storage][crc32c]") {
  std::string_view all{"a record in two pieces"};
  for (size_t cut = 0; cut <= all.size(); ++cut)
    CHECK(crc32c(all.substr(cut), crc32c(all.substr(0, cut))) == crc32c(all));
}
