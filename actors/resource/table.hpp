// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/protocol/messages.hpp"
#include "actors/resource/delivery.hpp"
#include "actors/resource/document.hpp"
#include "actors/resource/kind.hpp"
#include "actors/resource/status.hpp"

/// All resources of RESOURCES, in memory. Threads: its own.
namespace eventd::actors {

/// One resource: its document, and how far it is carried out. Small, because a
/// node has two of each.
struct record {
  std::string_view key; ///< That it has in its table.
  const resource_kind* kind = nullptr;
  packed_document document; ///< As the log has it; none: it is not.
  bool deleting = false;    ///< The document says so.
  bool in_memory = false;   ///< The same: `eventd.dev/durability`.
  channel_id id;            ///< The same, of a channel.
  incarnation epoch;        ///< The same.
  shard_id shard;           ///< The same.
  /// The same: what its subscriptions inherit; null: nothing.
  std::unique_ptr<const delivery_fields> delivery;
  uint64_t version = 0;  ///< Raft index of the newest write of it.
  uint64_t observed = 0; ///< Generation carried out in this life; 0: none yet.
  std::string problem;   ///< Why the last step failed; empty: it did not.

  bool busy = false;   ///< A call or a reconcile of it is on its way.
  bool stale = false;  ///< Reconcile again when that is over.
  bool unsure = false; ///< A write timed out: what the log has is not known.
  std::list<std::function<void()>> waiting; ///< Calls. Bounded.

  // -- Channel ---
  bool opened = false; ///< Its shard has applied `open_channel`.
  bool usable = false; ///< SUPERVISOR has it open.
  std::optional<channel_settings> applied;
  std::string announced; ///< What those that refer to it were last told.
  std::unique_ptr<channel_status> channel_report;

  // -- Subscription ---
  std::unique_ptr<const subscription_spec> followed; ///< What SUPERVISOR runs.
  bool force = false; ///< Follow again, though the spec is the same.
  std::unique_ptr<subscription_status> report; ///< The newest.
  int grace_ticks = 0; ///< So long a start is not written to the status.
};

/// Records by key, and who refers to which channel.
class resource_table {
public:
  using map_type = std::map<std::string, record, std::less<>>;

  /// The record, which is made without a document if it is not there.
  record& at(const std::string& key);
  record* find(std::string_view key);
  const record* find(std::string_view key) const;
  /// The same, only if it has a document that is not being deleted.
  const record* find_live(std::string_view key) const;

  /// Sets the document and what it refers to.
  void put(const std::string& key, const json::object& document,
           uint64_t version);
  /// Takes the document away.
  void clear(const std::string& key, uint64_t version);
  /// Forgets a record that has no document and nothing to do.
  void forget_idle(const std::string& key);

  /// Keys of the resources that refer to this channel.
  std::vector<std::string> dependents(const std::string& channel_key) const;

  size_t documents() const { return documents_; }
  /// Highest Raft index of any write: the resourceVersion of a list.
  uint64_t version() const { return version_; }
  const map_type& all() const { return records_; }

private:
  void forget_references(const record& x);

  map_type records_;
  std::set<std::pair<std::string, std::string>> references_; ///< Channel, user.
  size_t documents_ = 0;
  uint64_t version_ = 0;
};

// -- what holds now: pure functions of the table
// -------------------------------

/// `document` is that of the record, or the one that it is about to get.
channel_facts facts_of_channel(const resource_table& table, const record& x,
                               const json::object& document);
subscription_facts facts_of_subscription(const resource_table& table,
                                         const record& x,
                                         const json::object& document);

/// The status as it is now; `generation` as in `status_of`.
json::object status_now(const resource_table& table, const record& x,
                        const json::object& document, uint64_t generation,
                        int64_t now_ms);

/// The object as it is shown: with resourceVersion, status and figures.
/// @pre it has a document
json::object shown(const resource_table& table, const record& x,
                   int64_t now_ms);

/// A channel as its actors know it.
/// @pre it has a document
channel_info info_of(const record& x);

} // namespace eventd::actors
