// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string_view>

namespace eventd::runtime::cloudevents {

/// A parsed `type/subtype; charset=…`. Views into the text.
struct media_type {
  std::string_view type;
  std::string_view subtype;
  std::string_view charset; ///< Without quotes; empty where not given.
};

/// Reads a media type (RFC 2046, RFC 7231 section 3.1.1.1).
/// @returns none where `text` is not one, or is not printable ASCII.
std::optional<media_type> parse_media_type(std::string_view text);

/// True for a Content-Type that is taken for a content mode, whatever else a
/// message says: it begins with `application/cloudevents`. HTTP binding 3.
bool names_mode(std::string_view content_type);

/// True for `*/json` and `*/*+json`. CloudEvents JSON format 3.1.1.
bool is_json(const media_type& x);

/// True where the bytes are text that JSON can hold as a string: `text/*`,
/// `*/xml` and `*/*+xml`, in UTF-8 or ASCII.
bool is_text(const media_type& x);

/// True where no charset is given, or UTF-8.
bool is_utf8_charset(const media_type& x);

} // namespace eventd::runtime::cloudevents
