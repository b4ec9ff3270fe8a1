// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/table_damage.hpp"

#include <utility>

namespace eventd::storage {

namespace {

/// The family of the compaction that failed last on this thread: the error
/// itself comes next, on the same thread, and does not say whose it is.
std::string& failing() {
  thread_local std::string name;
  return name;
}

bool is_mendable(const std::string& family) {
  return family == "idx" || family.starts_with("log-");
}

} // namespace

void table_damage::OnCompactionCompleted(rocksdb::DB*,
                                         const rocksdb::CompactionJobInfo& x) {
  failing() = x.status.IsCorruption() ? x.cf_name : std::string{};
}

void table_damage::OnBackgroundError(rocksdb::BackgroundErrorReason reason,
                                     rocksdb::Status* error) {
  auto family = std::exchange(failing(), {});
  if (reason != rocksdb::BackgroundErrorReason::kCompaction
      || !error->IsCorruption() || !is_mendable(family))
    return;
  std::lock_guard guard{mutex_};
  found_.insert(std::move(family));
  *error = rocksdb::Status::OK();
}

std::set<std::string> table_damage::found() const {
  std::lock_guard guard{mutex_};
  return found_;
}

} // namespace eventd::storage
