// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/json_reader.hpp"

#include <bit>
#include <cstring>

namespace eventd::runtime::cloudevents {

namespace {

/// Repeats one byte eight times.
constexpr uint64_t all(uint64_t byte) {
  return byte * 0x0101010101010101ULL;
}

/// How many of the eight bytes at `at` are plain string characters, before the
/// first quote, backslash or control character.
size_t plain_bytes(const char* at) {
  static_assert(std::endian::native == std::endian::little);
  uint64_t x = 0;
  std::memcpy(&x, at, sizeof(x));
  auto has_zero = [](uint64_t y) { return (y - all(0x01)) & ~y; };
  auto special
    = has_zero(x ^ all('"')) | has_zero(x ^ all('\\')) | ((x - all(0x20)) & ~x);
  // A borrow makes false marks only above a true one: the lowest is exact.
  return static_cast<size_t>(std::countr_zero(special & all(0x80))) / 8;
}

/// The number that four hexadecimal digits stand for. @pre they are digits
uint32_t four_digits(const char* at) {
  uint32_t x = 0;
  for (size_t i = 0; i < 4; ++i)
    x = x << 4 | static_cast<uint32_t>(hex_value(at[i]));
  return x;
}

constexpr bool is_high_surrogate(uint32_t x) {
  return x >> 10 == 0xd800 >> 10;
}
constexpr bool is_low_surrogate(uint32_t x) {
  return x >> 10 == 0xdc00 >> 10;
}

char* put_utf8(char* to, uint32_t point) {
  auto put = [&](uint32_t byte) { *to++ = static_cast<char>(byte); };
  auto put_rest = [&](int n) {
    for (; n > 0; --n)
      put(0x80 | (point >> (6 * (n - 1)) & 0x3f));
  };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put_rest(1);
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put_rest(2);
  } else {
    put(0xf0 | point >> 18);
    put_rest(3);
  }
  return to;
}

/// Replaces the `\u` escape whose digits begin at `from`, and the second half
/// of its pair; answers null where a half stands alone.
char* put_unicode_escape(const char*& from, const char* end, char* to) {
  auto point = four_digits(from);
  from += 4;
  if (is_low_surrogate(point))
    return nullptr;
  if (is_high_surrogate(point)) {
    if (end - from < 6 || from[0] != '\\' || from[1] != 'u')
      return nullptr;
    auto second = four_digits(from + 2);
    if (!is_low_surrogate(second))
      return nullptr;
    from += 6;
    point = 0x10000 + ((point - 0xd800) << 10) + (second - 0xdc00);
  }
  return put_utf8(to, point);
}

constexpr char plain_escape(char c) {
  switch (c) {
  case 'b':
    return '\b';
  case 'f':
    return '\f';
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  default:
    return c;
  }
}

} // namespace

bool json_reader::fail(const char* problem) {
  if (problem_ == nullptr)
    problem_ = problem;
  return false;
}

void json_reader::skip_space() {
  while (at_ != end_
         && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t'))
    ++at_;
}

bool json_reader::at_end() {
  skip_space();
  return at_ == end_ || fail("has bytes after its end");
}

bool json_reader::open(char bracket) {
  skip_space();
  if (at_ == end_)
    return fail("ends too early");
  if (*at_ != bracket)
    return fail(bracket == '{' ? "must have an object here"
                               : "must have an array here");
  if (depth_ == depth_max_)
    return fail("is nested too deeply");
  ++at_;
  ++depth_;
  first_ = true;
  return true;
}

bool json_reader::next(char bracket) {
  if (failed())
    return false;
  skip_space();
  if (at_ == end_)
    return fail("ends too early");
  if (*at_ == bracket) {
    ++at_;
    --depth_;
    first_ = false;
    return false;
  }
  if (first_) {
    first_ = false;
    return true;
  }
  if (*at_ != ',')
    return fail("lacks a comma or closing bracket");
  ++at_;
  return true;
}

bool json_reader::next_member(json_member& x) {
  if (!next('}'))
    return false;
  skip_space();
  if (!skip_string(x.name))
    return false;
  skip_space();
  if (at_ == end_ || *at_ != ':')
    return fail(at_ == end_ ? "ends too early" : "lacks a colon");
  ++at_;
  return read_value(x.value);
}

bool json_reader::read_value(json_value& x) {
  if (failed())
    return false;
  skip_space();
  if (at_ == end_)
    return fail("ends too early");
  const auto* begin = at_;
  auto set = [&](bool ok, json_kind kind) {
    x.kind = kind;
    x.escaped = false;
    x.raw = {begin, static_cast<size_t>(at_ - begin)};
    return ok;
  };
  switch (*at_) {
  case '"':
    return skip_string(x);
  case '{':
    return set(skip_elements(true), json_kind::object);
  case '[':
    return set(skip_elements(false), json_kind::array);
  case 't':
    return set(skip_word("true"), json_kind::boolean);
  case 'f':
    return set(skip_word("false"), json_kind::boolean);
  case 'n':
    return set(skip_word("null"), json_kind::null);
  default:
    return skip_number(x);
  }
}

bool json_reader::skip_elements(bool is_object) {
  if (!open(is_object ? '{' : '['))
    return false;
  if (is_object) {
    json_member member;
    while (next_member(member)) {
    }
  } else {
    json_value value;
    while (next_element() && read_value(value)) {
    }
  }
  return !failed();
}

bool json_reader::skip_word(std::string_view word) {
  if (static_cast<size_t>(end_ - at_) < word.size()
      || std::string_view{at_, word.size()} != word)
    return fail("has an unknown word");
  at_ += word.size();
  return true;
}

bool json_reader::skip_number(json_value& x) {
  const auto* begin = at_;
  auto has = [&](char c) { return at_ != end_ && *at_ == c; };
  auto skip_digits = [&] {
    const auto* first = at_;
    while (at_ != end_ && is_digit(*at_))
      ++at_;
    return at_ != first;
  };
  x.kind = json_kind::integer;
  x.escaped = false;
  if (has('-'))
    ++at_;
  if (has('0'))
    ++at_;
  else if (!skip_digits())
    return fail("has an unexpected character");
  if (has('.')) {
    x.kind = json_kind::number;
    ++at_;
    if (!skip_digits())
      return fail("has a number without digits after its point");
  }
  if (has('e') || has('E')) {
    x.kind = json_kind::number;
    ++at_;
    if (has('+') || has('-'))
      ++at_;
    if (!skip_digits())
      return fail("has a number without digits in its exponent");
  }
  x.raw = {begin, static_cast<size_t>(at_ - begin)};
  return true;
}

bool json_reader::skip_string(json_value& x) {
  if (at_ == end_ || *at_ != '"')
    return fail(at_ == end_ ? "ends too early" : "lacks a quoted name");
  const auto* begin = at_++;
  x.kind = json_kind::string;
  x.escaped = false;
  for (;;) {
    for (size_t n = 8; n == 8 && end_ - at_ >= 8; at_ += n)
      n = plain_bytes(at_);
    if (at_ == end_)
      return fail("ends inside a string");
    auto c = *at_;
    if (c == '"')
      break;
    if (static_cast<unsigned char>(c) < 0x20)
      return fail("has a control character inside a string");
    ++at_;
    if (c == '\\') {
      x.escaped = true;
      if (!skip_escape())
        return false;
    }
  }
  ++at_;
  x.raw = {begin, static_cast<size_t>(at_ - begin)};
  return true;
}

bool json_reader::skip_escape() {
  if (at_ == end_)
    return fail("ends inside a string");
  auto c = *at_++;
  if (c != 'u')
    return std::string_view{"\"\\/bfnrt"}.find(c) != std::string_view::npos
           || fail("has an unknown escape");
  for (size_t i = 0; i < 4; ++i, ++at_) {
    if (at_ == end_)
      return fail("ends inside a string");
    if (hex_value(*at_) < 0)
      return fail("has an escape without four hexadecimal digits");
  }
  return true;
}

bool is_json_text(std::string_view text, size_t depth_max) {
  json_reader in{text, depth_max};
  json_value value;
  return is_utf8(text) && in.read_value(value) && in.at_end();
}

std::optional<std::string_view> text_of(const json_value& x, arena& memory) {
  auto inside = x.inside();
  if (!x.escaped)
    return inside;
  auto* begin = memory.take(inside.size());
  auto* to = begin;
  const auto* from = inside.data();
  const auto* end = from + inside.size();
  while (from != end) {
    if (*from != '\\') {
      *to++ = *from++;
      continue;
    }
    ++from;
    auto c = *from++;
    if (c != 'u')
      *to++ = plain_escape(c);
    else if (to = put_unicode_escape(from, end, to); to == nullptr)
      return {};
  }
  return std::string_view{begin, static_cast<size_t>(to - begin)};
}

} // namespace eventd::runtime::cloudevents
