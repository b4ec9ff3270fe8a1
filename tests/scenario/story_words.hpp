// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

/// Small things that the parts of a story share.
namespace eventd::tests {

/// A line that can not be carried out.
struct mistake : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline std::string name_of(size_t i) {
  return "n" + std::to_string(i + 1);
}

inline void want(bool x, const char* form) {
  if (!x)
    throw mistake{std::string{"usage: "} + form};
}

inline std::string joined(const std::vector<std::string>& xs) {
  std::string out;
  for (const auto& x : xs)
    out += (out.empty() ? "" : " ") + x;
  return out;
}

inline uint64_t number(const std::string& x) {
  if (x.empty() || x.size() > 9 || x.find_first_not_of("0123456789") != x.npos)
    throw mistake{x + " is not a number"};
  return std::stoull(x);
}

} // namespace eventd::tests
