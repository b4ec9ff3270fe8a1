// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

#include "actors/protocol/messages.hpp"
#include "storage/model/error.hpp"

/// The resource API in HTTP: Kubernetes' paths and verbs. Pure; any thread.
namespace eventd::runtime {

/// Does this path (without its query) belong to the resource API: `/api`,
/// `/apis` and all beneath them?
bool is_api_path(std::string_view path);

/// Turns a request into one for RESOURCES. `target` is path and query.
/// `PATCH /apis/messaging.knative.dev/v1/namespaces/default/channels/orders`
/// with the content type `application/apply-patch+yaml` is an `apply`; its
/// body may be YAML and is JSON in the answer. GET of an object and of its
/// `/status` are the same. The query may hold `dryRun=All`, `fieldManager` and
/// `fieldValidation=Strict`, which is how every request is read.
/// @errors `ec::not_found`: no such path or kind; the detail lists the kinds.
///   `ec::method_not_allowed`: `field` lists the methods, for `Allow`.
///   `ec::unsupported_media`: another content type, or another kind of patch.
///   `ec::invalid_request`: query, body or number of documents; `field` has
///   the parameter or the place in the body.
///   `ec::payload_too_large`
result<actors::resource_request>
to_resource_request(std::string_view method, std::string_view target,
                    std::string_view content_type, std::string_view body);

} // namespace eventd::runtime
