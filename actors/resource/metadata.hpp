// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "actors/resource/document.hpp"

/// Names and metadata of resources. Kubernetes API conventions. Pure.
namespace eventd::actors {

/// What a manifest's `metadata` says; fields that only the server writes are
/// accepted and left out, so that what was read can be sent back.
struct metadata {
  std::string name;
  std::string generate_name;    ///< The server ends it, if `name` is empty.
  std::string namespace_name;   ///< Empty: not said.
  std::string uid;              ///< Empty: not said.
  std::string resource_version; ///< Empty: not said.
  json::object labels;
  json::object annotations;
};

/// Reads `metadata`. Owner references and finalizers are refused, because
/// nothing would act on them yet.
metadata read_metadata(strict_reader fields);

/// DNS-1123 label: 1 to 63 of a-z, 0-9 and '-', no '-' at either end.
bool is_label(std::string_view x);
/// DNS-1123 subdomain: labels joined by '.', at most 253 characters.
bool is_subdomain(std::string_view x);

/// Can there be a namespace of this name? First path segments that are routes
/// of ours are taken. design.md section 8.
/// @errors `ec::invalid_resource` at "metadata.namespace"
result<void> check_namespace(std::string_view name);

/// Ends a `generateName` with five characters that follow from `seed`.
std::string generated_name(std::string_view prefix, std::string_view seed);

/// FNV-1a, 64 bits: offset basis 14695981039346656037, prime 1099511628211.
/// The shard of a new channel is this of "namespace/name", modulo the shards;
/// it is stored, so a later change here would move no channel.
uint64_t stable_hash(std::string_view text);

} // namespace eventd::actors
