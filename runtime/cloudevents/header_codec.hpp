// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "runtime/cloudevents/text.hpp"
#include "storage/model/event.hpp"

/// Attribute values from and to HTTP header values (CloudEvents HTTP binding
/// 3.1.3.2). Not all SDKs encode, so a value that came in another form than
/// ours keeps its bytes in `attribute_view::raw_header` and leaves with them.
namespace eventd::runtime::cloudevents {

/// Decodes one header value into `value`, `type` and `raw_header` of `x`, whose
/// name must be set. A quoted string is unquoted (before 0.3: read as the JSON
/// string that those versions sent), then one round of percent-decoding is
/// done; a `%` that begins no escape stands for itself. In 0.1 an extension
/// that is a JSON integer or boolean has that type.
///
/// `"Euro%20%E2%82%AC"` gives "Euro €" and needs no raw header;
/// `"\"a b\""` gives "a b" and keeps the raw header.
/// @returns false where the outcome is not UTF-8
bool decode_header(std::string_view raw, spec_version version, arena& memory,
                   attribute_view& x);

/// Appends `value` in canonical encoding: space, quote, `%` and all that is not
/// printable ASCII as `%XX`. The result never holds a control character.
void append_encoded(std::string& out, std::string_view value);

/// The header value for an attribute of an event of this version.
std::string header_value(const attribute_view& x, spec_version version);

} // namespace eventd::runtime::cloudevents
