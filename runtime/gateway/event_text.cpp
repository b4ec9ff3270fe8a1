// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/event_text.hpp"

#include <algorithm>
#include <optional>

#include "runtime/cloudevents/cloudevents.hpp"
#include "runtime/gateway/framing_guard.hpp"
#include "runtime/gateway/problem.hpp"
#include "runtime/gateway/times.hpp"

namespace eventd::runtime {

namespace {

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<read_format> format_of(std::string_view range) {
  if (iequals(range, "application/x-ndjson")
      || iequals(range, "application/ndjson"))
    return read_format::ndjson;
  if (iequals(range, "text/event-stream"))
    return read_format::sse;
  if (iequals(range, "application/cloudevents-batch+json")
      || iequals(range, "application/json") || iequals(range, "application/*")
      || iequals(range, "*/*"))
    return read_format::batch;
  return std::nullopt;
}

/// Thousandths of a quality value: "0.5" is 500; what is no number is 1000.
int quality(std::string_view parameters) {
  while (!parameters.empty()) {
    auto end = std::min(parameters.find(';'), parameters.size());
    auto x = trimmed(parameters.substr(0, end));
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
    if (x.size() < 3 || (x[0] != 'q' && x[0] != 'Q') || x[1] != '=')
      continue;
    int value = x[2] == '0' ? 0 : 1'000;
    if (value == 1'000 || x.size() < 5 || x[3] != '.')
      return value;
    int scale = 100;
    for (auto c : x.substr(4)) {
      if (c < '0' || c > '9')
        break;
      value += (c - '0') * scale;
      scale /= 10;
    }
    return value;
  }
  return 1'000;
}

/// JSON data keeps the white space it came with. A line end in JSON is never
/// inside a string, so a space says the same and keeps the frame whole.
void join_lines(std::string& out, size_t begin) {
  for (auto end : {'\n', '\r'})
    for (auto i = out.find(end, begin); i != std::string::npos;
         i = out.find(end, i + 1))
      out[i] = ' ';
}

} // namespace

std::string_view media_type(read_format x) {
  switch (x) {
  case read_format::ndjson:
    return "application/x-ndjson";
  case read_format::sse:
    return "text/event-stream";
  case read_format::batch:
    break;
  }
  return "application/cloudevents-batch+json";
}

result<read_format> negotiate_read(std::string_view accept) {
  if (trimmed(accept).empty())
    return read_format::batch;
  std::optional<read_format> best;
  int best_quality = 0;
  while (!accept.empty()) {
    auto end = std::min(accept.find(','), accept.size());
    auto item = accept.substr(0, end);
    accept.remove_prefix(std::min(end + 1, accept.size()));
    auto semicolon = std::min(item.find(';'), item.size());
    auto format = format_of(trimmed(item.substr(0, semicolon)));
    auto weight = quality(item.substr(std::min(semicolon + 1, item.size())));
    if (format && weight > best_quality) {
      best = format;
      best_quality = weight;
    }
  }
  if (!best)
    return failure{ec::invalid_request,
                   "reads are answered as application/cloudevents-batch+json, "
                   "application/x-ndjson or text/event-stream",
                   "accept"};
  return *best;
}

void append_events(std::string& out, read_format format,
                   const event_batch& events, incarnation epoch) {
  cloudevents::extra_attributes extra{
    {"eventdoffset", {}},
    {"eventdtime", to_rfc3339(static_cast<int64_t>(events.stored_at.value))}};
  for (size_t i = 0; i < events.size(); ++i) {
    auto offset = (events.first_offset + i).value;
    extra[0].second = std::to_string(offset);
    if (format == read_format::sse) {
      out += "id: " + std::to_string(epoch.value) + ':' + extra[0].second;
      out += "\ndata: ";
    } else if (format == read_format::batch && !out.ends_with('[')) {
      out += ',';
    }
    auto begin = out.size();
    cloudevents::append_json(out, events[i], extra);
    if (format != read_format::batch)
      join_lines(out, begin);
    if (format == read_format::sse)
      out += "\n\n";
    else if (format == read_format::ndjson)
      out += '\n';
  }
}

void append_heartbeat(std::string& out) {
  out += ":\n\n";
}

void append_stream_error(std::string& out, const failure& why,
                         unsigned status) {
  out += "event: error\ndata: " + problem_json(why, status) + "\n\n";
}

} // namespace eventd::runtime
