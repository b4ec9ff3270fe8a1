// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "storage/model/error.hpp"
#include "tools/client/http_client.hpp"

/// Events as a tool makes and sends them. Pure; any thread; never blocks.
namespace eventd::tools {

/// An event as a user describes it on the command line.
struct event_fields {
  std::string id = {};
  std::string source = {};
  std::string type = {};
  std::string subject = {};      ///< Empty: none.
  std::string content_type = {}; ///< Empty: guessed from the data.
  std::string data = {};         ///< Bytes; empty: no data.
};

/// The event as one line of JSON (CloudEvents JSON format 1.0.2). Data that is
/// JSON stands in it byte for byte, other UTF-8 as a string, other bytes as
/// base64.
std::string json_of(const event_fields& x);

/// A publish request of one event in structured mode.
http_request structured_request(std::string target, std::string event_json);

/// A publish request of one event in binary mode, data bytes unchanged; in
/// structured mode where the type of its data would be taken for that mode.
/// @errors `ec::invalid_event`: `event_json` is not a valid event.
result<http_request> binary_request(std::string target,
                                    std::string_view event_json);

/// A publish request of some events: `joined` is their texts with commas
/// between.
http_request batch_request(std::string target, std::string_view joined);

/// Whether the bytes are UTF-8, so that JSON can hold them as a string.
bool is_text(std::string_view x);

std::string base64(std::string_view x);

/// 128 random bits as 32 hexadecimal digits, for ids. Not for secrets.
std::string random_id();

} // namespace eventd::tools
