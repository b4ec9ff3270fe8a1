// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/edit.hpp"

#include <optional>

#include <utility>

#include "actors/resource/metadata.hpp"
#include "actors/resource/time_format.hpp"

namespace eventd::actors {

namespace {

constexpr std::string_view paused_key = "eventd.dev/paused";

std::string place(const prepared& x) {
  return x.namespace_name + '/' + x.name;
}

failure missing(const resource_kind& kind, const prepared& x) {
  return {ec::not_found,
          "there is no " + std::string{kind.name} + " '" + place(x) + "'"};
}

failure conflicting(std::string why, std::string field = {}) {
  return {ec::conflict, std::move(why), std::move(field)};
}

/// One name from body and URL, which must agree.
std::string agreed(strict_reader& meta, std::string_view key,
                   const std::string& in_body, const std::string& in_url) {
  if (!in_body.empty() && !in_url.empty() && in_body != in_url)
    meta.refuse(key, "is '" + in_body + "', but the URL says '" + in_url + "'");
  return in_url.empty() ? in_body : in_url;
}

/// The annotations that have an effect here.
json::object own_annotations(const json::object& document) {
  json::object made;
  for (auto& [key, x] : object_at(document, "metadata.annotations"))
    if (std::string_view{key.data(), key.size()}.starts_with("eventd.dev/"))
      made[key] = x;
  return made;
}

bool has_new_meaning(const json::object& was, const json::object& is) {
  return object_at(was, "spec") != object_at(is, "spec")
         || own_annotations(was) != own_annotations(is);
}

/// The manifest as it is stored: what the user says, and what we keep.
json::object merged(const resource_kind& kind, const prepared& wanted,
                    const metadata& meta, const json::object& server) {
  auto copy_meta = server;
  copy_meta["name"] = wanted.name;
  copy_meta["namespace"] = wanted.namespace_name;
  if (!meta.labels.empty())
    copy_meta["labels"] = meta.labels;
  if (!meta.annotations.empty())
    copy_meta["annotations"] = meta.annotations;
  json::object made;
  made["apiVersion"] = kind.api_version();
  made["kind"] = kind.name;
  made["metadata"] = std::move(copy_meta);
  made["spec"] = object_at(wanted.given, "spec");
  return made;
}

result<edit> plan_create(const resource_kind& kind, const prepared& wanted,
                         const metadata& meta, std::string_view uid,
                         int64_t now_ms) {
  if (!meta.resource_version.empty())
    return failure{ec::invalid_resource,
                   "metadata.resourceVersion: must not be set on an object "
                   "that is to be created",
                   "metadata.resourceVersion"};
  if (auto ok = admit(kind, wanted.given, nullptr); !ok)
    return ok.error();
  json::object server;
  server["uid"] = uid;
  server["creationTimestamp"] = format_time(now_ms);
  server["generation"] = 1;
  return edit{edit_action::put, merged(kind, wanted, meta, server), true};
}

result<edit> plan_update(const resource_kind& kind, resource_verb verb,
                         const prepared& wanted, metadata meta,
                         const stored_document& current) {
  const auto& old = *current.document;
  auto version = std::to_string(current.version);
  if (!meta.resource_version.empty() && meta.resource_version != version)
    return conflicting("metadata.resourceVersion: is " + meta.resource_version
                         + ", but '" + place(wanted) + "' is at " + version
                         + "; read it again",
                       "metadata.resourceVersion");
  if (!meta.uid.empty() && meta.uid != string_at(old, "metadata.uid"))
    return conflicting("metadata.uid: '" + place(wanted)
                         + "' is another object of the same name",
                       "metadata.uid");
  auto& annotations = object_at(old, "metadata.annotations");
  if (auto* paused = annotations.if_contains(paused_key);
      paused && verb == resource_verb::apply
      && !meta.annotations.contains(paused_key))
    meta.annotations[paused_key] = *paused;
  if (auto ok = admit(kind, wanted.given, &old); !ok)
    return ok.error();
  json::object server;
  for (auto key : {"uid", "creationTimestamp", "generation"})
    if (auto* x = find_path(old, "metadata." + std::string{key}))
      server[key] = *x;
  auto made = merged(kind, wanted, meta, server);
  if (auto* status = old.if_contains("status"))
    made["status"] = *status;
  if (made == old)
    return edit{edit_action::none, old, false};
  if (has_new_meaning(old, made))
    made["metadata"].get_object()["generation"] = generation_of(old) + 1;
  return edit{edit_action::put, std::move(made), false};
}

edit plan_remove(const stored_document& current, int64_t now_ms) {
  edit made{edit_action::remove, *current.document, false};
  if (!is_deleting(made.document))
    made.document["metadata"].get_object()["deletionTimestamp"]
      = format_time(now_ms);
  return made;
}

} // namespace

result<prepared> prepare(const resource_request& request,
                         std::string_view uid) {
  if (request.verb == resource_verb::remove)
    return prepared{request.namespace_name, request.name, {}};
  auto given = parse_document(request.body);
  if (!given)
    return given.error();
  std::optional<failure> problem;
  strict_reader root{*given, "", problem};
  auto meta = root.object("metadata");
  if (!meta.present())
    root.refuse("metadata", "is required");
  auto read = read_metadata(meta);
  prepared made;
  made.namespace_name
    = agreed(meta, "namespace", read.namespace_name, request.namespace_name);
  made.name = agreed(meta, "name", read.name, request.name);
  if (made.namespace_name.empty())
    made.namespace_name = "default";
  if (made.name.empty() && !read.generate_name.empty())
    made.name = generated_name(read.generate_name, uid);
  if (problem)
    return *problem;
  auto& members = (*given)["metadata"].get_object();
  members["namespace"] = made.namespace_name;
  members["name"] = made.name;
  made.given = std::move(*given);
  return made;
}

result<edit> plan(const resource_kind& kind, resource_verb verb,
                  const prepared& wanted, const stored_document& current,
                  std::string_view uid, int64_t now_ms) {
  bool exists = current.document != nullptr;
  if (verb == resource_verb::remove) {
    if (!exists)
      return missing(kind, wanted);
    return plan_remove(current, now_ms);
  }
  std::optional<failure> problem;
  strict_reader root{wanted.given, "", problem};
  auto meta = read_metadata(root.object("metadata"));
  if (problem)
    return *problem;
  if (verb == resource_verb::create && exists)
    return failure{ec::already_exists, std::string{kind.name} + " '"
                                         + place(wanted) + "' exists already"};
  if (verb == resource_verb::replace && !exists)
    return missing(kind, wanted);
  if (exists && is_deleting(*current.document))
    return conflicting(std::string{kind.name} + " '" + place(wanted)
                       + "' is being deleted; try again when it is gone");
  if (exists)
    return plan_update(kind, verb, wanted, std::move(meta), current);
  if (!meta.resource_version.empty() && verb == resource_verb::apply)
    return conflicting("metadata.resourceVersion: is set, but '" + place(wanted)
                         + "' does not exist",
                       "metadata.resourceVersion");
  return plan_create(kind, wanted, meta, uid, now_ms);
}

result<edit> plan_pause(std::string_view namespace_name, std::string_view name,
                        bool paused, const stored_document& current) {
  const auto& kind = kind_of(kind_role::subscription);
  prepared wanted{std::string{namespace_name}, std::string{name}, {}};
  if (!current.document)
    return missing(kind, wanted);
  if (is_deleting(*current.document))
    return conflicting("Subscription '" + place(wanted) + "' is being deleted");
  auto made = *current.document;
  auto& meta = made["metadata"].get_object();
  auto annotations = object_at(made, "metadata.annotations");
  if (paused)
    annotations[paused_key] = "true";
  else
    annotations.erase(paused_key);
  if (annotations.empty())
    meta.erase("annotations");
  else
    meta["annotations"] = std::move(annotations);
  if (made == *current.document)
    return edit{edit_action::none, std::move(made), false};
  meta["generation"] = generation_of(made) + 1;
  return edit{edit_action::put, std::move(made), false};
}

bool is_deleting(const json::object& document) {
  return find_path(document, "metadata.deletionTimestamp") != nullptr;
}

uint64_t generation_of(const json::object& document) {
  auto n = number_at(document, "metadata.generation");
  return n > 0 ? n : 1;
}

} // namespace eventd::actors
