// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/annotations.hpp"

#include <charconv>

#include "actors/resource/duration.hpp"

namespace eventd::actors {

namespace {

constexpr std::string_view prefix = "eventd.dev/";

std::string full(std::string_view name) {
  return std::string{prefix} + std::string{name};
}

} // namespace

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t x = 0;
  auto* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, x);
  if (error != std::errc{} || stop != end)
    return {};
  return x;
}

std::optional<std::string> annotation_reader::text(std::string_view name) {
  asked_ += std::string{name} + ' ';
  return fields_.string(full(name));
}

std::optional<uint64_t> annotation_reader::number(std::string_view name,
                                                  uint64_t least,
                                                  uint64_t most) {
  auto given = text(name);
  if (!given)
    return {};
  auto x = parse_number(*given);
  if (x && *x >= least && *x <= most)
    return x;
  refuse(name, "'" + *given + "' must be a whole number from "
                 + std::to_string(least) + " to " + std::to_string(most));
  return {};
}

std::optional<int64_t> annotation_reader::duration(std::string_view name) {
  auto given = text(name);
  if (!given)
    return {};
  auto ms = parse_duration(*given);
  if (ms)
    return *ms;
  refuse(name, ms.error().detail);
  return {};
}

std::optional<size_t>
annotation_reader::choice(std::string_view name,
                          std::initializer_list<std::string_view> words) {
  auto given = text(name);
  if (!given)
    return {};
  size_t i = 0;
  std::string list;
  for (auto word : words) {
    if (*given == word)
      return i;
    list += (i++ ? ", " : "") + std::string{word};
  }
  refuse(name, "'" + *given + "' must be one of: " + list);
  return {};
}

void annotation_reader::refuse(std::string_view name, const std::string& why) {
  fields_.refuse(full(name), why);
}

void annotation_reader::done() {
  for (auto& member : annotations_) {
    std::string_view key{member.key().data(), member.key().size()};
    if (!key.starts_with(prefix))
      continue;
    auto name = std::string{key.substr(prefix.size())};
    if (asked_.find(' ' + name + ' ') == asked_.npos)
      fields_.refuse(key, "is not an annotation of this kind; known are:"
                            + asked_.substr(0, asked_.size() - 1));
  }
}

} // namespace eventd::actors
