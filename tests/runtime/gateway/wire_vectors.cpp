// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/runtime/gateway/wire_vectors.hpp"

namespace eventd::tests {

namespace {

const std::string event_fields
  = "ce-specversion: 1.0\r\nce-source: /test\r\nce-type: test.made\r\n";

} // namespace

std::string wire_request(const std::string& line, const std::string& fields,
                         const std::string& body) {
  return line + "\r\nce-id: own\r\n" + event_fields + fields + "\r\n" + body;
}

std::string wire_post(const std::string& fields, const std::string& body) {
  return wire_request("POST /prod/orders HTTP/1.1", "Host: x\r\n" + fields,
                      body);
}

std::string wire_chunked(const std::string& body) {
  return wire_post("Transfer-Encoding: chunked\r\n", body);
}

std::string smuggled_request() {
  return "POST /prod/orders HTTP/1.1\r\nHost: x\r\nce-id: smuggled\r\n"
         + event_fields + "Content-Length: 0\r\n\r\n";
}

std::string repeated(size_t n, const std::string& text) {
  std::string out;
  out.reserve(n * text.size());
  for (size_t i = 0; i < n; ++i)
    out += text;
  return out;
}

} // namespace eventd::tests
