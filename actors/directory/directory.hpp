// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/protocol/interfaces.hpp"

namespace eventd::actors {

/// Knows which actor owns which "namespace/name", and tells its watchers.
struct directory_state {
  static constexpr const char* name = "eventd.directory";

  directory_state() = default;

  std::map<std::string, channel_actor> routes;
  std::vector<route_watcher_actor> watchers; ///< A handful: one per gateway.
};

/// Never blocks. `watchers` are told from the start. (A function that takes
/// nothing but `self` can not be spawned with `_GLIBCXX_ASSERTIONS`: CAF 0.17
/// then dereferences an empty pointer to its arguments.)
directory_actor::behavior_type
directory(directory_actor::stateful_pointer<directory_state> self,
          std::vector<route_watcher_actor> watchers);

} // namespace eventd::actors
