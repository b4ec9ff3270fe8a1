// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>

#include <boost/json/value.hpp>

namespace eventd::eventctl {

/// All about one resource for a person: name, labels, annotations, age, spec,
/// conditions as a table, the rest of the status. Pure; any thread.
std::string description_of(const boost::json::value& resource, int64_t now_ms,
                           bool colors);

} // namespace eventd::eventctl
