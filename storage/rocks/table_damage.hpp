// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <mutex>
#include <set>
#include <string>

#include <rocksdb/listener.h>

namespace eventd::storage {

/// Keeps a damaged table of a log or of `idx`, which a compaction meets, from
/// ending all writes: RocksDB else lets nothing be written after that, at no
/// later start either. What is damaged there is mended by newer rows, and the
/// rest can be read. For a database whose content other nodes have, too.
/// Threads: any. Blocking: a short lock.
class table_damage : public rocksdb::EventListener {
public:
  void OnCompactionCompleted(rocksdb::DB* db,
                             const rocksdb::CompactionJobInfo& x) override;
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason,
                         rocksdb::Status* error) override;

  /// Names of the families in which such a table was met.
  std::set<std::string> found() const;

private:
  mutable std::mutex mutex_;
  std::set<std::string> found_;
};

} // namespace eventd::storage
