// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/message_parser.hpp"

#include <string>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::runtime;

namespace {

constexpr const char* request_head
  = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr const char* answer_head
  = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

struct chunked_body {
  std::string bytes;
  std::string content;
};

/// Each ends the message, with the fewest bytes that can.
const std::vector<chunked_body> bodies{
  {"0\r\n\r\n", ""},
  {"000\r\n\r\n", ""},
  {"0;a=b\r\n\r\n", ""},
  {"0\r\nX-A: b\r\n\r\n", ""},
  {"1\r\na\r\n0\r\n\r\n", "a"},
  {"3\r\nabc\r\n0\r\n\r\n", "abc"},
};

/// Gives the parser one piece after the other, each time with what it did not
/// use of those before. @returns what it left in the end
template <bool IsRequest>
std::string feed(message_parser<IsRequest>& parser,
                 const std::vector<std::string>& pieces) {
  std::string unread;
  for (const auto& piece : pieces) {
    unread += piece;
    boost::system::error_code failed;
    for (size_t used = 1; used > 0 && !unread.empty() && !parser.is_done();) {
      used = parser.put(boost::asio::buffer(unread), failed);
      unread.erase(0, used);
      if (failed)
        break;
    }
    REQUIRE((!failed || failed == http::error::need_more));
  }
  return unread;
}

/// Cuts each body in three in all ways. An eager parser goes on by itself, as
/// the client's does.
template <bool IsRequest>
void check_cuts(const std::string& head, bool is_eager) {
  for (const auto& [bytes, content] : bodies)
    for (size_t first = 0; first <= bytes.size(); ++first)
      for (size_t second = first; second <= bytes.size(); ++second) {
        INFO(bytes << " cut at " << first << " and " << second);
        message heard;
        message_parser<IsRequest> parser{heard, 100};
        parser.eager(is_eager);
        auto left = feed(parser, {head + bytes.substr(0, first),
                                  bytes.substr(first, second - first),
                                  bytes.substr(second)});
        CHECK(parser.is_done());
        CHECK(left.empty());
        CHECK(heard.body() == content);
      }
}

} // namespace

TEST_CASE("a chunked body is read to its end, wherever it is cut",
          "[gateway][message_parser]") {
  for (auto is_eager : {false, true}) {
    check_cuts<true>(request_head, is_eager);
    check_cuts<false>(answer_head, is_eager);
  }
}

TEST_CASE("the end of a chunked body waits until it can be whole",
          "[gateway][message_parser]") {
  message heard;
  message_parser<true> parser{heard, 100};
  parser.eager(true);
  std::string text = request_head;
  boost::system::error_code failed;
  REQUIRE(parser.put(boost::asio::buffer(text), failed) == text.size());
  for (const char* part : {"0", "0\r", "0\r\n", "0\r\n\r"}) {
    std::string bytes = part;
    CHECK(parser.put(boost::asio::buffer(bytes), failed) == 0);
    CHECK(failed == http::error::need_more);
    CHECK_FALSE(parser.is_done());
  }
  text = "0\r\n\r\nGET";
  CHECK(parser.put(boost::asio::buffer(text), failed) == 5);
  CHECK_FALSE(failed);
  CHECK(parser.is_done());
}
