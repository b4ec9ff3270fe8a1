// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/rocks/synced_mark.hpp"

#include <array>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "storage/codec/bytes.hpp"
#include "storage/codec/crc32c.hpp"

namespace eventd::storage {

namespace {

constexpr size_t number_bytes = 8;
constexpr size_t mark_bytes = number_bytes + 4;

} // namespace

synced_mark::synced_mark(const std::string& path)
  : file_(
    ::open((path + "/SYNCED").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {}

synced_mark::~synced_mark() {
  if (file_ >= 0)
    ::close(file_);
}

uint64_t synced_mark::read() const {
  std::array<char, mark_bytes> bytes{};
  if (file_ < 0
      || ::pread(file_, bytes.data(), bytes.size(), 0)
           != static_cast<ssize_t>(bytes.size()))
    return 0;
  std::string_view text{bytes.data(), bytes.size()};
  byte_reader in{text};
  auto sequence = in.fixed<uint64_t>();
  auto crc = in.fixed<uint32_t>();
  return crc == crc32c(text.substr(0, number_bytes)) ? sequence : 0;
}

void synced_mark::note(uint64_t sequence) {
  if (file_ < 0)
    return;
  std::string bytes;
  put_fixed(bytes, sequence);
  put_fixed(bytes, crc32c(bytes));
  [[maybe_unused]] auto n = ::pwrite(file_, bytes.data(), bytes.size(), 0);
}

} // namespace eventd::storage
