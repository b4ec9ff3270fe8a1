// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>

namespace eventd::storage {

/// Remembers beside a database how far it was synced, so that a write-ahead
/// log which was cut is told from one that was torn by a loss of power. It is
/// not synced itself: what it says may be old, and is then too little, which
/// does no harm.
///
/// File `SYNCED`: [8 sequence number][4 CRC32C of it], LE.
/// Threads: any for `note`. Blocking: a write to the page cache.
class synced_mark {
public:
  /// Of the database in this directory.
  explicit synced_mark(const std::string& path);
  ~synced_mark();
  synced_mark(const synced_mark&) = delete;
  synced_mark& operator=(const synced_mark&) = delete;

  /// What an earlier life noted; 0 where there is nothing that can be read.
  uint64_t read() const;

  /// All up to this sequence number is on the disk. A failure is passed by:
  /// the mark is a second look, and the log itself was synced.
  void note(uint64_t sequence);

private:
  int file_ = -1;
};

} // namespace eventd::storage
