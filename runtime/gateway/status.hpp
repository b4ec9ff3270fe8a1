// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <string_view>

#include "storage/model/error.hpp"

namespace eventd::runtime {

/// The HTTP status that tells `code`. One of exactly two translations of
/// eventd's errors; the other is `actors/protocol/error.hpp`.
/// The switch has no default, so that the compiler asks for every new code.
constexpr unsigned http_status(ec code) {
  switch (code) {
  case ec::none:
    return 200;
  case ec::invalid_event:
  case ec::invalid_request:
  case ec::loop_detected: // As a Knative broker answers when the TTL is used
                          // up.
    return 400;
  case ec::not_found:
    return 404;
  case ec::method_not_allowed:
    return 405;
  case ec::already_exists:
  case ec::conflict:
    return 409;
  case ec::offset_trimmed:
  case ec::epoch_mismatch:
    return 410;
  case ec::payload_too_large:
    return 413;
  case ec::unsupported_media:
    return 415;
  case ec::offset_out_of_range:
    return 416;
  case ec::invalid_resource: // As Kubernetes answers: understood, not valid.
  case ec::immutable_field:
    return 422;
  case ec::overloaded:
    return 429;
  case ec::not_leader:
  case ec::timeout:
  case ec::shutting_down:
  case ec::unreachable:
  case ec::actor_died:
    return 503;
  case ec::no_space:
    return 507;
  case ec::corrupt_record:
  case ec::corrupt_store:
  case ec::format_too_new:
  case ec::data_dir_in_use:
  case ec::address_in_use:
  case ec::invalid_config:
  case ec::io_error:
  case ec::raft_failed:
  case ec::internal:
    return 500;
  }
  return 500;
}

/// What a caller that may repeat its call is told to wait. Unit: s. 0: nothing.
constexpr unsigned retry_after_s(unsigned status) {
  return status == 429 || status == 503 ? 1 : 0;
}

/// The reason phrase of a status that eventd answers with.
constexpr std::string_view reason_phrase(unsigned status) {
  switch (status) {
  case 200:
    return "OK";
  case 201:
    return "Created";
  case 202:
    return "Accepted";
  case 400:
    return "Bad Request";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 406:
    return "Not Acceptable";
  case 409:
    return "Conflict";
  case 410:
    return "Gone";
  case 413:
    return "Content Too Large";
  case 415:
    return "Unsupported Media Type";
  case 416:
    return "Range Not Satisfiable";
  case 417:
    return "Expectation Failed";
  case 422:
    return "Unprocessable Content";
  case 429:
    return "Too Many Requests";
  case 431:
    return "Request Header Fields Too Large";
  case 500:
    return "Internal Server Error";
  case 503:
    return "Service Unavailable";
  case 507:
    return "Insufficient Storage";
  default:
    return "Unknown";
  }
}

} // namespace eventd::runtime
