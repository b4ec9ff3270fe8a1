// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <set>
#include <string>
#include <string_view>

namespace eventd::tests {

/// Says what is in the writes of a write-ahead log, from the bytes that RocksDB
/// appends to the file: "vote", "events", "install". One object a file, which
/// is fed from its beginning. Pure; one thread at a time.
class wal_kinds {
public:
  /// Kinds of the writes that end in these bytes. A write that ends later is
  /// named then.
  std::set<std::string> append(std::string_view bytes);

  /// All that `append` ever answers, and so the names of failpoints.
  static const std::set<std::string>& all();

private:
  void end_fragment(std::set<std::string>& out);

  size_t position_ = 0; ///< In the file.
  std::string header_;  ///< Of the fragment that is read.
  size_t rest_ = 0;     ///< Bytes of it that are still to come.
  std::string batch_;   ///< Of the write that is read.
};

/// Kinds of one RocksDB write batch, by its bytes.
std::set<std::string> kinds_of_batch(const std::string& batch);

} // namespace eventd::tests
