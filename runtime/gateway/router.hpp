// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/model/error.hpp"

namespace eventd::runtime {

/// What a request asks for.
enum class route_kind : uint8_t {
  publish,   ///< POST to a channel.
  handshake, ///< OPTIONS on a channel.
  read,      ///< GET a channel's events.
  resource,  ///< The resource API.
  subscription_pause,
  subscription_resume,
  subscription_seek,
  cluster, ///< GET tells, POST adds or (with a name) replaces, DELETE removes.
  healthz,
  livez,
  readyz,
  startupz,
  metrics,
  version,
  bad_path,     ///< A publish whose path or host names no channel.
  wrong_method, ///< The route exists; `allow` tells its methods.
  not_found,
};

struct routed {
  route_kind kind = route_kind::not_found;
  /// "namespace/name" in the target, where it is there; of `cluster` a node's
  /// id as it stands there.
  std::string_view name;
  std::string owned_name; ///< The same, where it had to be put together.
  std::string_view query; ///< After the question mark, not decoded.
  std::string_view allow; ///< Methods, for `wrong_method`.

  /// "namespace/name" of the channel or subscription, a node's id; empty for
  /// the others.
  std::string_view key() const {
    return owned_name.empty() ? name : std::string_view{owned_name};
  }
};

/// Turns method, target and host into what is asked for. Pure; looks nothing
/// up: a channel that does not exist is `publish` here.
/// `POST /prod/orders` and `POST /` with the host
/// `orders-kn-channel.prod.svc.cluster.local` both answer `publish` with the
/// key "prod/orders". The result's views live as long as `target`.
/// @pre `target` passed the framing guard
routed route(std::string_view method, std::string_view target,
             std::string_view host);

/// "prod/orders" of `orders-kn-channel.prod.svc.cluster.local` or, as in 2019,
/// `orders-channel.prod.svc.cluster.local`, with or without a port; else none.
std::optional<std::string> channel_of_host(std::string_view host);

/// First path segments that are routes and can never be namespaces.
bool is_reserved_segment(std::string_view segment);

} // namespace eventd::runtime
