// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <string>
#include <vector>

/// Requests as bytes, for `wire_guard_test.cpp`. Each publishes an event of the
/// id "own" to prod/orders where nothing else is said.
namespace eventd::tests {

/// What must be refused: one answer, no further one, nothing stored.
struct bad_wire {
  std::string name;
  std::string bytes; ///< One request, whole in the eyes of whoever sent it.
  int status = 400;
};

std::vector<bad_wire> bad_encodings(); ///< Transfer-Encoding.
std::vector<bad_wire> bad_lengths();   ///< Content-Length.
std::vector<bad_wire> bad_hosts();
std::vector<bad_wire> bad_request_lines();
std::vector<bad_wire> bad_line_ends(); ///< And what is no line of a header.
std::vector<bad_wire> bad_fields();
std::vector<bad_wire> bad_chunks();
std::vector<bad_wire> bad_chunk_extensions();
std::vector<bad_wire> bad_trailers();
std::vector<bad_wire> too_large();

/// What must be carried out, and nothing but it.
struct good_wire {
  std::string name;
  std::string bytes;
  std::vector<int> statuses = {202}; ///< Final ones, in their order.
  size_t stored = 1;
  std::string data = "abc"; ///< Of the last event stored.
};

std::vector<good_wire> good_framings();
std::vector<good_wire> good_chunks();
std::vector<good_wire> good_headers();
std::vector<good_wire> good_connections();
std::vector<good_wire> last_requests(); ///< The server closes behind them.

/// What a liar hides behind his own request: an event of the id "smuggled".
std::string smuggled_request();

/// A request line, the fields of an event, and these; then a body.
std::string wire_request(const std::string& line, const std::string& fields,
                         const std::string& body = {});

/// The same with the line and the Host of a publish.
std::string wire_post(const std::string& fields, const std::string& body = {});

/// The same with a chunked body.
std::string wire_chunked(const std::string& body);

/// `text` so many times.
std::string repeated(size_t n, const std::string& text);

} // namespace eventd::tests
