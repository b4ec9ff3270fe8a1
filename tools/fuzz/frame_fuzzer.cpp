// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "runtime/cluster/frame.hpp"
#include "runtime/cluster/hello.hpp"

using namespace eventd::runtime;

namespace {

void require(bool x) {
  if (!x)
    std::abort();
}

/// What decodes encodes to something that decodes to the same.
void check_hello(std::string_view bytes) {
  if (auto x = decode_hello(bytes)) {
    auto again = decode_hello(encode(*x));
    require(again && *again == *x);
  }
  if (auto x = decode_hello_answer(bytes)) {
    auto again = decode_hello_answer(encode(*x));
    require(again && again->accepted == x->accepted
            && again->refusal == x->refusal);
  }
}

/// What a reader made of some bytes.
struct reading {
  std::string messages;
  bool failed = false;

  friend bool operator==(const reading&, const reading&) = default;
};

/// Reads `bytes` in pieces, behind a hello so that all kinds may come.
reading read(std::string_view bytes, size_t piece_bytes, bool greeted) {
  frame_reader reader;
  reading out;
  auto feed = [&](std::string_view piece) {
    while (!piece.empty() && !out.failed) {
      auto before = piece.size();
      auto next = reader.next(piece);
      out.failed = !next;
      require(out.failed || piece.size() < before);
      if (next && *next) {
        out.messages += static_cast<char>((*next)->what);
        out.messages += std::to_string((*next)->bytes.size()) + ':';
        out.messages += (*next)->bytes;
        if ((*next)->what == link_message::kind::hello)
          check_hello((*next)->bytes);
      }
    }
  };
  if (greeted)
    feed(encode_frame(frame_hello, "x"));
  for (size_t begin = 0; begin < bytes.size(); begin += piece_bytes)
    feed(bytes.substr(begin, piece_bytes));
  return out;
}

/// Frames with a right checksum, of flags and lengths that the input chooses:
/// chance alone hardly finds a checksum.
std::string sealed(std::string_view bytes) {
  std::string out;
  while (bytes.size() > 2) {
    auto flags = static_cast<uint8_t>(bytes[0]);
    auto size
      = std::min<size_t>(static_cast<uint8_t>(bytes[1]), bytes.size() - 2);
    out += encode_frame(flags, bytes.substr(2, size));
    bytes.remove_prefix(2 + size);
  }
  return out;
}

} // namespace

/// Called by libFuzzer with each input: no bytes crash the decoders, and where
/// the pieces are cut changes nothing.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  check_hello(bytes);
  for (bool greeted : {false, true}) {
    require(read(bytes, size + 1, greeted) == read(bytes, 7, greeted));
    auto frames = sealed(bytes);
    require(read(frames, frames.size() + 1, greeted)
            == read(frames, 7, greeted));
  }
  return 0;
}
