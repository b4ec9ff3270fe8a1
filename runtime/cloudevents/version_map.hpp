// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/model/event.hpp"

/// What the versions of CloudEvents call the same thing. Inside eventd each
/// attribute has its 1.0 name; on the wire the name of the event's version:
///
/// - 0.3 says schemaurl for dataschema;
/// - 0.2 says schemaurl, and contenttype for datacontenttype;
/// - 0.1 in JSON says eventID, eventType, eventTime, eventTypeVersion,
///   schemaURL and contentType, and has extensions in an object of that name;
/// - 0.1 in headers says CE-EventID and so on, and CE-X-name for an extension.
namespace eventd::runtime::cloudevents {

/// The version that `specversion` or `cloudEventsVersion` names.
std::optional<spec_version> version_named(std::string_view text);

/// The JSON member that holds the version.
std::string_view version_member(spec_version version);

/// The HTTP header that holds the version.
std::string_view version_header(spec_version version);

/// The 1.0 name of a JSON member; itself where the version has no other.
std::string_view from_json_name(spec_version version, std::string_view name);

/// The JSON member for a 1.0 name, the opposite of `from_json_name`.
std::string_view to_json_name(spec_version version, std::string_view name);

/// The 1.0 name of a header, of which `name` is what follows `ce-`.
/// @pre `name` has no upper-case letter
std::string_view from_header_name(spec_version version, std::string_view name);

/// The whole header name for a 1.0 name, the opposite of `from_header_name`.
std::string to_header_name(spec_version version, std::string_view name);

/// True where the 0.1 JSON format puts the attribute into `extensions`.
bool is_v0_1_extension(std::string_view name);

} // namespace eventd::runtime::cloudevents
