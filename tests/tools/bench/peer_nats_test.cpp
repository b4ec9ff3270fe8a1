// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/peer_nats.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace eventd;
using namespace eventd::bench;

namespace {

nats_dialect dialect() {
  return nats_dialect{"bench", "_INBOX.1"};
}

} // namespace

TEST_CASE("a message of NATS is read once it is whole", "[bench][nats]") {
  // NATS 2.9 writes two spaces where there is no reply subject.
  const std::string text = "MSG a.b 7  5\r\nhe\r\no\r\n";
  for (size_t n = 0; n < text.size(); ++n) {
    auto part = std::string_view{text}.substr(0, n);
    auto early = parse_nats(part);
    REQUIRE(early.has_value());
    CHECK_FALSE(early->has_value());
    CHECK(part.size() == n);
  }
  auto more = text + "PING\r\n";
  std::string_view input = more;
  auto message = parse_nats(input).value().value();
  CHECK(message.verb == "MSG");
  CHECK(message.subject == "a.b");
  CHECK(message.sid == "7");
  CHECK(message.payload == "he\r\no");
  CHECK(input == "PING\r\n");
}

TEST_CASE("a message of NATS may have a reply subject and headers",
          "[bench][nats]") {
  std::string_view input = "MSG a 1 $JS.ACK.x 2\r\nhi\r\n"
                           "HMSG a 1 r 12 14\r\nNATS/1.0\r\n\r\nhi\r\n";
  CHECK(parse_nats(input).value().value().payload == "hi");
  auto message = parse_nats(input).value().value();
  CHECK(message.headers == "NATS/1.0\r\n\r\n");
  CHECK(message.payload == "hi");
  CHECK(input.empty());
}

TEST_CASE("a message of NATS without its sizes is refused", "[bench][nats]") {
  for (std::string_view wrong :
       {"MSG a 1 x\r\n", "MSG\r\n", "HMSG a 1 9 3\r\n", "HMSG a 3\r\n"})
    CHECK(parse_nats(wrong).error() == ec::io_error);
}

TEST_CASE("NATS is asked for a stream and a consumer of ours",
          "[bench][nats]") {
  auto nats = dialect();
  CHECK(nats.hello().ends_with("\r\nSUB _INBOX.1.* 1\r\n"
                               "SUB _INBOX.1.pushed.events 2\r\nPING\r\n"));
  std::string out;
  nats.append_publish(out, "hello");
  CHECK(out == "PUB bench _INBOX.1.stored 5\r\nhello\r\n");
  auto prepare = nats.prepare();
  CHECK(prepare.starts_with(
    "PUB $JS.API.STREAM.DELETE.bench _INBOX.1.dropped 0\r\n\r\n"
    "PUB $JS.API.STREAM.CREATE.bench _INBOX.1.done "));
  CHECK(prepare.find(R"("storage":"file")") != prepare.npos);
  auto follow = nats.follow();
  CHECK(follow.find(R"("deliver_subject":"_INBOX.1.pushed.events")")
        != follow.npos);
}

TEST_CASE("answers of NATS are counted by what they answer", "[bench][nats]") {
  auto nats = dialect();
  auto news = nats.take("INFO {}\r\nPONG\r\nPING\r\n"
                        "MSG _INBOX.1.dropped 1  11\r\n{\"error\":1}\r\n"
                        "MSG _INBOX.1.done 1  2\r\n{}\r\n"
                        "MSG _INBOX.1.stored 1  9\r\n{\"seq\":1}\r\n"
                        "MSG bench 2 $JS.ACK.x 2\r\nab\r\nMSG ben");
  REQUIRE(news.has_value());
  CHECK(news->ready == 2);
  CHECK(news->stored == 1);
  CHECK(news->reply == "PONG\r\n");
  CHECK(news->events == std::vector<std::string_view>{"ab"});
  auto rest = nats.take("ch 2 $JS.ACK.y 1\r\nc\r\n");
  REQUIRE(rest.has_value());
  CHECK(rest->events == std::vector<std::string_view>{"c"});
}

TEST_CASE("what NATS refuses is told in its words", "[bench][nats]") {
  for (std::string_view wrong :
       {"-ERR 'Unknown Protocol Operation'\r\n",
        "MSG _INBOX.1.stored 1  12\r\n{\"error\":{}}\r\n",
        "HMSG _INBOX.1.stored 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n"}) {
    auto refused = dialect().take(wrong);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error() == ec::io_error);
    CHECK(refused.error().detail.starts_with("nats: "));
  }
}
