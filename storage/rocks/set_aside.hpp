// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>

#include "storage/model/error.hpp"

/// What becomes of a data directory that can not be used any more while other
/// nodes have its data: its files are kept in a folder of their own within it,
/// and it begins as an empty one. Blocking: all calls.
namespace eventd::storage {

/// Notes in the directory that its database is damaged for good, so that the
/// next start sets it aside. Durable when it returns.
/// @errors `ec::io_error`
result<void> mark_damaged(const std::string& path, const std::string& why);

/// Why the directory is to be set aside; none: it is not marked, nor was a
/// start interrupted that set it aside.
std::optional<std::string> damage_mark(const std::string& path);

/// Whether files of the directory were set aside and are still there. What an
/// empty directory beside them lacks, a cluster had once.
bool was_set_aside(const std::string& path);

/// Whether files were moved away, and no database has begun in their place: a
/// node that is alone would begin empty.
bool waits_for_its_cluster(const std::string& path);

/// Moves all files of the database into the folder `damaged-1` of the
/// directory, with the reason. Goes on with what an interrupted call began.
/// @returns the folder
/// @errors `ec::corrupt_store`: such a folder is there already, which is not
///   given up; the text says what to do. `ec::data_dir_in_use`, `ec::io_error`
result<std::string> set_aside(const std::string& path, const std::string& why);

} // namespace eventd::storage
