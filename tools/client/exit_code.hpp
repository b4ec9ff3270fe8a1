// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "storage/model/error.hpp"

namespace eventd::tools {

/// What every program of `tools/` ends with.
enum class exit_code : int {
  ok = 0,
  error = 1,       ///< It failed for a reason that is none of those below.
  usage = 2,       ///< The command line can not be understood.
  not_found = 3,   ///< No such channel, resource, offset or file.
  refused = 4,     ///< The server understood and said no (4xx).
  unreachable = 5, ///< No server answers at the address.
  partial = 6,     ///< Some of it was done, some failed.
};

/// The exit code that tells of `code`.
constexpr exit_code exit_code_of(ec code) {
  switch (code) {
  case ec::none:
    return exit_code::ok;
  case ec::invalid_config:
    return exit_code::usage;
  case ec::not_found:
  case ec::offset_trimmed:
  case ec::offset_out_of_range:
    return exit_code::not_found;
  case ec::invalid_event:
  case ec::invalid_request:
  case ec::invalid_resource:
  case ec::immutable_field:
  case ec::unsupported_media:
  case ec::payload_too_large:
  case ec::method_not_allowed:
  case ec::already_exists:
  case ec::conflict:
  case ec::epoch_mismatch:
  case ec::overloaded:
    return exit_code::refused;
  case ec::unreachable:
  case ec::timeout:
  case ec::shutting_down:
  case ec::not_leader:
    return exit_code::unreachable;
  default:
    return exit_code::error;
  }
}

} // namespace eventd::tools
