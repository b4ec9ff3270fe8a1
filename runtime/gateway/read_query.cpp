// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/read_query.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "runtime/gateway/times.hpp"
#include "storage/model/limits.hpp"

namespace eventd::runtime {

namespace {

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t x = 0;
  auto [end, failed]
    = std::from_chars(text.data(), text.data() + text.size(), x);
  if (text.empty() || failed != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return x;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// A plus stays a plus: "+01:00" is part of a time, and no value has a space.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0
        || hex_digit(text[i + 2]) < 0)
      return std::nullopt;
    out += static_cast<char>(hex_digit(text[i + 1]) * 16
                             + hex_digit(text[i + 2]));
    i += 2;
  }
  return out;
}

struct parameter {
  std::string name;
  std::string value;
};

result<std::vector<parameter>> split(std::string_view query) {
  std::vector<parameter> out;
  while (!query.empty()) {
    auto end = std::min(query.find('&'), query.size());
    auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty())
      continue;
    auto equals = std::min(pair.find('='), pair.size());
    auto name = percent_decoded(pair.substr(0, equals));
    auto value
      = percent_decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value)
      return failure{ec::invalid_request,
                     "a percent sign is not followed by two hex digits",
                     std::string{pair.substr(0, equals)}};
    auto same = [&](const parameter& x) { return x.name == *name; };
    if (std::any_of(out.begin(), out.end(), same))
      return failure{ec::invalid_request,
                     "parameter " + *name + " is given twice", *name};
    out.push_back({std::move(*name), std::move(*value)});
  }
  return out;
}

failure bad(const parameter& x, std::string_view what) {
  return {ec::invalid_request,
          "parameter " + x.name + " must be " + std::string{what} + ", not \""
            + x.value + "\"",
          x.name};
}

failure unknown(const parameter& x) {
  return {ec::invalid_request, "unknown parameter " + x.name, x.name};
}

constexpr std::string_view position_words
  = "earliest, latest, an offset or an RFC 3339 time";

result<void> take(const parameter& x, read_query& out) {
  if (x.name == "from" || x.name == "to") {
    auto at = parse_position(x.value);
    if (!at)
      return bad(x, position_words);
    if (x.name == "from")
      out.from = *at;
    else
      out.to = *at;
    return {};
  }
  auto number = parse_number(x.value);
  if (x.name == "limit") {
    if (!number || *number < 1 || *number > limits::read_events_max)
      return bad(x, "a number from 1 to 10000");
    out.limit = static_cast<uint32_t>(*number);
  } else if (x.name == "wait") {
    if (!number || *number > uint64_t{limits::wait_ms_max} / 1'000)
      return bad(x, "a number of seconds from 0 to 60");
    out.wait_ms = static_cast<int64_t>(*number) * 1'000;
  } else if (x.name == "epoch") {
    if (!number)
      return bad(x, "a number");
    out.epoch = *number;
  } else {
    return unknown(x);
  }
  return {};
}

} // namespace

result<position> parse_position(std::string_view text) {
  if (text == "earliest")
    return position{position::kind::earliest, 0};
  if (text == "latest")
    return position{position::kind::latest, 0};
  if (auto offset = parse_number(text))
    return position{position::kind::offset, *offset};
  if (auto ms = parse_rfc3339(text))
    return position{position::kind::time, static_cast<uint64_t>(*ms)};
  return failure{ec::invalid_request, "not a position in the log: must be "
                                        + std::string{position_words}};
}

result<read_query> parse_read_query(std::string_view query) {
  auto parameters = split(query);
  if (!parameters)
    return parameters.error();
  read_query out;
  for (const auto& x : *parameters)
    if (auto ok = take(x, out); !ok)
      return ok.error();
  return out;
}

result<position> parse_seek_query(std::string_view query) {
  auto parameters = split(query);
  if (!parameters)
    return parameters.error();
  for (const auto& x : *parameters)
    if (x.name != "to")
      return unknown(x);
  if (parameters->empty())
    return failure{ec::invalid_request, "parameter to is missing", "to"};
  auto at = parse_position(parameters->front().value);
  if (!at)
    return bad(parameters->front(), position_words);
  return *at;
}

std::optional<event_id> parse_event_id(std::string_view text) {
  auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  auto epoch = parse_number(text.substr(0, colon));
  auto offset = parse_number(text.substr(colon + 1));
  if (!epoch || !offset)
    return std::nullopt;
  return event_id{*epoch, *offset};
}

} // namespace eventd::runtime
