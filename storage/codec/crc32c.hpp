// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string_view>

namespace eventd::storage {

/// CRC-32C (Castagnoli, RFC 3720 B.4) of `bytes`, going on from `seed`.
/// `crc32c("123456789")` is 0xE3069283. Threads: any.
uint32_t crc32c(std::string_view bytes, uint32_t seed = 0);

/// The same, on machines that have no instruction for it; slower.
uint32_t crc32c_by_table(std::string_view bytes, uint32_t seed = 0);

} // namespace eventd::storage
