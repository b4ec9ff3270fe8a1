// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "storage/raft/message_codec.hpp"

using namespace eventd::storage;

namespace {

void require(bool x) {
  if (!x)
    std::abort();
}

/// What a driver relies on in any message that was decoded.
void check(const raft_packet& x) {
  const auto& m = x.message;
  require(m.kind >= raft_message_kind::append
          && m.kind <= raft_message_kind::timeout_now);
  require(m.peer == x.from);
  require(m.n_records == m.records.size());
  for (const auto& record : m.records) {
    require(record.type >= entry_type::command
            && record.type <= entry_type::change);
    require(record.payload != nullptr);
  }
}

} // namespace

/// Called by libFuzzer with each input: no bytes crash the decoder, and what
/// decodes encodes to something that decodes to the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto x = decode_raft_packet({reinterpret_cast<const char*>(data), size});
  if (!x)
    return 0;
  check(*x);
  auto bytes = encode(*x);
  // Numbers may have come in more bytes than they need, never in fewer.
  require(bytes.size() <= size);
  auto again = decode_raft_packet(bytes);
  require(again && encode(*again) == bytes);
  for (size_t cut = bytes.size() > 16 ? bytes.size() - 16 : 0;
       cut < bytes.size(); ++cut)
    require(!decode_raft_packet(std::string_view{bytes}.substr(0, cut)));
  return 0;
}
