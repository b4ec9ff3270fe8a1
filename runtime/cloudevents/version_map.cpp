// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/version_map.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace eventd::runtime::cloudevents {

namespace {

struct name_row {
  std::string_view name;         ///< In 1.0.
  std::string_view json;         ///< In the older version.
  std::string_view header;       ///< In lower case, after `ce-`.
  std::string_view whole_header; ///< As it is sent.
};

constexpr auto v0_1_rows = std::to_array<name_row>({
  {"id", "eventID", "eventid", "CE-EventID"},
  {"source", "source", "source", "CE-Source"},
  {"type", "eventType", "eventtype", "CE-EventType"},
  {"time", "eventTime", "eventtime", "CE-EventTime"},
  {"eventtypeversion", "eventTypeVersion", "eventtypeversion",
   "CE-EventTypeVersion"},
  {"dataschema", "schemaURL", "schemaurl", "CE-SchemaURL"},
  {"datacontenttype", "contentType", "contenttype", "CE-ContentType"},
});

constexpr auto v0_2_rows = std::to_array<name_row>({
  {"dataschema", "schemaurl", "schemaurl", "ce-schemaurl"},
  {"datacontenttype", "contenttype", "contenttype", "ce-contenttype"},
});

constexpr auto v0_3_rows = std::to_array<name_row>({
  {"dataschema", "schemaurl", "schemaurl", "ce-schemaurl"},
});

/// Knative of 2019 added it to events of any version under this very name.
constexpr std::string_view knative_history = "knativehistory";

std::span<const name_row> rows_of(spec_version version) {
  switch (version) {
  case spec_version::v0_1:
    return v0_1_rows;
  case spec_version::v0_2:
    return v0_2_rows;
  case spec_version::v0_3:
    return v0_3_rows;
  case spec_version::v1_0:
    break;
  }
  return {};
}

const name_row* find_row(spec_version version, std::string_view name_row::*key,
                         std::string_view value) {
  auto rows = rows_of(version);
  auto row = std::find_if(rows.begin(), rows.end(),
                          [&](const name_row& x) { return x.*key == value; });
  return row == rows.end() ? nullptr : &*row;
}

} // namespace

std::optional<spec_version> version_named(std::string_view text) {
  for (auto version : {spec_version::v1_0, spec_version::v0_3,
                       spec_version::v0_2, spec_version::v0_1})
    if (to_string(version) == text)
      return version;
  return {};
}

std::string_view version_member(spec_version version) {
  return version == spec_version::v0_1 ? "cloudEventsVersion" : "specversion";
}

std::string_view version_header(spec_version version) {
  return version == spec_version::v0_1 ? "CE-CloudEventsVersion"
                                       : "ce-specversion";
}

std::string_view from_json_name(spec_version version, std::string_view name) {
  const auto* row = find_row(version, &name_row::json, name);
  return row != nullptr ? row->name : name;
}

std::string_view to_json_name(spec_version version, std::string_view name) {
  const auto* row = find_row(version, &name_row::name, name);
  return row != nullptr ? row->json : name;
}

std::string_view from_header_name(spec_version version, std::string_view name) {
  if (const auto* row = find_row(version, &name_row::header, name))
    return row->name;
  if (version == spec_version::v0_1 && name.starts_with("x-"))
    name.remove_prefix(2);
  return name;
}

std::string to_header_name(spec_version version, std::string_view name) {
  if (const auto* row = find_row(version, &name_row::name, name))
    return std::string{row->whole_header};
  auto is_prefixed = version == spec_version::v0_1 && name != knative_history;
  std::string out{is_prefixed ? "CE-X-" : "ce-"};
  out += name;
  return out;
}

bool is_v0_1_extension(std::string_view name) {
  return find_row(spec_version::v0_1, &name_row::name, name) == nullptr;
}

} // namespace eventd::runtime::cloudevents
