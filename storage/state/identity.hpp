// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/model/error.hpp"
#include "storage/raft/configuration.hpp"
#include "storage/rocks/database.hpp"

namespace eventd::limits {

/// Starts of a data directory that it remembers and tells the other nodes.
/// Past it: a copy of the directory that was started more often than this,
/// where no other node could see it, is not told from the original.
inline constexpr size_t boots_remembered_max = 64;

} // namespace eventd::limits

/// Whose data directory it is, and how often it was started.
namespace eventd::storage {

struct identity {
  uint64_t server = 0;    ///< Raft server id: the node and this directory.
  std::string cluster_id; ///< Empty: belongs to no cluster yet.
  /// Starts of the directory, this one included. A copy that is put back has a
  /// smaller one than its peers have seen.
  uint64_t boot_counter = 0;
  uint64_t boot_id = 0; ///< Random, of this start; kept in `boots` only.
  /// Ids of its last starts, newest first; `limits::boots_remembered_max` at
  /// most. Two copies of a directory have others from where they parted. Fewer
  /// than `boot_counter` where it was begun before they were remembered.
  std::vector<uint64_t> boots;
  /// Whom the cluster began with; empty where this node joined it later.
  std::vector<raft_server> founders;
  bool bootstrapped = false; ///< The shards have their first rows.
  /// Its peers have seen a later state of the directory: it may not vote, and
  /// the node begins anew at its next start.
  bool abandoned = false;
  /// It takes the place of one that was damaged: it may join a cluster, and
  /// never found one.
  bool join_only = false;
};

/// What the directory holds. `server` 0: it is new. One that began before
/// clusters has a server id and no more.
/// @errors `ec::corrupt_record`, `ec::format_too_new`
result<identity> load_identity(const database& db);

/// Counts a start with this random id, in memory only. With 4 starts counted
/// and boots [44, 33] a start with the id 55 makes them 5 and [55, 44, 33].
void count_start(identity& x, uint64_t boot_id);

/// Durable when it returns. Blocking. @errors those of `database::write`
result<void> store_identity(database& db, const identity& x);

/// Makes the rows of all shards with these servers, and marks `x` as
/// bootstrapped, in one synced write. Without servers the shards wait for a
/// leader that takes this one into its group.
/// @errors `ec::io_error`, `ec::raft_failed`
result<void> bootstrap_shards(database& db, identity& x,
                              const std::vector<raft_server>& servers);

/// Gives up all that is in the directory and makes it a new one of `server`, in
/// one synced write. Blocking. @errors those of `database::write`
result<identity> begin_anew(database& db, uint64_t server);

/// The newest start of another server's directory that this node has seen.
struct peer_boot {
  uint64_t counter = 0;
  uint64_t id = 0;
};

/// Whether the directory that says it is at its start `counter`, and that its
/// last starts were `boots` (newest first, this one included; none where it
/// does not tell), is the one that was seen at `known`, or came from it. Seen
/// at start 5 with the id 55: a start 7 with boots [77, 66, 55] is; [77, 66,
/// 56] is a copy that was started more often, and start 4 an older state. What
/// is not remembered is believed.
bool comes_after(const peer_boot& known, uint64_t counter, uint64_t boot_id,
                 const std::vector<uint64_t>& boots);

result<peer_boot> load_peer_boot(const database& db, uint64_t server);
result<void> store_peer_boot(database& db, uint64_t server, const peer_boot& x);

} // namespace eventd::storage
