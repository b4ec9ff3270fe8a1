// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/protocol/error.hpp"

#include <caf/message.hpp>
#include <caf/sec.hpp>
#include <caf/to_string.hpp>

namespace eventd {

namespace {

constexpr auto category = caf::atom("eventd");

/// Stands for "no offset" in a CAF error's context.
constexpr uint64_t no_offset = ~uint64_t{0};

} // namespace

caf::error to_caf(const failure& x) {
  return {static_cast<uint8_t>(x.code), category,
          caf::make_message(x.detail, x.field, x.offset.value_or(no_offset))};
}

failure from_caf(const caf::error& x) {
  if (x.category() == category) {
    failure y{static_cast<ec>(x.code())};
    const auto& context = x.context();
    if (context.match_elements<std::string, std::string, uint64_t>()) {
      y.detail = context.get_as<std::string>(0);
      y.field = context.get_as<std::string>(1);
      if (auto at = context.get_as<uint64_t>(2); at != no_offset)
        y.offset = at;
    }
    return y;
  }
  if (x == caf::sec::request_timeout)
    return {ec::timeout, "no answer in time; the outcome is unknown"};
  if (x == caf::sec::request_receiver_down)
    return {ec::actor_died, "the actor ended before it answered"};
  return {ec::internal, caf::to_string(x)};
}

} // namespace eventd
