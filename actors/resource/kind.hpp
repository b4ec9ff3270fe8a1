// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "actors/resource/document.hpp"

/// Which kinds the resource API has. A new kind is a new row.
namespace eventd::actors {

/// What carries a kind's manifests out.
enum class kind_role : uint8_t { channel, subscription };

/// One kind of resource.
struct resource_kind {
  std::string_view group;
  std::string_view version;
  std::string_view name;   ///< "Channel"
  std::string_view plural; ///< "channels"
  kind_role role;
  /// May a name be a DNS subdomain with dots, not only a label? A Channel's
  /// name becomes part of one label of a host name, so it may not.
  bool dotted_names;
  /// May `given` be stored, in place of `current` where that is not null?
  result<void> (*admit)(const json::object& given, const json::object* current);

  /// "messaging.knative.dev/v1"
  std::string api_version() const;
  /// What all keys of the kind begin with: "channels.messaging.knative.dev/".
  std::string key_prefix() const;
  /// Key of one object, as `storage::put_resource` has it.
  std::string key(std::string_view namespace_name, std::string_view name) const;
};

/// All kinds.
std::span<const resource_kind> kinds();

/// The row of a role; there is one of each.
const resource_kind& kind_of(kind_role role);

/// The kind that a URL names.
/// @errors `ec::not_found`; the detail lists what exists
result<const resource_kind*> find_kind(std::string_view group,
                                       std::string_view version,
                                       std::string_view plural);

/// The kind that a stored key belongs to, or null.
const resource_kind* kind_of_key(std::string_view key);

/// Checks all of a manifest: apiVersion and kind against `kind`, metadata,
/// top-level fields, then the kind's own rules. `given` has its namespace and
/// name filled in.
/// @errors `ec::invalid_resource`, `ec::immutable_field` with the field's path
result<void> admit(const resource_kind& kind, const json::object& given,
                   const json::object* current);

} // namespace eventd::actors
