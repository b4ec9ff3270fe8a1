// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/model/error.hpp"

namespace eventd::limits {

/// Whom a cluster began with. Past it: the hello is refused.
inline constexpr size_t hello_founders_max = 64;

/// One text of a hello, and a refusal. Past it: a hello is refused, a refusal
/// is cut.
inline constexpr size_t hello_text_bytes_max = 512;

} // namespace eventd::limits

namespace eventd::runtime {

/// Versions of the protocol between nodes that this eventd speaks. Their values
/// are in the source, so that a newer node for tests differs in that one only.
extern const uint32_t protocol_version_min;
extern const uint32_t protocol_version_max;

/// What a node says of itself before anything else.
struct hello {
  struct founder {
    uint64_t server = 0;
    std::string address;

    friend bool operator==(const founder&, const founder&) = default;
  };

  uint32_t version_min = protocol_version_min;
  uint32_t version_max = protocol_version_max;
  std::string cluster_id;    ///< Empty: none yet.
  uint64_t node = 0;         ///< --node-id. Never 0 in a hello that is sent.
  uint64_t server = 0;       ///< Raft server id: node and incarnation.
  uint64_t boot_counter = 0; ///< Starts of this data directory.
  uint64_t boot_id = 0;      ///< Random; another one at each start.
  bool empty = false;        ///< It has no data yet.
  std::string address;       ///< Its --cluster-listen, HOST:PORT.
  std::vector<founder> founders; ///< Whom the cluster began with.
  std::string eventd_version;
  /// Ids of the directory's last starts, newest first; empty: it tells none.
  std::vector<uint64_t> boots;
  /// Its data was damaged and set aside: it waits to join, and founds nothing.
  bool join_only = false;
  uint32_t shards = 0; ///< Of its data directory; 0: it does not tell.

  friend bool operator==(const hello&, const hello&) = default;
};

/// [4 magic "evdh"][4 version min][4 version max][8 node][8 server]
/// [8 boot counter][8 boot id][1 empty], LE, then as varint and bytes: cluster
/// id, address, eventd version; varint count of founders, each [8 server] and
/// address; then varint count of boots, each [8 id]; [1 flags: 1 it only
/// joins]; [4 shards]. A hello may end before the boots, the flags or the
/// shards. A newer version appends fields and changes none of these.
/// @pre the bounds that `decode_hello` checks
std::string encode(const hello& x);

/// Reads a hello; what follows the fields known here is passed over.
/// @errors `ec::invalid_request`: not a hello; node 0; version 0 or a minimum
/// beyond the maximum; a text too long or with bytes that a log line must not
/// have; too many founders or boots
result<hello> decode_hello(std::string_view bytes);

/// The version that two nodes speak: the smaller of their largest. Ranges
/// 1 to 3 and 2 to 5 agree on 3; 1 to 1 and 2 to 3 do not agree.
/// @errors `ec::format_too_new`: they have none in common
result<uint32_t> agree_on_version(const hello& own, const hello& theirs);

/// A shard is a Raft group of all nodes: all have the same number of them.
/// @errors `ec::invalid_config`, naming both numbers
result<void> agree_on_shards(const hello& own, const hello& theirs);

/// What the acceptor answers to a hello.
struct hello_answer {
  std::optional<hello> accepted; ///< The acceptor's own hello.
  std::string refusal;           ///< Why not, where it is not accepted.
};

/// [1 accepted][hello], or [0][refusal].
std::string encode(const hello_answer& x);

/// @errors `ec::invalid_request`
result<hello_answer> decode_hello_answer(std::string_view bytes);

/// `text` for a log line: bytes that are not printable ASCII become '?', and
/// what is beyond `limits::hello_text_bytes_max` is cut.
std::string printable(std::string_view text);

} // namespace eventd::runtime
