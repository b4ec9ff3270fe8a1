// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/change.hpp"

#include <boost/json/parse.hpp>

namespace eventd::eventctl {

namespace {

namespace json = boost::json;

/// What of a resource the user decides.
json::object intent_of(std::string_view text) {
  boost::system::error_code wrong;
  auto whole = json::parse(json::string_view{text.data(), text.size()}, wrong);
  json::object out;
  if (wrong || !whole.is_object())
    return out;
  for (auto& member : whole.get_object())
    if (member.key() != "status" && member.key() != "metadata")
      out.emplace(member.key(), member.value());
  if (auto metadata = whole.get_object().if_contains("metadata");
      metadata && metadata->is_object())
    for (auto key : {"labels", "annotations"})
      if (auto x = metadata->get_object().if_contains(key))
        out.emplace(std::string{"metadata."} + key, *x);
  return out;
}

} // namespace

change change_of(std::string_view before, unsigned status,
                 std::string_view after) {
  if (status == 201 || before.empty())
    return change::created;
  return intent_of(before) == intent_of(after) ? change::unchanged
                                               : change::configured;
}

} // namespace eventd::eventctl
