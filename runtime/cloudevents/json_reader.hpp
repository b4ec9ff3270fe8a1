// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "runtime/cloudevents/text.hpp"

namespace eventd::runtime::cloudevents {

enum class json_kind : uint8_t {
  null,
  boolean,
  integer, ///< A number without fraction and exponent, of any size.
  number,
  string,
  array,
  object,
};

/// A value where it stands in the text. Views into the text.
struct json_value {
  json_kind kind = json_kind::null;
  bool escaped = false; ///< A string that holds a backslash.
  std::string_view raw; ///< As written, a string with its quotes.

  /// @pre a string
  std::string_view inside() const { return raw.substr(1, raw.size() - 2); }
};

struct json_member {
  json_value name; ///< Always a string.
  json_value value;
};

/// Reads JSON once, front to back, and answers where values stand, so that
/// data goes on byte by byte as it came: numbers of any size, white space and
/// the order of members included. All that is passed is checked against the
/// grammar of RFC 8259; a tree is never built and nothing is allocated.
///
/// Whether the text is UTF-8 is for the caller to check (`is_utf8`), at best
/// at once for the whole. Each function answers false at the end of a
/// container and after an error; `failed()` tells which.
///
/// Worked example: `{"a":1,"b":[2]}`: `open_object`, `next_member` (a, `1`),
/// `next_member` (b, `[2]`), `next_member` answers false, `at_end`.
class json_reader {
public:
  /// @param depth_max Containers inside each other, at most 513.
  json_reader(std::string_view text, size_t depth_max)
    : begin_(text.data()), at_(begin_), end_(begin_ + text.size()),
      depth_max_(std::min<size_t>(depth_max, 513)) {}

  bool open_object() { return open('{'); }
  bool open_array() { return open('['); }

  /// Reads one member, its value as a whole; after the last, leaves the object.
  bool next_member(json_member& x);

  /// Goes to the next element, which is then opened or read; after the last,
  /// leaves the array.
  bool next_element() { return next(']'); }

  /// Reads one value as a whole.
  bool read_value(json_value& x);

  /// True where only white space follows.
  bool at_end();

  bool failed() const { return problem_ != nullptr; }

  /// What is wrong, as the end of a sentence. @pre `failed()`
  const char* problem() const { return problem_; }

  /// Where the problem is. Unit: bytes from the start.
  size_t position() const { return static_cast<size_t>(at_ - begin_); }

private:
  bool fail(const char* problem);
  void skip_space();
  bool open(char bracket);
  bool next(char bracket);
  bool skip_elements(bool is_object);
  bool skip_word(std::string_view word);
  bool skip_number(json_value& x);
  bool skip_string(json_value& x);
  bool skip_escape();

  const char* begin_;
  const char* at_;
  const char* end_;
  size_t depth_max_;
  size_t depth_ = 0;
  bool first_ = false; ///< Just behind an opening bracket.
  const char* problem_ = nullptr;
};

/// True where `text` is one JSON value in UTF-8 and nothing else.
bool is_json_text(std::string_view text, size_t depth_max);

/// The characters a JSON string stands for, in `memory` where escapes had to
/// be replaced.
/// @returns none where an escape is half of a surrogate pair.
/// @pre `x` was read by a `json_reader` and is a string
std::optional<std::string_view> text_of(const json_value& x, arena& memory);

} // namespace eventd::runtime::cloudevents
