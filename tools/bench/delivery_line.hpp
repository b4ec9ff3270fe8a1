// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "tools/bench/http_server.hpp"

namespace eventd::bench {

/// What a sink was sent, by its CloudEvents attributes.
struct delivered_event {
  std::string id; ///< Empty where the request is no event.
  std::string type;
  std::string source;
};

/// Reads the attributes from headers (binary mode) or body (structured). Pure.
delivered_event event_of(const server_request& request);

/// One delivery as a line of JSON without a line feed: {"id":…,"type":…,
/// "source":…,"path":…,"status":…,"headers":{…},"body":"…"}; a body that is not
/// UTF-8 stands in "body_base64". Header names are in lower case. Pure.
std::string delivery_line(const server_request& request, unsigned status);

} // namespace eventd::bench
