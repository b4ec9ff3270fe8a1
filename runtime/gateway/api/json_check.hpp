// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

#include <boost/json/value.hpp>

#include "storage/model/error.hpp"

namespace eventd::runtime {

/// Parses one JSON value and refuses what Boost.JSON would let pass: a key
/// that stands twice in one object, of which the last would silently win.
/// @errors `ec::invalid_request` as `parse_manifests`, with line and column
result<boost::json::value> parse_json(std::string_view text);

} // namespace eventd::runtime
