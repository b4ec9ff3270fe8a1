// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/outbox.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "runtime/cluster/frame.hpp"

using namespace eventd;
using namespace eventd::runtime;
using pushed = outbox::pushed;

namespace {

link_bytes bytes_of(size_t n, char c = 'x') {
  return std::make_shared<const std::string>(n, c);
}

std::string text_of(const frame_batch& batch) {
  std::string out;
  for (const auto& buffer : batch.buffers())
    out.append(static_cast<const char*>(buffer.data()), buffer.size());
  return out;
}

/// Writes all that waits; what a reader makes of it, and the largest write.
struct drained {
  explicit drained(outbox& from) {
    auto greeting = encode_frame(frame_hello);
    std::string_view hello{greeting};
    (void)reader.next(hello);
    frame_batch batch;
    for (; from.gather(batch); batch.clear()) {
      auto text = text_of(batch);
      largest_write = std::max(largest_write, text.size());
      REQUIRE(text.size() == batch.wire_bytes());
      std::string_view rest{text};
      while (!rest.empty()) {
        auto next = reader.next(rest);
        REQUIRE(next.has_value());
        if (*next)
          messages.push_back(std::move((*next)->bytes));
      }
      from.written(batch);
    }
  }

  frame_reader reader;
  std::vector<std::string> messages;
  size_t largest_write = 0;
};

} // namespace

TEST_CASE("messages of all sizes leave in order and in bounded writes",
          "[runtime][outbox]") {
  outbox x{size_t{64} << 20};
  x.open();
  const std::vector<size_t> sizes{1,
                                  0,
                                  4'096,
                                  4'097,
                                  limits::link_frame_bytes_max,
                                  limits::link_frame_bytes_max + 1,
                                  size_t{5} << 20,
                                  3};
  char c = 'a';
  for (auto size : sizes)
    CHECK(x.push(bytes_of(size, c++)) != pushed::refused);
  drained out{x};
  REQUIRE(out.messages.size() == sizes.size());
  for (size_t i = 0; i < sizes.size(); ++i)
    CHECK(out.messages[i] == std::string(sizes[i], static_cast<char>('a' + i)));
  CHECK(x.bytes() == 0);
  CHECK(out.largest_write <= limits::link_write_bytes_max
                               + limits::link_frame_bytes_max
                               + frame_header_bytes);
}

TEST_CASE("an outbox at its bound refuses until something is written",
          "[runtime][outbox]") {
  outbox x{100};
  x.open();
  CHECK(x.push(bytes_of(60)) == pushed::taken);
  CHECK(x.push(bytes_of(41)) == pushed::refused);
  CHECK(x.push(bytes_of(40)) == pushed::taken);
  CHECK(x.bytes() == 100);
  frame_batch batch;
  REQUIRE(x.gather(batch));
  // On its way, it counts.
  CHECK(x.push(bytes_of(1)) == pushed::refused);
  x.written(batch);
  CHECK(x.bytes() == 0);
  CHECK(x.push(bytes_of(1)) == pushed::taken);
  CHECK(x.push(bytes_of(101)) == pushed::refused);
}

TEST_CASE("an outbox bounds messages that have no bytes", "[runtime][outbox]") {
  outbox x{100};
  x.open();
  auto nothing = bytes_of(0);
  for (size_t i = 0; i < limits::link_queue_messages_max; ++i)
    REQUIRE(x.push(nothing) == pushed::taken);
  CHECK(x.push(nothing) == pushed::refused);
}

TEST_CASE("a message that no peer would take is refused", "[runtime][outbox]") {
  outbox x{SIZE_MAX};
  x.open();
  CHECK(x.push(bytes_of(limits::link_message_bytes_max)) == pushed::taken);
  CHECK(x.push(bytes_of(limits::link_message_bytes_max + 1))
        == pushed::refused);
}

TEST_CASE("a closed outbox refuses and forgets", "[runtime][outbox]") {
  outbox x{100};
  CHECK(x.push(bytes_of(1)) == pushed::refused);
  x.open();
  CHECK(x.push(bytes_of(1)) == pushed::taken);
  x.close();
  CHECK(x.bytes() == 0);
  CHECK(x.push(bytes_of(1)) == pushed::refused);
  x.open();
  frame_batch batch;
  CHECK(!x.gather(batch));
}

TEST_CASE("only a writer that sleeps is woken, and once", "[runtime][outbox]") {
  outbox x{100};
  x.open();
  CHECK(x.push(bytes_of(1)) == pushed::taken);
  frame_batch batch;
  REQUIRE(x.gather(batch));
  x.written(batch);
  batch.clear();
  REQUIRE(!x.gather(batch));
  CHECK(x.push(bytes_of(1)) == pushed::wake);
  CHECK(x.push(bytes_of(1)) == pushed::taken);
}

TEST_CASE("a ping goes before what waits, or alone", "[runtime][outbox]") {
  outbox x{100};
  x.open();
  frame_batch batch;
  batch.add_control(frame_ping);
  REQUIRE(x.gather(batch));
  CHECK(text_of(batch) == encode_frame(frame_ping));
  batch.clear();
  CHECK(x.push(std::make_shared<const std::string>("m")) == pushed::taken);
  batch.add_control(frame_ping);
  REQUIRE(x.gather(batch));
  CHECK(text_of(batch) == encode_frame(frame_ping) + encode_frame(0, "m"));
}
