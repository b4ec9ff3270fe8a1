// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "actors/resource/document.hpp"

namespace eventd::actors {

/// Reads the annotations of a document that begin with "eventd.dev/"; names
/// are given without it. The others are the user's own and are not looked at.
class annotation_reader {
public:
  /// @pre both live on; `annotations` are strings
  annotation_reader(const json::object& annotations,
                    std::optional<failure>& problem)
    : fields_(annotations, "metadata.annotations", problem),
      annotations_(annotations) {}

  std::optional<std::string> text(std::string_view name);
  /// A decimal number from `least` to `most`.
  std::optional<uint64_t> number(std::string_view name, uint64_t least,
                                 uint64_t most);
  /// An ISO 8601 duration. Unit: ms.
  std::optional<int64_t> duration(std::string_view name);
  /// Which of the words it is, counted from 0.
  std::optional<size_t> choice(std::string_view name,
                               std::initializer_list<std::string_view> words);

  void refuse(std::string_view name, const std::string& text);

  /// Refuses every annotation of ours that nobody asked for.
  void done();

private:
  strict_reader fields_;
  const json::object& annotations_;
  std::string asked_ = " ";
};

/// Reads a decimal number without sign; none if it is not one or too large.
std::optional<uint64_t> parse_number(std::string_view text);

} // namespace eventd::actors
