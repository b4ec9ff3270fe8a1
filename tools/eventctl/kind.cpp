// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/kind.hpp"

#include <algorithm>
#include <array>

#include "tools/client/address.hpp"

namespace eventd::eventctl {

namespace {

namespace json = boost::json;

struct known_kind {
  std::string_view api_version;
  std::string_view name;
  std::string_view singular;
  std::string_view plural;
  std::string_view short_name;
};

constexpr auto known_kinds = std::to_array<known_kind>({
  {"messaging.knative.dev/v1", "Channel", "channel", "channels", "ch"},
  {"messaging.knative.dev/v1", "Subscription", "subscription", "subscriptions",
   "sub"},
});

std::string lower(std::string_view x) {
  std::string out{x};
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32)
                                : static_cast<char>(c);
  });
  return out;
}

/// Plural of a kind that is not in the table, by Kubernetes' own rule.
std::string plural_of(std::string_view name) {
  auto word = lower(name);
  if (word.ends_with("s") || word.ends_with("x") || word.ends_with("ch"))
    return word + "es";
  if (word.ends_with("y"))
    return word.substr(0, word.size() - 1) + "ies";
  return word + "s";
}

std::string text_at(const json::value& from, const char* key) {
  auto object = from.if_object();
  auto found = object ? object->if_contains(key) : nullptr;
  if (found == nullptr || !found->is_string())
    return {};
  return std::string{std::string_view{found->get_string()}};
}

} // namespace

std::string kind::qualified() const {
  auto slash = api_version.find('/');
  auto group
    = slash == std::string::npos ? "" : "." + api_version.substr(0, slash);
  return lower(name) + group;
}

std::string kind::path(std::string_view ns) const {
  // Only the core group, "v1", has no name, and its own prefix.
  auto core = api_version.find('/') == std::string::npos;
  auto out = (core ? "/api/" : "/apis/") + api_version;
  if (!ns.empty())
    out += "/namespaces/" + tools::percent_encoded(ns);
  return out + "/" + plural;
}

result<kind> kind_of_word(std::string_view word) {
  auto wanted = lower(word);
  std::string names;
  for (auto& x : known_kinds) {
    if (wanted == x.singular || wanted == x.plural || wanted == x.short_name)
      return kind{std::string{x.api_version}, std::string{x.name},
                  std::string{x.plural}};
    names += (names.empty() ? "" : ", ") + std::string{x.plural};
  }
  return failure{ec::invalid_config,
                 "'" + std::string{word} + "' is not a kind: " + names};
}

std::string manifest::path(std::string_view default_ns) const {
  return kind.path(ns.empty() ? default_ns : std::string_view{ns}) + "/"
         + tools::percent_encoded(name);
}

result<manifest> open_manifest(json::value document) {
  auto missing = [](const char* path) {
    return failure{ec::invalid_resource, std::string{path} + " is missing",
                   path};
  };
  manifest x;
  if (!document.is_object())
    return failure{ec::invalid_resource, "the document is not an object"};
  x.kind.api_version = text_at(document, "apiVersion");
  x.kind.name = text_at(document, "kind");
  if (x.kind.api_version.empty())
    return missing("apiVersion");
  if (x.kind.name.empty())
    return missing("kind");
  x.kind.plural = plural_of(x.kind.name);
  for (auto& known : known_kinds)
    if (known.name == x.kind.name)
      x.kind.plural = known.plural;
  auto metadata = document.get_object().if_contains("metadata");
  if (metadata != nullptr) {
    x.name = text_at(*metadata, "name");
    x.ns = text_at(*metadata, "namespace");
  }
  if (x.name.empty())
    return missing("metadata.name");
  x.body = std::move(document);
  return x;
}

} // namespace eventd::eventctl
