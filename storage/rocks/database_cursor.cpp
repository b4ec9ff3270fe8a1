// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// How a family of the database is walked.

#include <rocksdb/iterator.h>

#include "storage/rocks/database.hpp"
#include "storage/rocks/failure_of.hpp"

namespace eventd::storage {

cursor::cursor(std::unique_ptr<rocksdb::Iterator> it) : it_(std::move(it)) {}
cursor::~cursor() = default;
cursor::cursor(cursor&&) noexcept = default;

void cursor::seek(std::string_view key) {
  it_->Seek(rocksdb::Slice{key.data(), key.size()});
}

void cursor::seek_for_previous(std::string_view key) {
  it_->SeekForPrev(rocksdb::Slice{key.data(), key.size()});
}

void cursor::next() {
  it_->Next();
}
bool cursor::valid() const {
  return it_->Valid();
}
std::string_view cursor::key() const {
  return it_->key().ToStringView();
}
std::string_view cursor::value() const {
  return it_->value().ToStringView();
}

result<void> cursor::status() const {
  if (auto s = it_->status(); !s.ok())
    return failure_of(s, "database");
  return {};
}

} // namespace eventd::storage
