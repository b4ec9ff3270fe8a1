// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "actors/protocol/messages.hpp"
#include "actors/resource/document.hpp"
#include "actors/resource/kind.hpp"

/// What a request makes of a stored document. Kubernetes API conventions.
/// Pure: time, chance and the stored document come in as arguments.
namespace eventd::actors {

/// A request's manifest with its name and namespace filled in.
struct prepared {
  std::string namespace_name;
  std::string name;
  json::object given; ///< Empty for a removal.
};

/// Reads the body of a request; namespace and name of body and URL must agree.
/// `uid` seeds the end of a `generateName`.
/// @errors `ec::invalid_request`: not JSON; `ec::invalid_resource`
result<prepared> prepare(const resource_request& request, std::string_view uid);

/// The document that is stored, and where it stands.
struct stored_document {
  const json::object* document = nullptr; ///< Null: there is none.
  uint64_t version = 0;                   ///< Its resourceVersion.
};

enum class edit_action : uint8_t {
  none,   ///< Nothing changes, nothing is written.
  put,    ///< Write `document`.
  remove, ///< Write `document`, which is marked as deleted; then end it.
};

struct edit {
  edit_action action = edit_action::none;
  json::object document;
  bool created = false;
};

/// What happens to `current`. An `apply` of what is stored already changes
/// nothing; `generation` counts changes of the spec and of our annotations.
/// An `apply` leaves `eventd.dev/paused` alone if it does not name it, because
/// that is set by `pause` and not by manifests.
/// @errors `ec::not_found`, `ec::already_exists`, `ec::conflict`,
///   `ec::invalid_resource`, `ec::immutable_field`
result<edit> plan(const resource_kind& kind, resource_verb verb,
                  const prepared& wanted, const stored_document& current,
                  std::string_view uid, int64_t now_ms);

/// Sets or clears `eventd.dev/paused`.
/// @errors `ec::not_found`, `ec::conflict`: it is being deleted
result<edit> plan_pause(std::string_view namespace_name, std::string_view name,
                        bool paused, const stored_document& current);

/// Is it marked as deleted?
bool is_deleting(const json::object& document);

/// `metadata.generation`; at least 1.
uint64_t generation_of(const json::object& document);

} // namespace eventd::actors
