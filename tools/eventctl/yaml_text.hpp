// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include <boost/json/value.hpp>

namespace eventd::eventctl {

/// The value as block-style YAML, with a line feed at the end. Strings that
/// YAML would read as something else are quoted. Pure; any thread.
std::string to_yaml(const boost::json::value& x);

/// The value as JSON over several lines, indented by two.
std::string to_pretty_json(const boost::json::value& x);

} // namespace eventd::eventctl
