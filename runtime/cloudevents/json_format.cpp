// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "runtime/cloudevents/base64.hpp"
#include "runtime/cloudevents/cloudevents.hpp"
#include "runtime/cloudevents/json_writer.hpp"
#include "runtime/cloudevents/text.hpp"
#include "runtime/cloudevents/validate.hpp"
#include "runtime/cloudevents/version_map.hpp"
#include "runtime/cloudevents/wire.hpp"

namespace eventd::runtime::cloudevents {

namespace {

using attributes = std::vector<attribute_view>;

std::string_view value_of(const attributes& xs, std::string_view name) {
  auto at = std::find_if(xs.begin(), xs.end(),
                         [&](const auto& x) { return x.name == name; });
  return at == xs.end() ? std::string_view{} : at->value;
}

void append_attribute(json_object_writer& out, std::string_view name,
                      const attribute_view& x) {
  if (x.type == attribute_type::string)
    out.string(name, x.value);
  else
    out.raw(name, x.value);
}

/// True where data is base64 text that a 0.3 sender sent as a body.
bool is_encoded_text(const event_view& event, const attributes& xs) {
  return event.version() == spec_version::v0_3
         && event.kind() == data_kind::text
         && is_base64_name(value_of(xs, data_encoding_name));
}

/// Appends data the way 1.0 has it.
void append_data(json_object_writer& out, const event_view& event,
                 const attributes& xs) {
  if (is_encoded_text(event, xs))
    return out.string("data_base64", event.data());
  switch (form_of(event, value_of(xs, "datacontenttype"))) {
  case data_form::none:
    return;
  case data_form::json:
    return out.raw("data", event.data());
  case data_form::text:
    return out.string("data", event.data());
  case data_form::base64:
    return out.base64("data_base64", event.data());
  }
}

/// The form of data in 0.1 to 0.3. What came to 0.3 as base64 leaves as that.
data_form old_form_of(const event_view& event, const attributes& xs) {
  auto is_decoded
    = [&](const auto& x) { return is_decoded_encoding(event, x); };
  if (std::any_of(xs.begin(), xs.end(), is_decoded))
    return data_form::base64;
  return form_of(event, value_of(xs, "datacontenttype"));
}

/// Appends data the way 0.1 to 0.3 have it: octets are a string of base64,
/// which 0.3 alone marks as such.
void append_old_data(json_object_writer& out, const event_view& event,
                     data_form form) {
  switch (form) {
  case data_form::none:
    return;
  case data_form::json:
    return out.raw("data", event.data());
  case data_form::text:
    return out.string("data", event.data());
  case data_form::base64:
    break;
  }
  if (event.version() == spec_version::v0_3)
    out.string(data_encoding_name, "base64");
  out.base64("data", event.data());
}

/// The name that 1.0 allows: what came before 0.3 may hold `-` or `_`.
std::string name_in_v1_0(std::string_view name) {
  std::string out{name};
  std::erase_if(out, [](char c) { return c == '-' || c == '_'; });
  return out;
}

/// True where the attribute can not be shown in 1.0: its name there would mean
/// something else, or is the server's.
bool is_hidden(const event_view& event, const attributes& xs,
               const attribute_view& x) {
  if (event.version() == spec_version::v1_0)
    return false;
  if (event.version() == spec_version::v0_3)
    return x.name == data_encoding_name && is_base64_name(x.value);
  auto name = name_in_v1_0(x.name);
  if (name == x.name)
    return false;
  // Two names must not become one.
  auto is_same = [&](const auto& y) { return name_in_v1_0(y.name) == name; };
  return name.empty() || name == "data" || name == "specversion"
         || is_named(name) || is_reserved(name)
         || std::count_if(xs.begin(), xs.end(), is_same) > 1;
}

void append_v1_0(std::string& out, const event_view& event,
                 const extra_attributes& extra) {
  auto xs = merged_attributes(event, extra);
  out.reserve(out.size() + event.record().size() + 16 * xs.size() + 64);
  json_object_writer object{out};
  object.string("specversion", "1.0");
  for (const auto& x : xs) {
    if (is_hidden(event, xs, x))
      continue;
    if (event.version() < spec_version::v0_3)
      append_attribute(object, name_in_v1_0(x.name), x);
    else
      append_attribute(object, x.name, x);
  }
  append_data(object, event, xs);
  object.close();
}

void append_extensions(std::string& out, const attributes& xs) {
  json_object_writer object{out};
  for (const auto& x : xs)
    if (is_v0_1_extension(x.name))
      append_attribute(object, x.name, x);
  object.close();
}

void append_old(std::string& out, const event_view& event,
                const extra_attributes& extra) {
  auto version = event.version();
  auto xs = merged_attributes(event, extra);
  out.reserve(out.size() + event.record().size() + 16 * xs.size() + 64);
  auto is_extension = [&](const attribute_view& x) {
    return version == spec_version::v0_1 && is_v0_1_extension(x.name);
  };
  auto form = old_form_of(event, xs);
  auto is_encoding = [&](const attribute_view& x) {
    return version == spec_version::v0_3 && form == data_form::base64
           && x.name == data_encoding_name;
  };
  json_object_writer object{out};
  object.string(version_member(version), to_string(version));
  for (const auto& x : xs)
    if (!is_extension(x) && !is_encoding(x))
      append_attribute(object, to_json_name(version, x.name), x);
  if (std::any_of(xs.begin(), xs.end(), is_extension)) {
    object.name("extensions");
    append_extensions(out, xs);
  }
  append_old_data(object, event, form);
  object.close();
}

} // namespace

void append_json(std::string& out, const event_view& event,
                 const extra_attributes& extra) {
  append_v1_0(out, event, extra);
}

message to_structured(const event_view& event, const extra_attributes& extra) {
  message out;
  out.headers.emplace_back("Content-Type", "application/cloudevents+json");
  if (event.version() == spec_version::v1_0)
    append_v1_0(out.body, event, extra);
  else
    append_old(out.body, event, extra);
  return out;
}

} // namespace eventd::runtime::cloudevents
