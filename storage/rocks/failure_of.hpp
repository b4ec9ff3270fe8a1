// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include <rocksdb/status.h>

#include "storage/model/error.hpp"

namespace eventd::storage {

/// Takes a RocksDB status that is not ok into ours, with RocksDB's own words,
/// which name the file where they can.
inline failure failure_of(const rocksdb::Status& s, std::string_view where) {
  auto text = std::string{where} + ": " + s.ToString();
  // An invalid argument is not damage: a directory of a later version has
  // families that this one does not open.
  if (s.IsCorruption())
    return {ec::corrupt_store, std::move(text)};
  if (s.IsNoSpace())
    return {ec::no_space, std::move(text)};
  // RocksDB's words for a lock that another process, or this one, holds.
  auto words = s.ToString();
  if (s.IsIOError()
      && (words.find("While lock file") != std::string::npos
          || words.find("lock hold by current process") != std::string::npos))
    return {ec::data_dir_in_use, std::string{where}
                                   + " is in use by another process ("
                                   + s.ToString() + ")"};
  return {ec::io_error, std::move(text)};
}

} // namespace eventd::storage
