// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <string_view>

#include "storage/model/event.hpp"

/// What CloudEvents demands of an attribute. All functions are pure.
namespace eventd::runtime::cloudevents {

/// What is wrong with the 1.0 name of an attribute, as the end of a sentence;
/// null where nothing is. From 0.3 on a name is `[a-z0-9]+`; before, `-` and
/// `_` were in use and are let through.
const char* name_problem(spec_version version, std::string_view name);

/// What is wrong with an attribute's value, as the end of a sentence; null
/// where nothing is. Sources: CloudEvents spec 1.0.2, "Type System",
/// "REQUIRED Attributes" and "OPTIONAL Attributes"; before 0.3 only what all
/// versions have in common is demanded of `source` and `dataschema`, and
/// `dataschema` must be absolute in 1.0 alone.
/// @pre `x.value` is UTF-8
const char* value_problem(spec_version version, const attribute_view& x);

/// True for names that only the server sets, and for those of versions before
/// 0.3 that reads, which leave out `-` and `_`, would show as one of them.
/// @pre lower case
constexpr bool is_reserved(std::string_view name) {
  constexpr std::string_view prefix = "eventd";
  size_t n = 0;
  for (auto c : name) {
    if (c == '-' || c == '_')
      continue;
    if (c != prefix[n])
      return false;
    if (++n == prefix.size())
      return true;
  }
  return false;
}

/// True for the 1.0 names of the attributes that CloudEvents itself names, but
/// for the version.
bool is_named(std::string_view name);

/// RFC 3339 section 5.6, with a leap second and lower-case `t` and `z`.
bool is_timestamp(std::string_view x);

/// A URI reference that is not empty, by RFC 3986: allowed characters,
/// complete percent escapes, at most one `#`, no colon in the first segment
/// of a relative path.
bool is_uri_reference(std::string_view x);

/// A URI reference with a scheme.
bool is_absolute_uri(std::string_view x);

} // namespace eventd::runtime::cloudevents
