// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cloudevents/cloudevents.hpp"
#include "runtime/config/gateway_limits.hpp"
#include "storage/model/error.hpp"

namespace eventd::runtime {

/// A request's header as the parser understood it.
struct request_header {
  std::string_view method;
  std::string_view target;
  unsigned version = 11; ///< 10 or 11.
  std::span<const cloudevents::field> fields;
  size_t bytes = 0;    ///< Of the whole header, with its line ends.
  bool folded = false; ///< A field went on in a second line (obs-fold).
};

enum class body_framing : uint8_t { none, length, chunked };

/// What may pass, and how its body ends.
struct framing {
  body_framing kind = body_framing::none;
  uint64_t content_length = 0; ///< Where `kind` is `length`.
  bool expects_continue = false;
  bool close = false;      ///< The client ends the connection after this.
  std::string_view host;   ///< Without checks of the name itself.
  std::string_view target; ///< Origin form: "/path?query", or "*".
};

/// Decides, before a body byte is read, whether a request may pass. It refuses
/// what Boost.Beast lets through and two servers could frame differently
/// (contract/security.md section 1). Pure. After a refusal the connection must
/// be closed: where the next request begins is not known.
/// @errors `ec::invalid_request`, `ec::payload_too_large` (header too large),
///   `ec::unsupported_media` (any Content-Encoding); `field` names the header.
result<framing> framing_guard(const request_header& header,
                              const header_bounds& bounds = {});

/// `a` and `b` are equal but for the case of ASCII letters.
bool iequals(std::string_view a, std::string_view b);

/// The value of the first field of this name, or empty.
std::string_view find_field(std::span<const cloudevents::field> fields,
                            std::string_view name);

} // namespace eventd::runtime
