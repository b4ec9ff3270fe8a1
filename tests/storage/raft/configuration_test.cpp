// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/raft/configuration.hpp"

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/print.hpp"

using namespace eventd;
using namespace eventd::storage;

namespace {

const std::vector<raft_server> three{
  {1, "one:4100"},
  {2, "two:4100", raft_server_role::standby},
  {~uint64_t{0}, "three:4100", raft_server_role::spare}};

} // namespace

TEST_CASE("a configuration comes back with ids, addresses and roles",
          "[storage][raft]") {
  auto bytes = encode_configuration(three);
  REQUIRE(bytes);
  auto back = decode_configuration(*bytes);
  REQUIRE(back);
  CHECK(*back == three);
}

TEST_CASE("a configuration names a server once, and never server 0",
          "[storage][raft]") {
  CHECK_FALSE(encode_configuration({{1, "a"}, {1, "b"}}));
  CHECK_FALSE(encode_configuration({{1, "a"}, {2, "a"}}));
  auto zero = encode_configuration({{0, "a"}});
  REQUIRE_FALSE(zero);
  CHECK(zero.error().detail.find("'a'") != std::string::npos);
}

// libraft's own decoder reads on behind the end.
TEST_CASE("a cut configuration is refused at every length", "[storage][raft]") {
  auto bytes = encode_configuration(three).value();
  // The end is padded with zeros.
  auto used = bytes.find_last_not_of('\0') + 1;
  for (size_t n = 0; n < used; ++n) {
    // A copy without room behind it, so that a sanitizer sees a read too far.
    std::vector<char> exact(bytes.begin(),
                            bytes.begin() + static_cast<ptrdiff_t>(n));
    auto cut = decode_configuration({exact.data(), exact.size()});
    if (cut)
      FAIL("length " << n << " passed");
    CHECK(cut.error() == ec::corrupt_record);
  }
  auto huge = bytes;
  huge[8] = '\x7f';
  CHECK_FALSE(decode_configuration(huge));
}
