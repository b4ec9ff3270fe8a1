// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/metadata.hpp"

#include <algorithm>
#include <array>

namespace eventd::actors {

namespace {

/// Kubernetes' bound of all annotations of an object together.
constexpr size_t annotations_bytes_max = size_t{256} << 10;

constexpr auto reserved = std::to_array<std::string_view>(
  {"v1", "v2-beta", "v3", "api", "apis", "openapi", "healthz", "livez",
   "readyz", "startupz", "metrics", "version", "console", "nats"});

bool is_lower(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_alphanumeric(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z');
}

/// Name part of a label's key, and a label's value: at most 63 characters.
bool is_qualified(std::string_view x) {
  return !x.empty() && x.size() <= 63 && is_alphanumeric(x.front())
         && is_alphanumeric(x.back())
         && std::all_of(x.begin(), x.end(), [](char c) {
              return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
            });
}

/// Key of a label or annotation: "name" or "sub.domain/name".
bool is_key(std::string_view x) {
  auto slash = x.find('/');
  if (slash == x.npos)
    return is_qualified(x);
  return is_subdomain(x.substr(0, slash)) && is_qualified(x.substr(slash + 1));
}

void check_labels(strict_reader& fields, const json::object& labels) {
  for (auto& [key, x] : labels) {
    std::string_view name{key.data(), key.size()};
    if (!is_key(name))
      fields.refuse("labels", "'" + std::string{name} + "' is not a label key");
    else if (x.is_string() && !x.get_string().empty()
             && !is_qualified({x.get_string().data(), x.get_string().size()}))
      fields.refuse("labels", "the value of '" + std::string{name}
                                + "' must be at most 63 letters, digits, '-', "
                                  "'_' or '.'");
  }
}

void check_annotations(strict_reader& fields, const json::object& given) {
  size_t bytes = 0;
  for (auto& [key, x] : given) {
    std::string_view name{key.data(), key.size()};
    if (!is_key(name))
      fields.refuse("annotations",
                    "'" + std::string{name} + "' is not an annotation key");
    bytes += name.size() + (x.is_string() ? x.get_string().size() : 0);
  }
  if (bytes > annotations_bytes_max)
    fields.refuse("annotations", "are larger than 256 KiB together");
}

} // namespace

metadata read_metadata(strict_reader fields) {
  metadata made;
  made.name = fields.string("name").value_or("");
  made.generate_name = fields.string("generateName").value_or("");
  made.namespace_name = fields.string("namespace").value_or("");
  made.uid = fields.string("uid").value_or("");
  made.resource_version = fields.string("resourceVersion").value_or("");
  made.labels = fields.strings("labels");
  made.annotations = fields.strings("annotations");
  check_labels(fields, made.labels);
  check_annotations(fields, made.annotations);
  for (auto key : {"generation", "creationTimestamp", "deletionTimestamp",
                   "deletionGracePeriodSeconds", "selfLink", "managedFields"})
    fields.any(key);
  for (auto key : {"ownerReferences", "finalizers"})
    if (auto* x = fields.any(key);
        x && !(x->is_array() && x->get_array().empty()))
      fields.refuse(key, "is not supported yet");
  fields.done();
  return made;
}

bool is_label(std::string_view x) {
  return !x.empty() && x.size() <= 63 && is_lower(x.front())
         && is_lower(x.back()) && std::all_of(x.begin(), x.end(), [](char c) {
              return is_lower(c) || c == '-';
            });
}

bool is_subdomain(std::string_view x) {
  if (x.empty() || x.size() > 253)
    return false;
  for (;;) {
    auto dot = x.find('.');
    auto part = x.substr(0, dot);
    // Inside a subdomain Kubernetes does not bound each label.
    if (part.empty() || !is_lower(part.front()) || !is_lower(part.back())
        || !std::all_of(part.begin(), part.end(),
                        [](char c) { return is_lower(c) || c == '-'; }))
      return false;
    if (dot == x.npos)
      return true;
    x.remove_prefix(dot + 1);
  }
}

result<void> check_namespace(std::string_view name) {
  auto refuse = [&](const std::string& why) {
    return failure{ec::invalid_resource,
                   "metadata.namespace: '" + std::string{name} + "' " + why,
                   "metadata.namespace"};
  };
  if (!is_label(name))
    return refuse("must be 1 to 63 lower case letters, digits or '-', and "
                  "begin and end with a letter or digit");
  if (std::find(reserved.begin(), reserved.end(), name) != reserved.end())
    return refuse("is reserved: the path /" + std::string{name}
                  + " is a route of the server");
  return {};
}

uint64_t stable_hash(std::string_view text) {
  uint64_t x = 14695981039346656037u;
  for (auto c : text) {
    x ^= static_cast<unsigned char>(c);
    x *= 1099511628211u;
  }
  return x;
}

std::string generated_name(std::string_view prefix, std::string_view seed) {
  // Kubernetes' own alphabet: no vowels, so no words.
  constexpr std::string_view alphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string made{prefix};
  auto x = stable_hash(seed);
  for (int i = 0; i < 5; ++i, x /= alphabet.size())
    made += alphabet[x % alphabet.size()];
  return made;
}

} // namespace eventd::actors
