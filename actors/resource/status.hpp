// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/protocol/messages.hpp"
#include "actors/resource/document.hpp"
#include "actors/resource/subscription_kind.hpp"

/// Status of resources: conditions that are true. events.md 2.2. Pure.
namespace eventd::actors {

enum class condition_status : uint8_t { unknown, yes, no };

/// One condition, without its time.
struct condition {
  std::string type;
  condition_status status = condition_status::unknown;
  std::string reason;  ///< CamelCase; empty where it is true.
  std::string message; ///< One sentence; empty where it is true.
  bool info = false;   ///< Severity Info: does not touch `Ready`.
};

/// What is known of a Channel beyond its manifest.
struct channel_facts {
  uint64_t id = 0;
  uint64_t epoch = 0;
  uint64_t shard = 0;
  bool opened = false; ///< Its shard has applied `open_channel`.
  bool usable = false; ///< SUPERVISOR has it open.
  bool deleting = false;
  std::string problem; ///< Why the last step failed; empty: it did not.
  std::optional<resolution> dead_letter; ///< None: no sink is set.
};

/// What is known of a Subscription beyond its manifest.
struct subscription_facts {
  resolved_subscription found;
  reference channel;
  bool channel_usable = false;
  std::string channel_problem; ///< Why it is not usable.
  bool followed = false;       ///< SUPERVISOR has taken the spec.
  bool deleting = false;
  std::string problem; ///< Why following it failed; empty: it did not.
  std::optional<subscription_status> report; ///< The newest of this spec's uid.
};

/// `Ready` from the conditions it depends on: any that is false makes it
/// false, with its reason; else any that is unknown makes it unknown.
condition ready_of(const std::vector<condition>& dependent);

/// Writes the conditions, `Ready` last. A condition whose status is the same
/// as in `old_status` keeps its lastTransitionTime; the others get `now_ms`.
json::array write_conditions(const std::vector<condition>& all,
                             const json::object& old_status, int64_t now_ms);

/// The status to store. `generation` is the one that was carried out last; 0
/// leaves observedGeneration as it is.
json::object status_of(const channel_facts& facts,
                       std::string_view namespace_name, std::string_view name,
                       const json::object& old_status, uint64_t generation,
                       int64_t now_ms);
json::object status_of(const subscription_facts& facts,
                       const json::object& old_status, uint64_t generation,
                       int64_t now_ms);

/// Adds the live figures that are shown and never stored: `status.eventd`.
void add_figures(json::object& status, const channel_status& report);
void add_figures(json::object& status, const subscription_status& report);

/// What of a report can change a condition, to see cheaply that it did.
struct report_mark {
  bool ready = false;
  bool paused = false;
  std::string paused_reason;

  friend bool operator==(const report_mark&, const report_mark&) = default;
};
report_mark mark_of(const subscription_status& report);

} // namespace eventd::actors
