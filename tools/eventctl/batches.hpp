// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace eventd::eventctl {

/// Some lines of a file that are published in one request.
struct line_batch {
  std::string joined; ///< The lines, commas between.
  size_t first_line;  ///< Number of the first, from 1.
  size_t last_line;
};

/// Cuts a text into batches that a server takes by default; empty lines count
/// but are left out. Pure; any thread.
std::vector<line_batch> batches_of(std::string_view text);

} // namespace eventd::eventctl
