// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string_view>

#include <boost/json/value.hpp>

namespace eventd::runtime {

/// The JSON value of a YAML scalar. `tag` is "!" for a quoted one, "?" or
/// empty for a plain one, else what the document says: the plain scalar `12`
/// is a number, the quoted "12" a string. YAML 1.2, 10.3.2.
/// None: the tag is unknown or the text does not fit it, or it is an infinity
/// or not a number, which JSON does not have.
std::optional<boost::json::value> yaml_scalar(std::string_view tag,
                                              std::string_view text);

} // namespace eventd::runtime
