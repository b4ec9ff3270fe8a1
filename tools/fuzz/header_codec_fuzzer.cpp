// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "runtime/cloudevents/header_codec.hpp"
#include "runtime/cloudevents/text.hpp"

using namespace eventd;
using namespace eventd::runtime::cloudevents;

namespace {

void require(bool x) {
  if (!x)
    std::abort();
}

/// Characters that encoding leaves in a header: none that ends a line or a
/// quoted string, and ASCII only.
bool is_encoded(std::string_view x) {
  return std::all_of(x.begin(), x.end(),
                     [](char c) { return c > 0x20 && c < 0x7f && c != '"'; });
}

std::string encoded(std::string_view value) {
  std::string out = "before";
  append_encoded(out, value);
  require(out.starts_with("before"));
  return out.substr(6);
}

/// One attribute of one version.
struct place {
  std::string_view name;
  spec_version version;
};

attribute_view decoded(std::string_view raw, const place& at, arena& memory) {
  attribute_view x;
  x.name = at.name;
  auto ok = decode_header(raw, at.version, memory, x);
  require(ok == is_utf8(x.value));
  require(x.value.size() <= raw.size());
  // What would be sent in another form than it came keeps that form.
  require(x.raw_header == (encoded(x.value) == raw ? "" : raw));
  return x;
}

/// Any header comes back as it was; what can not stand in a header comes back
/// with the same value.
void check_header(std::string_view raw, const place& at) {
  arena memory;
  auto x = decoded(raw, at, memory);
  auto sent = header_value(x, at.version);
  require(is_field_value(sent));
  if (is_field_value(raw))
    require(sent == raw);
  auto again = decoded(sent, at, memory);
  require(again.value == x.value && again.type == x.type);
}

/// Any value comes back from its header.
void check_value(std::string_view value, const place& at) {
  arena memory;
  auto raw = encoded(value);
  require(is_encoded(raw));
  auto x = decoded(raw, at, memory);
  require(x.value == value && x.raw_header.empty());
  // A string that reads like a number stays a string.
  attribute_view text{at.name, value, attribute_type::string, {}};
  auto sent = header_value(text, at.version);
  require(is_field_value(sent));
  auto back = decoded(sent, at, memory);
  require(back.value == value && back.type == attribute_type::string);
  // A form that can not stand in a header is not sent.
  text.raw_header = value;
  auto kept = header_value(text, at.version);
  require(kept == (is_field_value(value) && !value.empty() ? value : sent));
}

} // namespace

/// Called by libFuzzer with each input, of which the first byte chooses version
/// and attribute: no header crashes the decoder, all values survive it, and
/// what is encoded is visible ASCII.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr std::array<std::string_view, 4> names{"ext", "id", "source",
                                                  "eventtypeversion"};
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (bytes.empty())
    return 0;
  auto first = static_cast<unsigned char>(bytes.front());
  place at{names[first / 4 % 4], static_cast<spec_version>(first % 4)};
  bytes.remove_prefix(1);
  check_header(bytes, at);
  check_value(bytes, at);
  return 0;
}
