// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace eventd::storage {

/// Appends `x` in little-endian order.
template <class T>
  requires std::is_unsigned_v<T>
void put_fixed(std::string& out, T x) {
  static_assert(std::endian::native == std::endian::little);
  out.append(reinterpret_cast<const char*>(&x), sizeof(T));
}

/// Appends `x` so that the byte order of keys is the order of numbers.
template <class T>
  requires std::is_unsigned_v<T>
void put_big_endian(std::string& out, T x) {
  for (int shift = 8 * (sizeof(T) - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(x >> shift));
}

/// Appends `x` in 1 to 10 bytes, seven bits a byte, lowest first.
inline void put_varint(std::string& out, uint64_t x) {
  while (x >= 0x80) {
    out.push_back(static_cast<char>(x | 0x80));
    x >>= 7;
  }
  out.push_back(static_cast<char>(x));
}

/// Appends the length of `x` as a varint, then `x`.
inline void put_string(std::string& out, std::string_view x) {
  put_varint(out, x.size());
  out.append(x);
}

/// Reads what the `put_` functions wrote. After the first read beyond the end
/// `ok()` is false and all further reads answer zero or empty.
class byte_reader {
public:
  explicit byte_reader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && bytes_.empty(); }
  std::string_view rest() const { return bytes_; }

  template <class T>
    requires std::is_unsigned_v<T> T fixed() {
      T x = 0;
      if (auto taken = take(sizeof(T)); ok_)
        std::memcpy(&x, taken.data(), sizeof(T));
      return x;
    }

  template <class T>
    requires std::is_unsigned_v<T> T big_endian() {
      T x = 0;
      for (auto c : take(sizeof(T)))
        x = static_cast<T>(x << 8 | static_cast<unsigned char>(c));
      return x;
    }

  uint64_t varint() {
    uint64_t x = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      auto byte = fixed<uint8_t>();
      if (!ok_)
        return 0;
      x |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        return x;
    }
    ok_ = false;
    return 0;
  }

  std::string_view string() { return take(varint()); }

  std::string_view take(size_t n) {
    if (!ok_ || n > bytes_.size()) {
      ok_ = false;
      return {};
    }
    auto taken = bytes_.substr(0, n);
    bytes_.remove_prefix(n);
    return taken;
  }

private:
  std::string_view bytes_;
  bool ok_ = true;
};

} // namespace eventd::storage
