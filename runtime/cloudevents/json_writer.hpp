// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

namespace eventd::runtime::cloudevents {

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8
/// become U+FFFD, so that the result always is JSON.
void append_json_string(std::string& out, std::string_view text);

/// Appends one JSON object; the caller makes each value valid JSON.
class json_object_writer {
public:
  explicit json_object_writer(std::string& out) : out_(out) {
    out_.push_back('{');
  }

  /// Begins a member, whose value is then appended to the same string.
  void name(std::string_view x);

  void string(std::string_view name, std::string_view value);
  void raw(std::string_view name, std::string_view json);
  void base64(std::string_view name, std::string_view bytes);

  /// Ends the object.
  void close() { out_.push_back('}'); }

private:
  bool plain_string(std::string_view name, std::string_view value);

  std::string& out_;
  bool first_ = true;
};

} // namespace eventd::runtime::cloudevents
