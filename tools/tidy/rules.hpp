// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tools/tidy/tree.hpp"

namespace eventd::tidy {

/// One place where the project leaves a rule.
struct finding {
  std::string rule; ///< "layer", "length"…: what `exceptions.txt` names.
  std::string path; ///< From the root.
  size_t line = 0;  ///< From 1; 0: the file as a whole.
  std::string what; ///< One sentence.
};

using findings = std::vector<finding>;

/// The caps. A person can hold this much at a time.
inline constexpr size_t file_lines_max = 400;
inline constexpr size_t function_lines_max = 60;
inline constexpr size_t line_columns_max = 80;

// -- one file each, in includes.cpp, shape.cpp and project.cpp
// -----------------

/// Rule "layer": a source includes only what `layers` allows its folder, and of
/// ours only what exists, by its path from the root. Format: layers.txt.
findings check_layers(const tree& files, std::string_view layers);

/// Rules "length" (lines of a file), "function" (lines of a function, from its
/// name to its brace) and "width" (columns of a line, in code points).
findings check_shape(const tree& files);

/// Rule "licence": two lines on top of each source say whose it is.
findings check_licence(const tree& files);

/// Rule "listed": each source stands in the nearest CMakeLists.txt above it.
findings check_listed(const tree& files);

/// Rule "test": each noun (a header with a source) of storage, actors and
/// runtime has its test at the same path.
findings check_tests(const tree& files);

/// Rule "link": relative links of Markdown files lead to a file or folder.
findings check_links(const tree& files);

/// Rule "example": a fenced block of a Markdown file that follows the line
/// `<!-- example: PATH -->` stands in that file, word for word.
findings check_examples(const tree& files);

/// Rules "todo" (a task in a text has an issue number) and "home" (no path of
/// somebody's home folder).
findings check_words(const tree& files);

/// All of the above, less what `exceptions` names ("rule path: reason" a line).
/// An exception that is not needed, or has no reason, is a finding as well.
findings check_all(const tree& files, std::string_view layers,
                   std::string_view exceptions);

} // namespace eventd::tidy
