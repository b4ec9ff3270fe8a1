// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/subscription/dead_letter.hpp"

#include "storage/model/limits.hpp"

namespace eventd::actors {

std::string to_base64(std::string_view bytes) {
  static constexpr std::string_view digits
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    auto group = bytes.substr(i, 3);
    uint32_t bits = 0;
    for (size_t j = 0; j < 3; ++j)
      bits = bits << 8
             | (j < group.size() ? static_cast<unsigned char>(group[j]) : 0u);
    for (size_t j = 0; j < 4; ++j)
      out.push_back(j <= group.size() ? digits[bits >> (18 - 6 * j) & 63]
                                      : '=');
  }
  return out;
}

error_extensions make_error_extensions(std::string url,
                                       const delivery_outcome& outcome) {
  error_extensions x;
  x.dest = std::move(url);
  x.code = outcome.status == 0 ? 500 : outcome.status;
  auto data
    = outcome.status == 0 ? "dispatch error: " + outcome.error : outcome.body;
  x.data
    = to_base64(std::string_view{data}.substr(0, limits::error_data_bytes_max));
  return x;
}

std::string describe(std::string_view url, const delivery_outcome& outcome) {
  std::string text;
  if (outcome.status == 0)
    text = outcome.error.empty() ? "no answer" : outcome.error;
  else
    text = "status " + std::to_string(outcome.status);
  text += " from ";
  text += url;
  if (text.size() > limits::given_up_reason_bytes_max)
    text.resize(limits::given_up_reason_bytes_max);
  return text;
}

} // namespace eventd::actors
