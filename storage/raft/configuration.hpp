// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/model/error.hpp"

namespace eventd::storage {

/// What a server does in its group. Values are libraft's.
enum class raft_server_role : uint8_t {
  standby = 0, ///< Gets the log, does not vote.
  voter = 1,
  spare = 2, ///< Only known.
};

struct raft_server {
  uint64_t id = 0; ///< Never 0, and never used again for another disk.
  std::string address;
  raft_server_role role = raft_server_role::voter;
  friend bool operator==(const raft_server&, const raft_server&) = default;
};

/// The servers of a group, in libraft's encoding, which is what a change of the
/// configuration holds as its payload.
/// @errors `ec::raft_failed`: an id or address is there twice, or an id is 0
result<std::string>
encode_configuration(const std::vector<raft_server>& servers);

/// @errors `ec::corrupt_record`
result<std::vector<raft_server>>
decode_configuration(std::string_view configuration);

} // namespace eventd::storage
