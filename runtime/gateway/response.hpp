// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace eventd::runtime {

/// Writes HTTP/1.1 heads into a buffer that is reused: the hot path answers
/// without an allocation. All pure.

/// Starts a head: status line and `Date`.
/// @param date as `to_http_date` makes it; empty: left out
void begin_response(std::string& out, unsigned status, std::string_view date);

/// Adds a field. One whose value holds a control character or whose name is
/// not a token is left out, because it could become a second line.
/// @returns whether it was added
bool add_header(std::string& out, std::string_view name,
                std::string_view value);

/// The same for a number.
void add_header(std::string& out, std::string_view name, uint64_t value);

/// Ends the head of an answer with a known body and adds the body.
/// @param keep_alive false adds `Connection: close`
/// @param head_only the request was HEAD: the length stands, the body not
void end_response(std::string& out, std::string_view body, bool keep_alive,
                  bool head_only = false);

/// A chunk of a chunked body. An empty one would end the body and is left out.
void append_chunk(std::string& out, std::string_view bytes);

/// Text that can stand in a field value: no control character but a tab.
bool is_safe_value(std::string_view text);

/// A field name of RFC 9110: letters, digits and some marks.
bool is_token(std::string_view text);

} // namespace eventd::runtime
