// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>
#include <vector>

#include "runtime/cloudevents/cloudevents.hpp"

/// What both ways out, headers and JSON, decide alike.
namespace eventd::runtime::cloudevents {

/// The 0.3 attribute that says that data is text which stands for octets.
inline constexpr std::string_view data_encoding_name = "datacontentencoding";

/// True for "base64" in any case.
bool is_base64_name(std::string_view x);

/// The event's attributes, those of `extra` in the place of their namesakes
/// and then at the end. Views into both.
std::vector<attribute_view> merged_attributes(const event_view& event,
                                              const extra_attributes& extra);

/// True where `x` is the `datacontentencoding` of an event whose data eventd
/// holds decoded: as octets go out, it would be a lie.
bool is_decoded_encoding(const event_view& event, const attribute_view& x);

/// Which JSON member data becomes.
enum class data_form {
  none,   ///< No member.
  json,   ///< `data`, the bytes as they are.
  text,   ///< `data`, the bytes as a JSON string.
  base64, ///< `data_base64`, or its like in older versions.
};

/// Decides the form by JSON format 3.1.1: octets whose type says JSON and that
/// are JSON become a value, text becomes a string, all else base64.
data_form form_of(const event_view& event, std::string_view content_type);

} // namespace eventd::runtime::cloudevents
