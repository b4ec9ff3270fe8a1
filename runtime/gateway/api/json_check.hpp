// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "storage/model/error.hpp"

namespace eventd::runtime {

/// Parses one JSON value and refuses what Boost.JSON would let pass: a key
/// that stands twice in one object, of which the last would silently win.
/// @errors `ec::invalid_request` as `parse_manifests`, with line and column
result<boost::json::value> parse_json(std::string_view text);

/// `ec::invalid_request`: "line L, column C: what", for byte `position` of
/// `text`; both count from 1, columns in bytes.
failure failure_at(std::string_view text, size_t position,
                   const std::string& what);

} // namespace eventd::runtime
