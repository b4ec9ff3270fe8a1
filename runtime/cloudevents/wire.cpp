// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/wire.hpp"

#include <algorithm>

#include "runtime/cloudevents/json_reader.hpp"
#include "runtime/cloudevents/media_type.hpp"
#include "runtime/cloudevents/text.hpp"
#include "storage/model/limits.hpp"

namespace eventd::runtime::cloudevents {

/// Inside an event inside a batch, so that what eventd shows it also takes.
constexpr size_t depth_max = limits::json_depth_max - 2;

bool is_base64_name(std::string_view x) {
  return equals_lowered(x, "base64");
}

std::vector<attribute_view> merged_attributes(const event_view& event,
                                              const extra_attributes& extra) {
  auto xs = event.attributes();
  for (const auto& [name, value] : extra) {
    auto at = std::find_if(xs.begin(), xs.end(), [&name = name](const auto& x) {
      return x.name == name;
    });
    attribute_view added;
    added.name = name;
    added.value = value;
    if (at == xs.end())
      xs.push_back(added);
    else
      *at = added;
  }
  return xs;
}

bool is_decoded_encoding(const event_view& event, const attribute_view& x) {
  return event.version() == spec_version::v0_3
         && event.kind() == data_kind::binary && x.name == data_encoding_name
         && is_base64_name(x.value);
}

data_form form_of(const event_view& event, std::string_view content_type) {
  switch (event.kind()) {
  case data_kind::none:
    return data_form::none;
  case data_kind::json:
    return data_form::json;
  case data_kind::text:
    return data_form::text;
  case data_kind::binary:
    break;
  }
  auto type = parse_media_type(content_type);
  if (!type)
    return data_form::base64;
  // Whatever its charset, never text: who reads a string of that type takes it
  // for a JSON value.
  if (is_json(*type))
    return is_utf8_charset(*type) && is_json_text(event.data(), depth_max)
             ? data_form::json
             : data_form::base64;
  return is_text(*type) && is_utf8(event.data()) ? data_form::text
                                                 : data_form::base64;
}

} // namespace eventd::runtime::cloudevents
