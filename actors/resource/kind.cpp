// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/kind.hpp"

#include <array>

#include "actors/resource/channel_kind.hpp"
#include "actors/resource/metadata.hpp"
#include "actors/resource/subscription_kind.hpp"
#include "storage/model/assert.hpp"

namespace eventd::actors {

namespace {

constexpr auto table = std::to_array<resource_kind>({
  {"messaging.knative.dev", "v1", "Channel", "channels", kind_role::channel,
   false, admit_channel},
  {"messaging.knative.dev", "v1", "Subscription", "subscriptions",
   kind_role::subscription, true, admit_subscription},
});

void check_type(strict_reader& root, std::string_view key,
                const std::string& wanted) {
  auto given = root.string(key);
  if (!given)
    root.refuse(key, "is required; here it is " + wanted);
  else if (*given != wanted)
    root.refuse(key, "'" + *given + "' must be " + wanted);
}

} // namespace

std::string resource_kind::api_version() const {
  return std::string{group} + '/' + std::string{version};
}

std::string resource_kind::key_prefix() const {
  return std::string{plural} + '.' + std::string{group} + '/';
}

std::string resource_kind::key(std::string_view namespace_name,
                               std::string_view object_name) const {
  return key_prefix() + std::string{namespace_name} + '/'
         + std::string{object_name};
}

std::span<const resource_kind> kinds() {
  return table;
}

const resource_kind& kind_of(kind_role role) {
  for (auto& row : table)
    if (row.role == role)
      return row;
  EVENTD_ASSERT(!"each role has its row");
  return table.front();
}

result<const resource_kind*> find_kind(std::string_view group,
                                       std::string_view version,
                                       std::string_view plural) {
  std::string known;
  for (auto& row : table) {
    if (row.group == group && row.version == version && row.plural == plural)
      return &row;
    known += (known.empty() ? "" : ", ") + row.api_version() + '/'
             + std::string{row.plural};
  }
  return failure{ec::not_found, "there is no " + std::string{group} + '/'
                                  + std::string{version} + '/'
                                  + std::string{plural}
                                  + "; the kinds are: " + known};
}

const resource_kind* kind_of_key(std::string_view key) {
  for (auto& row : table)
    if (key.starts_with(row.key_prefix()))
      return &row;
  return nullptr;
}

result<void> admit(const resource_kind& kind, const json::object& given,
                   const json::object* current) {
  std::optional<failure> problem;
  strict_reader root{given, "", problem};
  check_type(root, "apiVersion", kind.api_version());
  check_type(root, "kind", std::string{kind.name});
  auto meta = root.object("metadata");
  auto read = read_metadata(meta);
  root.any("spec");
  root.any("status"); // The server's; what a client sends is not looked at.
  root.done();
  if (kind.dotted_names ? !is_subdomain(read.name) : !is_label(read.name))
    meta.refuse(
      "name",
      read.name.empty()
        ? std::string{"is required"}
        : "'" + read.name + "' must be lower case letters, digits, '-'"
            + (kind.dotted_names ? " and '.', at most 253" : ", at most 63")
            + ", and begin and end with a letter or digit");
  if (problem)
    return *problem;
  if (auto ok = check_namespace(read.namespace_name); !ok)
    return ok;
  return kind.admit(given, current);
}

} // namespace eventd::actors
