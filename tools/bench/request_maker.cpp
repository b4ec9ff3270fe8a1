// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/request_maker.hpp"

#include <cstdio>

#include "storage/model/assert.hpp"

namespace eventd::bench {

namespace {

constexpr std::string_view source = "/eventd-bench";
constexpr std::string_view type = "dev.eventd.bench";
constexpr std::string_view data_type = "application/json";

std::string_view content_type(content_mode x) {
  switch (x) {
  case content_mode::binary:
    return data_type;
  case content_mode::structured:
    return "application/cloudevents+json";
  case content_mode::batch:
    break;
  }
  return "application/cloudevents-batch+json";
}

} // namespace

result<content_mode> parse_mode(std::string_view text) {
  if (text == "binary")
    return content_mode::binary;
  if (text == "structured")
    return content_mode::structured;
  if (text == "batch")
    return content_mode::batch;
  return failure{ec::invalid_config, "'" + std::string{text}
                                       + "' is not a mode: binary, structured "
                                       + "or batch"};
}

request_maker::request_maker(maker_options options)
  : options_(std::move(options)), data_(R"({"fill":""})") {
  std::string smallest;
  append_event(smallest, 0, std::nullopt);
  if (options_.event_bytes > smallest.size())
    data_.insert(data_.size() - 2,
                 std::string(options_.event_bytes - smallest.size(), 'x'));
}

std::string request_maker::id_of(uint64_t n) const {
  char digits[24];
  auto size = std::snprintf(digits, sizeof digits, "%012llu",
                            static_cast<unsigned long long>(n));
  return options_.id_prefix + std::string(digits, static_cast<size_t>(size));
}

void request_maker::append_event(std::string& out, uint64_t n,
                                 std::optional<int64_t> sent_ns) const {
  out.append(R"({"specversion":"1.0","id":")").append(id_of(n));
  out.append(R"(","source":")").append(source);
  out.append(R"(","type":")").append(type);
  if (sent_ns)
    out.append(R"(","benchsent":")").append(std::to_string(*sent_ns));
  out.append(R"(","datacontenttype":")").append(data_type);
  out.append(R"(","data":)").append(data_).append("}");
}

void request_maker::make(std::string& out, uint64_t first, size_t count,
                         std::optional<int64_t> sent_ns) {
  auto binary = options_.mode == content_mode::binary;
  auto batch = options_.mode == content_mode::batch;
  EVENTD_ASSERT(count == 1 || batch);
  body_.clear();
  if (binary)
    body_ = data_;
  else {
    body_.append(batch ? "[" : "");
    for (size_t i = 0; i < count; ++i) {
      body_.append(i == 0 ? "" : ",");
      append_event(body_, first + i, sent_ns);
    }
    body_.append(batch ? "]" : "");
  }
  out.clear();
  out.append("POST ").append(options_.path);
  if (options_.channels > 1)
    out.append("-").append(std::to_string(first / count % options_.channels));
  out.append(" HTTP/1.1\r\nHost: ").append(options_.server.authority);
  if (binary) {
    out.append("\r\nce-specversion: 1.0\r\nce-id: ").append(id_of(first));
    out.append("\r\nce-source: ").append(source);
    out.append("\r\nce-type: ").append(type);
    if (sent_ns)
      out.append("\r\nce-benchsent: ").append(std::to_string(*sent_ns));
  }
  out.append("\r\nContent-Type: ").append(content_type(options_.mode));
  out.append("\r\nContent-Length: ").append(std::to_string(body_.size()));
  out.append("\r\n\r\n").append(body_);
}

} // namespace eventd::bench
