// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/response.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/gateway/status.hpp"

namespace eventd::runtime {

namespace {

void append_number(std::string& out, uint64_t x, int base = 10) {
  std::array<char, 24> text{};
  auto end = std::to_chars(text.data(), text.data() + text.size(), x, base).ptr;
  out.append(text.data(), end);
}

constexpr auto token_characters = [] {
  std::array<bool, 256> table{};
  constexpr std::string_view allowed
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
      "!#$%&'*+-.^_`|~";
  for (auto c : allowed)
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

} // namespace

bool is_safe_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return token_characters[static_cast<unsigned char>(c)];
  });
}

void begin_response(std::string& out, unsigned status, std::string_view date) {
  out += "HTTP/1.1 ";
  append_number(out, status);
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";
  if (!date.empty())
    add_header(out, "Date", date);
}

bool add_header(std::string& out, std::string_view name,
                std::string_view value) {
  if (!is_token(name) || !is_safe_value(value))
    return false;
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
  return true;
}

void add_header(std::string& out, std::string_view name, uint64_t value) {
  out += name;
  out += ": ";
  append_number(out, value);
  out += "\r\n";
}

void end_response(std::string& out, std::string_view body, bool keep_alive,
                  bool head_only) {
  if (!keep_alive)
    out += "Connection: close\r\n";
  add_header(out, "Content-Length", uint64_t{body.size()});
  out += "\r\n";
  if (!head_only)
    out += body;
}

void append_chunk(std::string& out, std::string_view bytes) {
  if (bytes.empty())
    return;
  append_number(out, bytes.size(), 16);
  out += "\r\n";
  out += bytes;
  out += "\r\n";
}

} // namespace eventd::runtime
