// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/frame.hpp"

#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::runtime;
using kind = link_message::kind;

namespace {

const std::string greeting = encode_frame(frame_hello, "me");

/// Reads all of `bytes` in pieces of this size; stops at a failure.
struct reading {
  reading(std::string_view bytes, size_t piece_bytes = SIZE_MAX) {
    while (!bytes.empty() && !error) {
      auto piece = bytes.substr(0, piece_bytes);
      bytes.remove_prefix(piece.size());
      while (!piece.empty() && !error) {
        auto next = reader.next(piece);
        if (!next)
          error = next.error();
        else if (*next)
          messages.push_back(std::move(**next));
      }
    }
  }

  frame_reader reader;
  std::vector<link_message> messages;
  std::optional<failure> error;
};

std::string header_of(uint32_t size, uint8_t flags) {
  std::string out;
  for (int shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<char>(size >> shift));
  return out + std::string(4, '\0') + static_cast<char>(flags);
}

bool is_refused(const std::string& bytes, std::string_view why) {
  reading x{bytes};
  return x.error && *x.error == ec::invalid_request
         && x.error->detail.find(why) != std::string::npos;
}

} // namespace

TEST_CASE("a frame's bytes are these", "[runtime][frame]") {
  auto x = encode_frame(frame_more, "ab");
  REQUIRE(x.size() == frame_header_bytes + 2);
  CHECK(x.substr(0, 4) == std::string("\2\0\0\0", 4));
  CHECK(x.substr(8) == "\1ab");
  // The checksum is of flags and payload: here of "123456789".
  CHECK(encode_frame('1', "23456789").substr(0, frame_header_bytes)
        == std::string("\x08\0\0\0\x83\x92\x06\xe3"
                       "1",
                       9));
}

TEST_CASE("messages come whole however their bytes are cut",
          "[runtime][frame]") {
  auto bytes = greeting + encode_frame(0, "one") + encode_frame(frame_ping)
               + encode_frame(frame_more, "tw") + encode_frame(frame_pong)
               + encode_frame(0, "o") + encode_frame(0);
  for (size_t size = 1; size <= bytes.size(); ++size) {
    reading x{bytes, size};
    REQUIRE(!x.error);
    REQUIRE(x.messages.size() == 6);
    CHECK(x.messages[0].what == kind::hello);
    CHECK(x.messages[0].bytes == "me");
    CHECK(x.messages[1].bytes == "one");
    CHECK(x.messages[2].what == kind::ping);
    CHECK(x.messages[3].what == kind::pong);
    CHECK(x.messages[4].what == kind::data);
    CHECK(x.messages[4].bytes == "two");
    CHECK(x.messages[5].bytes.empty());
    CHECK(x.reader.at_start());
  }
}

TEST_CASE("a cut frame or message is known as such", "[runtime][frame]") {
  CHECK(reading{""}.reader.at_start());
  CHECK(!reading{greeting.substr(0, 1)}.reader.at_start());
  CHECK(!reading{greeting.substr(0, 10)}.reader.at_start());
  CHECK(reading{greeting}.reader.at_start());
  CHECK(!reading{greeting + encode_frame(frame_more, "x")}.reader.at_start());
}

TEST_CASE("a changed bit anywhere in a frame is noticed", "[runtime][frame]") {
  auto frame = encode_frame(0, "payload");
  for (size_t bit = 0; bit < 8 * frame.size(); ++bit) {
    auto bad = frame;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    reading x{greeting + bad};
    INFO("bit " << bit);
    CHECK(x.messages.size() == 1);
    // A length that grew waits for bytes that do not come.
    CHECK((x.error || !x.reader.at_start()));
  }
}

TEST_CASE("a length is refused from its header alone", "[runtime][frame]") {
  auto hello_max = static_cast<uint32_t>(limits::link_hello_bytes_max);
  auto frame_max = static_cast<uint32_t>(limits::link_frame_bytes_max);
  CHECK(!reading{header_of(hello_max, frame_hello)}.error);
  CHECK(is_refused(header_of(hello_max + 1, frame_hello), "are allowed"));
  CHECK(!reading{greeting + header_of(frame_max, 0)}.error);
  CHECK(is_refused(greeting + header_of(frame_max + 1, 0), "are allowed"));
  CHECK(is_refused(header_of(UINT32_MAX, frame_hello), "4294967295"));
}

TEST_CASE("a message beyond its bound is refused before its last frame",
          "[runtime][frame]") {
  auto frame
    = encode_frame(frame_more, std::string(limits::link_frame_bytes_max, 'x'));
  frame_reader reader;
  std::string_view hello{greeting};
  REQUIRE(reader.next(hello).has_value());
  auto frames = limits::link_message_bytes_max / limits::link_frame_bytes_max;
  for (size_t i = 0; i < frames; ++i) {
    std::string_view bytes{frame};
    REQUIRE(reader.next(bytes).has_value());
  }
  auto one_more = header_of(1, 0);
  std::string_view bytes{one_more};
  auto refused = reader.next(bytes);
  REQUIRE(!refused);
  CHECK(refused.error() == ec::invalid_request);
  // It stays refused.
  std::string_view good{greeting};
  CHECK(!reader.next(good));
}

TEST_CASE("frames that break the rules are refused", "[runtime][frame]") {
  CHECK(is_refused(encode_frame(0, "x"), "not a hello"));
  CHECK(is_refused(encode_frame(frame_ping), "not a hello"));
  CHECK(is_refused(greeting + greeting, "second hello"));
  CHECK(is_refused(encode_frame(frame_hello | frame_more, "x"), "stand alone"));
  CHECK(is_refused(greeting + encode_frame(frame_ping, "x"), "not empty"));
  CHECK(is_refused(greeting + encode_frame(frame_ping | frame_pong), "kinds"));
  CHECK(is_refused(greeting + encode_frame(16, "x"), "not known"));
  CHECK(is_refused(greeting + encode_frame(frame_more), "empty frame"));
  CHECK(is_refused("GET / HTTP/1.1\r\n\r\n", "are allowed"));
}
