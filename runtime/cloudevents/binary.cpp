// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <utility>

#include "runtime/cloudevents/base64.hpp"
#include "runtime/cloudevents/header_codec.hpp"
#include "runtime/cloudevents/modes.hpp"
#include "runtime/cloudevents/validate.hpp"
#include "runtime/cloudevents/version_map.hpp"
#include "runtime/cloudevents/wire.hpp"

namespace eventd::runtime::cloudevents {

namespace {

constexpr std::string_view prefix = "ce-";

result<spec_version> binary_version(const envelope& in, arena& memory) {
  auto name = in.is_v0_1 ? "cloudEventsVersion" : "specversion";
  if (in.version.empty())
    return attribute_failure(name, "is missing: in binary mode it is the "
                                   "header ce-specversion");
  attribute_view x;
  if (decode_header(in.version, spec_version::v0_2, memory, x))
    if (auto version = version_named(x.value);
        version && (*version == spec_version::v0_1) == in.is_v0_1)
      return *version;
  return attribute_failure(name, "names a version that is not spoken here: "
                                 "1.0, 0.3 and 0.2 are, and 0.1 in the header "
                                 "ce-cloudeventsversion");
}

/// Not all SDKs encode `%` in headers. Where a URI only is one as it stood in
/// the header, it was not encoded, and its own escapes must stay.
void keep_uri_escapes(std::string_view raw, attribute_view& x) {
  if (x.name != "source" && x.name != "dataschema")
    return;
  if (is_uri_reference(x.value) || !is_uri_reference(raw))
    return;
  x.value = raw;
  x.raw_header = raw;
}

/// Adds the attribute of one `ce-` header. `name` is what follows the prefix,
/// in lower case.
result<void> add_header(std::string_view name, std::string_view value,
                        draft& event, arena& memory) {
  auto version = event.version();
  attribute_view x;
  x.name = from_header_name(version, name);
  if (x.name == "datacontenttype")
    return attribute_failure(name, "must be the header Content-Type in binary "
                                   "mode, not one of its own");
  auto raw = trimmed(value);
  if (!decode_header(raw, version, memory, x))
    return attribute_failure(name, "is not UTF-8 after percent-decoding");
  keep_uri_escapes(raw, x);
  return event.add(x, to_json_name(version, x.name));
}

/// In 0.3 a body can be base64 text. It stays as it came, marked as text.
bool is_encoded_body(const draft& event, std::string_view body, arena& memory) {
  if (event.version() != spec_version::v0_3)
    return false;
  const auto* encoding = event.find(data_encoding_name);
  return encoding != nullptr && is_base64_name(encoding->value)
         && decode_base64(body, memory).has_value();
}

void push_attribute(message& out, const attribute_view& x,
                    spec_version version) {
  out.headers.emplace_back(to_header_name(version, x.name),
                           header_value(x, version));
}

} // namespace

result<void> read_binary(const envelope& in, draft& event, arena& memory,
                         std::string& out) {
  auto version = binary_version(in, memory);
  if (!version)
    return version.error();
  event.begin(*version);
  auto version_name = version_header(*version).substr(prefix.size());
  auto has_version = false;
  for (const auto& x : in.headers) {
    if (!starts_with_lowered(x.name, prefix))
      continue;
    auto name = lowered(x.name.substr(prefix.size()), memory);
    if (equals_lowered(version_name, name)) {
      if (std::exchange(has_version, true))
        return attribute_failure(version_member(*version), "is there twice");
      continue;
    }
    if (auto added = add_header(name, x.value, event, memory); !added)
      return added;
  }
  if (!in.content_type.empty()) {
    attribute_view x;
    x.name = "datacontenttype";
    x.value = in.content_type;
    if (!is_utf8(x.value))
      return attribute_failure(x.name, "must be a media type of RFC 2046");
    if (auto added = event.add(x, x.name); !added)
      return added;
  }
  if (!in.body.empty())
    event.set_data(is_encoded_body(event, in.body, memory) ? data_kind::text
                                                           : data_kind::binary,
                   in.body);
  return event.write(out);
}

message to_binary(const event_view& event, const extra_attributes& extra) {
  auto version = event.version();
  auto attributes = merged_attributes(event, extra);
  message out;
  out.headers.reserve(attributes.size() + 2);
  out.headers.emplace_back(version_header(version), to_string(version));
  std::string_view content_type;
  for (const auto& x : attributes) {
    if (x.name == "datacontenttype")
      content_type = x.value;
    else if (!is_decoded_encoding(event, x))
      push_attribute(out, x, version);
  }
  // A JSON event without a type means JSON; a header must say so (3.1.2).
  if (content_type.empty() && event.kind() == data_kind::json)
    content_type = "application/json";
  if (!content_type.empty() && is_field_value(content_type))
    out.headers.emplace_back("Content-Type", content_type);
  out.body = event.data();
  return out;
}

} // namespace eventd::runtime::cloudevents
