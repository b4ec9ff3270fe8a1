// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "runtime/gateway/bridge.hpp"
#include "runtime/gateway/wiring.hpp"

namespace eventd::runtime {

/// Where a channel's requests go.
struct channel_route {
  actors::channel_actor channel;
  std::shared_ptr<channel_publishes> counts;
};

/// Channel names and their actors, as DIRECTORY told one I/O context. A name
/// that is not there is asked for once more: a channel just created may be on
/// its way. Threads: the I/O thread.
class route_table {
public:
  explicit route_table(gateway_shared& shared) : shared_(shared) {}

  void set(const std::string& key, const actors::channel_actor& channel);
  void erase(const std::string& key);

  /// The route of "namespace/name" if it is known here; null if not.
  const channel_route* known(std::string_view key) const;

  /// The same, asking DIRECTORY where it is not known.
  /// @errors `ec::not_found`
  task<result<channel_route>> find(bridge& asks, std::string_view key);

private:
  struct text_hash {
    using is_transparent = void;
    size_t operator()(std::string_view x) const {
      return std::hash<std::string_view>{}(x);
    }
  };

  gateway_shared& shared_;
  std::unordered_map<std::string, channel_route, text_hash, std::equal_to<>>
    routes_;
};

} // namespace eventd::runtime
