// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/model/error.hpp"

namespace rocksdb {
struct DBOptions;
}

namespace eventd::storage {

/// Looks at what lies at `path` before it is opened: whose it is, whether its
/// logs are whole, and how many shards it has. None: nothing is there. 0: a
/// database whose making was cut short before it had a shard.
/// With `read_only` the caller holds the directory's lock itself.
/// Threads: any. Blocking: reads the files.
/// @errors `ec::corrupt_store` naming the file, `ec::data_dir_in_use`,
///   `ec::io_error`, `ec::invalid_config`: it is not eventd's
result<std::optional<uint32_t>>
shards_on_disk(const rocksdb::DBOptions& options, const std::string& path,
               bool read_only);

/// Adds to the reason why a database did not open the table files that do not
/// open either; RocksDB blames the MANIFEST for some of their damages.
failure name_damaged_table(const rocksdb::DBOptions& options,
                           const std::string& path, failure why);

} // namespace eventd::storage
