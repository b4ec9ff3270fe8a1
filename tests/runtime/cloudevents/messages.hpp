// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "runtime/cloudevents/cloudevents.hpp"

/// Short ways to write requests and look at what became of them.
namespace eventd::tests {

namespace cloudevents = runtime::cloudevents;

using header_list = std::vector<std::pair<std::string, std::string>>;

inline constexpr cloudevents::parse_limits test_limits{1'000, 64};

inline constexpr std::string_view structured_type
  = "application/cloudevents+json";
inline constexpr std::string_view batch_type
  = "application/cloudevents-batch+json";

inline std::vector<cloudevents::field> fields_of(const header_list& headers) {
  std::vector<cloudevents::field> fields;
  for (const auto& [name, value] : headers)
    fields.push_back({name, value});
  return fields;
}

inline result<event_batch>
publish(const header_list& headers, std::string_view body,
        const cloudevents::parse_limits& limits = test_limits) {
  return cloudevents::parse_request(fields_of(headers), body, limits);
}

inline result<event_batch> publish_json(std::string_view body) {
  return publish({{"content-type", std::string{structured_type}}}, body);
}

inline result<event_batch> publish_batch(std::string_view body,
                                         const cloudevents::parse_limits& limits
                                         = test_limits) {
  return publish({{"content-type", std::string{batch_type}}}, body, limits);
}

/// The failure of a request that must be refused.
inline failure refusal(const result<event_batch>& x) {
  REQUIRE(x.has_error());
  CHECK_FALSE(x.error().detail.empty());
  return x.error();
}

/// A granted request; ends the test where it was refused.
inline event_batch granted(result<event_batch> x) {
  if (!x) {
    INFO(x.error().detail);
    FAIL("refused");
  }
  return std::move(*x);
}

inline bool passes(const result<event_batch>& x) {
  return x.has_value();
}

/// The smallest binary-mode event with `more` headers.
inline header_list binary_headers(const header_list& more = {}) {
  header_list headers{{"ce-specversion", "1.0"},
                      {"ce-id", "1"},
                      {"ce-source", "/s"},
                      {"ce-type", "t"}};
  headers.insert(headers.end(), more.begin(), more.end());
  return headers;
}

/// The smallest 1.0 JSON event with `more` members, as in `,"a":1`.
inline std::string json_event(std::string_view more = {}) {
  std::string json
    = R"({"specversion":"1.0","id":"1","source":"/s","type":"t")";
  json += more;
  return json + "}";
}

inline std::string value_of(const event_view& event, std::string_view name) {
  auto x = event.find(name);
  return x ? std::string{x->value} : std::string{"(none)"};
}

inline std::string header_of(const cloudevents::message& x,
                             std::string_view name) {
  auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a))
           == std::tolower(static_cast<unsigned char>(b));
  };
  for (const auto& [key, value] : x.headers)
    if (std::equal(key.begin(), key.end(), name.begin(), name.end(), same))
      return value;
  return "(none)";
}

inline std::string shown(const event_view& event,
                         const cloudevents::extra_attributes& extra = {}) {
  std::string out;
  cloudevents::append_json(out, event, extra);
  return out;
}

} // namespace eventd::tests
