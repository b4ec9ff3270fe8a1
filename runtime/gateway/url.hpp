// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/model/error.hpp"

namespace eventd::runtime {

/// Where a request goes.
struct http_url {
  std::string host; ///< Name or address; IPv6 without brackets.
  uint16_t port = 80;
  std::string authority; ///< For the Host header, as it stood in the URL.
  std::string target;    ///< Path and query, at least "/".

  /// Connections of this key lead to the same server: "host:port".
  std::string key() const { return host + ':' + std::to_string(port); }
};

/// Takes "http://host:8080/path?query" apart. A fragment and user names are
/// refused, and every character that could become a second line. Pure.
/// @errors `ec::invalid_request`; `https` is refused with its own words
result<http_url> parse_http_url(std::string_view text);

} // namespace eventd::runtime
