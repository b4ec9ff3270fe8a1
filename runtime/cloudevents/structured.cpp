// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "runtime/cloudevents/base64.hpp"
#include "runtime/cloudevents/media_type.hpp"
#include "runtime/cloudevents/modes.hpp"
#include "runtime/cloudevents/number.hpp"
#include "runtime/cloudevents/version_map.hpp"
#include "runtime/cloudevents/wire.hpp"
#include "storage/model/limits.hpp"

namespace eventd::runtime::cloudevents {

namespace {

constexpr std::string_view extensions_member = "extensions";

/// What an event's members say about its data, before they are understood.
struct data_members {
  const json_value* data = nullptr;
  const json_value* base64 = nullptr;
  bool encoded = false; ///< 0.3: `datacontentencoding` is base64.
};

/// Reads a JSON object's members, values as a whole.
result<void> read_members(json_reader& in, std::vector<json_member>& members,
                          arena& memory) {
  // Beside attributes: the version, data, data_base64 and 0.1's extensions.
  constexpr auto members_max = limits::event_attributes_max + 4;
  members.clear();
  if (!in.open_object())
    return json_failure(in);
  for (json_member x; in.next_member(x);) {
    if (members.size() == members_max)
      return failure{ec::invalid_event, "an event has at most 100 attributes"};
    if (x.name.escaped) {
      auto name = text_of(x.name, memory);
      if (!name)
        return attribute_failure(x.name.raw, "has half of a surrogate pair in "
                                             "its name");
      auto* raw = memory.take(name->size() + 2);
      raw[0] = raw[name->size() + 1] = '"';
      std::copy(name->begin(), name->end(), raw + 1);
      x.name.raw = {raw, name->size() + 2};
    }
    members.push_back(x);
  }
  if (in.failed())
    return json_failure(in);
  return {};
}

const json_value* find_member(const std::vector<json_member>& members,
                              std::string_view name) {
  for (const auto& x : members)
    if (x.name.inside() == name)
      return &x.value;
  return nullptr;
}

result<spec_version> version_of(const std::vector<json_member>& members,
                                arena& memory) {
  const auto* value = find_member(members, "specversion");
  auto is_v0_1 = value == nullptr || value->kind == json_kind::null;
  std::string_view name = "specversion";
  if (is_v0_1)
    value = find_member(members, "cloudEventsVersion");
  if (value == nullptr || value->kind == json_kind::null)
    return attribute_failure(name, "is missing");
  if (is_v0_1)
    name = "cloudEventsVersion";
  if (value->kind != json_kind::string)
    return attribute_failure(name, "must be a string");
  auto text = text_of(*value, memory);
  auto version = text ? version_named(*text) : std::nullopt;
  if (!version || (*version == spec_version::v0_1) != is_v0_1)
    return attribute_failure(name, "names a version that is not spoken here: "
                                   "1.0, 0.3, 0.2 and 0.1 are");
  return *version;
}

/// Gives `x` the value of a JSON member.
result<void> set_value(const json_value& value, std::string_view shown,
                       arena& memory, attribute_view& x) {
  switch (value.kind) {
  case json_kind::string:
    if (auto text = text_of(value, memory)) {
      x.value = *text;
      return {};
    }
    return attribute_failure(shown, "has half of a surrogate pair");
  case json_kind::boolean:
    x.type = attribute_type::boolean;
    x.value = value.raw;
    return {};
  case json_kind::integer:
    x.type = attribute_type::integer;
    x.value = value.raw == "-0" ? "0" : value.raw;
    if (is_int32(x.value))
      return {};
    return attribute_failure(shown, "is beyond the 32 bits of an integer");
  case json_kind::number:
    return attribute_failure(shown, "must be an integer, without fraction and "
                                    "exponent");
  default:
    return attribute_failure(shown, "must be a string, integer or boolean");
  }
}

/// Adds one attribute under its 1.0 name. Names of 0.1 and 0.2 differ in case
/// only where they mean the same.
result<void> add_member(std::string_view name, std::string_view shown,
                        const json_value& value, draft& event, arena& memory) {
  attribute_view x;
  x.name = event.version() < spec_version::v0_3 ? lowered(name, memory) : name;
  if (auto set = set_value(value, shown, memory, x); !set)
    return set;
  return event.add(x, shown);
}

/// True where an earlier or later member has the same name.
bool is_repeated(const std::vector<json_member>& members,
                 const json_member& member) {
  return std::count_if(members.begin(), members.end(),
                       [&](const json_member& x) {
                         return x.name.inside() == member.name.inside();
                       })
         > 1;
}

/// Adds the members of 0.1's `extensions`.
result<void> add_extensions(const json_value& value, draft& event,
                            arena& memory) {
  if (value.kind != json_kind::object)
    return attribute_failure(extensions_member, "must be an object");
  // The text was read before, so only its members can be refused now.
  json_reader in{value.raw, 512};
  std::vector<json_member> members;
  if (auto read = read_members(in, members, memory); !read)
    return read;
  for (const auto& x : members) {
    auto name = x.name.inside();
    auto shown = std::string{extensions_member} + ".";
    shown += name;
    if (x.value.kind == json_kind::null) {
      if (is_repeated(members, x))
        return attribute_failure(shown, "is there twice");
      continue;
    }
    if (auto added = add_member(name, shown, x.value, event, memory); !added)
      return added;
  }
  return {};
}

/// Adds what a member says to the event or to `data`.
result<void> take_member(const json_member& member, draft& event, arena& memory,
                         data_members& data) {
  auto version = event.version();
  auto name = member.name.inside();
  const auto& value = member.value;
  if (name == "data") {
    data.data = &value;
    return {};
  }
  if (name == version_member(version) || value.kind == json_kind::null)
    return {};
  if (name == "data_base64" && version == spec_version::v1_0) {
    data.base64 = &value;
    return {};
  }
  if (name == extensions_member && version == spec_version::v0_1)
    return add_extensions(value, event, memory);
  if (name == data_encoding_name && version == spec_version::v0_3
      && value.kind == json_kind::string)
    if (auto text = text_of(value, memory))
      data.encoded = is_base64_name(*text);
  // The names that 0.1 has of its own are in mixed case, those of 0.2 are not.
  auto known = version == spec_version::v0_2 ? lowered(name, memory) : name;
  return add_member(from_json_name(version, known), name, value, event, memory);
}

result<void> set_base64(std::string_view name, const json_value& value,
                        draft& event, arena& memory) {
  if (value.kind != json_kind::string)
    return attribute_failure(name, "must be a string of base64");
  auto text = text_of(value, memory);
  auto bytes = text ? decode_base64(*text, memory) : std::nullopt;
  if (!bytes)
    return attribute_failure(name, "is not base64");
  event.set_data(data_kind::binary, *bytes);
  return {};
}

bool says_json(const draft& event) {
  const auto* type = event.find("datacontenttype");
  if (type == nullptr)
    return true;
  auto parsed = parse_media_type(type->value);
  return parsed && is_json(*parsed);
}

/// Understands data by JSON format 3.1.2.
result<void> set_data(const data_members& members, draft& event,
                      arena& memory) {
  if (members.data != nullptr && members.base64 != nullptr)
    return attribute_failure("data_base64", "stands beside 'data': only one "
                                            "of them can be there");
  if (members.base64 != nullptr)
    return set_base64("data_base64", *members.base64, event, memory);
  if (members.data == nullptr)
    return {};
  const auto& value = *members.data;
  if (members.encoded && value.kind != json_kind::null)
    return set_base64("data", value, event, memory);
  // A value that is no string under a type that is not JSON stays as it came.
  if (value.kind != json_kind::string || says_json(event)) {
    event.set_data(data_kind::json, value.raw);
    return {};
  }
  auto text = text_of(value, memory);
  if (!text)
    return attribute_failure("data", "has half of a surrogate pair");
  event.set_data(data_kind::text, *text);
  return {};
}

} // namespace

failure json_failure(const json_reader& in) {
  return {ec::invalid_event, std::string{"the JSON "} + in.problem()
                               + " (at byte " + std::to_string(in.position())
                               + ")"};
}

result<void> read_json_event(json_reader& in, std::vector<json_member>& members,
                             draft& event, arena& memory, std::string& out) {
  if (auto read = read_members(in, members, memory); !read)
    return read;
  auto version = version_of(members, memory);
  if (!version)
    return version.error();
  event.begin(*version);
  data_members data;
  for (const auto& x : members) {
    // Attributes that are twice there are found when added; the rest here.
    auto is_unchecked = x.value.kind == json_kind::null
                        || x.name.inside().starts_with("data")
                        || x.name.inside() == version_member(*version)
                        || x.name.inside() == extensions_member;
    if (is_unchecked && is_repeated(members, x))
      return attribute_failure(x.name.inside(), "is there twice");
    if (auto taken = take_member(x, event, memory, data); !taken)
      return taken;
  }
  if (auto set = set_data(data, event, memory); !set)
    return set;
  return event.write(out);
}

result<void> read_structured(std::string_view body, size_t depth_max,
                             draft& event, arena& memory, std::string& out) {
  if (!is_utf8(body))
    return failure{ec::invalid_event, "the JSON event is not UTF-8"};
  json_reader in{body, depth_max};
  std::vector<json_member> members;
  if (auto done = read_json_event(in, members, event, memory, out); !done)
    return done;
  if (!in.at_end())
    return json_failure(in);
  return {};
}

} // namespace eventd::runtime::cloudevents
