// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "actors/resource/document.hpp"

/// Where events go: Knative's Destination. events.md 2.3. Pure; never blocks.
namespace eventd::actors {

/// Knative's KReference.
struct reference {
  std::string api_version;
  std::string kind;
  std::string namespace_name;
  std::string name;

  /// Is it a `messaging.knative.dev/v1` Channel, a log of ours?
  bool is_channel() const;
};

/// A Destination as the manifest has it, checked.
struct destination {
  std::optional<reference> ref;
  std::string uri; ///< Absolute without `ref`, relative with it; or empty.
  bool audience = false; ///< An OIDC token is asked for.
};

/// A URI to send to; or why there is none yet.
struct resolution {
  std::string uri;
  std::string reason;  ///< CamelCase; empty: resolved.
  std::string message; ///< One sentence that names the reference or URI.

  bool ok() const { return reason.empty(); }
};

/// Says whether a channel of this name exists in the namespace of the asker.
using channel_exists = std::function<bool(std::string_view name)>;

/// Reads a KReference. The namespace defaults to `own_namespace` and can be no
/// other.
reference read_reference(strict_reader fields, std::string_view own_namespace);

/// Reads a Destination: `ref`, `uri` or both. Knative's rules: a URI alone is
/// absolute with a host; beside a reference it is relative.
destination read_destination(strict_reader fields,
                             std::string_view own_namespace);

/// Where the destination leads now. A relative URI is resolved against the
/// channel's address: {ref: orders, uri: "/audit"} is
/// "http://orders-kn-channel.default.svc.cluster.local/audit".
resolution resolve(const destination& to, const channel_exists& exists);

/// Can a host of this name be called? No space and no control character may be
/// in `decoded`, which is without the percent escapes that can hide them.
bool is_host_name(std::string_view decoded);

/// Address of a channel, as Knative publishes it.
std::string channel_url(std::string_view namespace_name, std::string_view name);

} // namespace eventd::actors
