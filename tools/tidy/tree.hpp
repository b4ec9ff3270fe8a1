// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Reads the project and tells where it leaves its own rules.
namespace eventd::tidy {

/// The project's text files: path from the root, with '/', to content.
using tree = std::map<std::string, std::string>;

/// Reads all text files below `root`, but what is built, fetched or stored by
/// git. Blocking: reads the disk.
tree load_tree(const std::filesystem::path& root);

/// True for .hpp, .cpp, .h and .c.
bool is_source(std::string_view path);

/// True when a file or a folder of that path is there.
bool has_path(const tree& files, std::string_view path);

/// "a/b/c.hpp" becomes "a/b"; a file at the root has "".
std::string_view folder_of(std::string_view path);

/// The content line by line, without the line ends. The views end with `text`.
std::vector<std::string_view> lines_of(std::string_view text);

/// The text with comments, literals and preprocessor lines turned into blanks,
/// so that what remains is code at its old line and column.
std::string code_of(std::string_view text);

} // namespace eventd::tidy
