// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

#include "storage/model/error.hpp"
#include "tools/eventctl/kind.hpp"

namespace eventd::eventctl {

/// Reads all documents of some files, in their order; "-" is stdin. A `List`
/// counts as its items.
/// Blocking: reads the files.
/// @errors `ec::not_found`, `ec::invalid_resource`, with file and document.
result<std::vector<manifest>>
load_manifests(const std::vector<std::string>& files);

/// Opens the documents of one text; `name` stands in errors.
result<std::vector<manifest>> read_manifests(const std::string& text,
                                             const std::string& name);

} // namespace eventd::eventctl
