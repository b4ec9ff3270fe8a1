// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "actors/protocol/messages.hpp"
#include "runtime/cloudevents/cloudevents.hpp"
#include "runtime/gateway/client.hpp"
#include "runtime/gateway/url.hpp"

/// What one delivery attempt says and what its answer means. All pure.
namespace eventd::runtime {

/// The `knativeerror…` attributes of a dead letter; empty on the other legs.
cloudevents::extra_attributes
extra_attributes_of(const actors::delivery_request& request);

/// The whole HTTP request for one attempt: the event in its own version and
/// bytes, structured where binary mode can not hold it, `Prefer: reply` on the
/// subscriber leg, `Kn-Namespace`, the publisher's `traceparent` and
/// `tracestate` or else those of the event, and the forwarded headers: the
/// publisher's, on the reply leg those of the subscriber's answer. What could
/// become a second line is left out.
/// @pre `request.event` holds one event
std::string build_delivery(const actors::delivery_request& request,
                           const http_url& url);

/// What an answer means: status, `Retry-After` of 429 and 503, the body's first
/// bytes, the reply event (2xx but never 202), the headers that go on.
actors::delivery_outcome outcome_of(client_answer& answer, int64_t now_ms);

/// What an attempt without an answer means.
actors::delivery_outcome outcome_of(const failure& why);

/// The outcome of an append on this node, as its HTTP answer would tell it.
actors::delivery_outcome
outcome_of(const result<actors::append_result>& stored);

/// The event as another channel of this node stores it: with the
/// `knativeerror…` attributes of a dead letter, the headers that go on, and one
/// hop more.
/// @errors `ec::loop_detected`: it went through `limits::hops_max` channels
result<event_batch> event_to_store(const actors::delivery_request& request);

} // namespace eventd::runtime
