// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/framing_guard.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "runtime/gateway/response.hpp"

namespace eventd::runtime {

namespace {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_hex(char c) {
  auto x = to_lower(c);
  return (x >= '0' && x <= '9') || (x >= 'a' && x <= 'f');
}

/// Characters of a path or query (RFC 3986), without the percent sign.
constexpr auto target_characters = [] {
  std::array<bool, 256> table{};
  constexpr std::string_view allowed
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
      "-._~!$&'()*+,;=:@/?";
  for (auto c : allowed)
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

failure refuse(std::string detail, std::string field = {}) {
  return {ec::invalid_request, std::move(detail), std::move(field)};
}

bool is_method(std::string_view text) {
  return !text.empty() && text.size() <= 16
         && std::all_of(text.begin(), text.end(),
                        [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_origin_form(std::string_view target) {
  if (target.empty() || target[0] != '/')
    return false;
  for (size_t i = 0; i < target.size(); ++i) {
    if (target[i] == '%') {
      if (i + 2 >= target.size() || !is_hex(target[i + 1])
          || !is_hex(target[i + 2]))
        return false;
    } else if (!target_characters[static_cast<unsigned char>(target[i])]) {
      return false;
    }
  }
  return true;
}

/// The name and port of a server; no user, path or space.
bool is_authority(std::string_view text) {
  return !text.empty() && text.size() <= 263
         && std::all_of(text.begin(), text.end(), [](char c) {
              auto x = to_lower(c);
              return (x >= 'a' && x <= 'z') || (x >= '0' && x <= '9')
                     || x == '.' || x == '-' || x == '_' || x == ':' || x == '['
                     || x == ']';
            });
}

/// "close" is one of the words of a `Connection` field.
bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    auto comma = std::min(list.find(','), list.size());
    auto word = list.substr(0, comma);
    auto first = word.find_first_not_of(" \t");
    if (first != std::string_view::npos) {
      word = word.substr(first, word.find_last_not_of(" \t") - first + 1);
      if (iequals(word, token))
        return true;
    }
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

/// Digits only: no sign, no space, no list; at most 18 of them, so that the
/// number can not overflow.
std::optional<uint64_t> parse_length(std::string_view text) {
  if (text.empty() || text.size() > 18)
    return std::nullopt;
  uint64_t x = 0;
  for (auto c : text) {
    if (c < '0' || c > '9')
      return std::nullopt;
    x = x * 10 + static_cast<uint64_t>(c - '0');
  }
  return x;
}

/// What was met while the fields were walked through once.
struct seen {
  unsigned hosts = 0;
  unsigned lengths = 0;
  unsigned encodings = 0;
  bool keep_alive = false;
};

result<void> take_field(const request_header& header, std::string_view name,
                        std::string_view value, seen& met, framing& out) {
  // The length of the name decides first: most fields are none of these.
  switch (name.size()) {
  case 4:
    if (iequals(name, "host")) {
      ++met.hosts;
      out.host = value;
    }
    break;
  case 6:
    if (iequals(name, "expect") && header.version >= 11) {
      if (!iequals(value, "100-continue"))
        return refuse("only the expectation 100-continue is known", "expect");
      out.expects_continue = true;
    }
    break;
  case 10:
    if (iequals(name, "connection")) {
      out.close = out.close || has_token(value, "close");
      met.keep_alive = met.keep_alive || has_token(value, "keep-alive");
    }
    break;
  case 14:
    if (iequals(name, "content-length")) {
      auto length = parse_length(value);
      if (!length || ++met.lengths > 1)
        return refuse("Content-Length must be one number", "content-length");
      out.kind = body_framing::length;
      out.content_length = *length;
    }
    break;
  case 16:
    if (iequals(name, "content-encoding"))
      return failure{ec::unsupported_media,
                     "bodies are taken without Content-Encoding only",
                     "content-encoding"};
    break;
  case 17:
    if (iequals(name, "transfer-encoding")) {
      if (++met.encodings > 1 || !iequals(value, "chunked")
          || header.version < 11)
        return refuse("Transfer-Encoding must be absent or exactly chunked, "
                      "in HTTP/1.1",
                      "transfer-encoding");
    }
    break;
  default:
    break;
  }
  return {};
}

result<void> take_target(std::string_view target, framing& out) {
  constexpr std::string_view scheme = "http://";
  if (target.size() > scheme.size()
      && iequals(target.substr(0, scheme.size()), scheme)) {
    // Absolute form: its authority wins over the Host field (RFC 9112 3.2.2).
    auto rest = target.substr(scheme.size());
    auto path = std::min(rest.find('/'), rest.size());
    out.host = rest.substr(0, path);
    target = path == rest.size() ? std::string_view{"/"} : rest.substr(path);
    if (!is_authority(out.host))
      return refuse("the request's target names no valid host");
  }
  if (target != "*" && !is_origin_form(target))
    return refuse("the request's target is not a valid path and query");
  out.target = target;
  return {};
}

} // namespace

bool iequals(std::string_view a, std::string_view b) {
  return a.size() == b.size()
         && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
              return to_lower(x) == to_lower(y);
            });
}

std::string_view find_field(std::span<const cloudevents::field> fields,
                            std::string_view name) {
  for (const auto& field : fields)
    if (iequals(field.name, name))
      return field.value;
  return {};
}

result<framing> framing_guard(const request_header& header,
                              const header_bounds& bounds) {
  if (header.bytes > bounds.bytes_max)
    return failure{ec::payload_too_large, "the header is larger than "
                                            + std::to_string(bounds.bytes_max)
                                            + " bytes"};
  if (header.fields.size() > bounds.fields_max)
    return failure{ec::payload_too_large, "more than "
                                            + std::to_string(bounds.fields_max)
                                            + " header fields"};
  if (header.folded)
    return refuse("a header field goes on in a second line");
  if (!is_method(header.method))
    return refuse("the method is not a word of capital letters");
  framing out;
  seen met;
  for (const auto& field : header.fields) {
    if (!is_safe_value(field.value))
      return refuse("a header field holds a control character",
                    std::string{field.name});
    if (auto ok = take_field(header, field.name, field.value, met, out); !ok)
      return ok.error();
  }
  if (met.hosts > 1 || (met.hosts == 0 && header.version >= 11))
    return refuse("exactly one Host field is needed", "host");
  if (met.hosts == 1 && !out.host.empty() && !is_authority(out.host))
    return refuse("the Host field is not a host name", "host");
  if (met.encodings > 0 && met.lengths > 0)
    return refuse("both Transfer-Encoding and Content-Length",
                  "transfer-encoding");
  if (met.encodings > 0)
    out.kind = body_framing::chunked;
  if (header.version < 11 && !met.keep_alive)
    out.close = true;
  if (auto ok = take_target(header.target, out); !ok)
    return ok.error();
  return out;
}

} // namespace eventd::runtime
