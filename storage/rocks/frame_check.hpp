// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "storage/model/error.hpp"

namespace rocksdb {
class FileSystem;
}

namespace eventd::storage {

/// Checks every frame of the write-ahead logs in `dir` and of the MANIFEST in
/// use, before RocksDB reads them.
///
/// RocksDB 7.8 does not name a damaged write-ahead log; and where a flipped
/// bit makes a frame's length point beyond the end of the file, or its type
/// that of a recycled file, it takes the frame for the end of what was
/// written and drops the acknowledged frames behind it without a word. A
/// frame that is torn, because the file ends inside it, is what a power loss
/// leaves of an unacknowledged write, and passes.
/// Threads: any. Blocking: reads the files, some 100 MB at most.
/// @errors `ec::corrupt_store` naming file and position, `ec::io_error`
result<void> check_frames(rocksdb::FileSystem& files, const std::string& dir);

} // namespace eventd::storage
