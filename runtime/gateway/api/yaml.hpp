// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "storage/model/error.hpp"

namespace eventd::runtime {

/// What a text of manifests is written in.
enum class manifest_format : uint8_t {
  guess, ///< JSON if it begins with '{' or '[', else YAML.
  json,
  yaml,
};

/// Turns JSON (one value) or YAML (any number of documents) into JSON values.
/// Empty documents are left out. YAML is typed by its core schema: `yes` and
/// `"1"` are strings, `1` and `0x1f` are numbers, `~` is null; a repeated key,
/// a merge key and a tag that is not of the core schema are refused. Aliases
/// are expanded, so the result holds no reference.
/// Threads: any. Blocking: never; time is bounded by the limits below.
/// @errors `ec::payload_too_large`: longer than `limits::manifest_bytes_max`.
///   `ec::invalid_request`: not UTF-8, not well formed, deeper than
///   `limits::json_depth_max`, more than `limits::yaml_aliases_max` aliases or
///   `limits::manifest_values_max` values, or more than
///   `limits::yaml_copied_bytes_max` bytes to copy for anchors and aliases. The
///   detail begins with "line L, column C", and `field` is "L:C"; both count
///   from 1, columns in bytes.
result<std::vector<boost::json::value>>
parse_manifests(std::string_view text,
                manifest_format format = manifest_format::guess);

} // namespace eventd::runtime
