// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/client/cloudevent.hpp"

#include <array>
#include <cstdint>
#include <random>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "runtime/cloudevents/base64.hpp"
#include "runtime/cloudevents/cloudevents.hpp"
#include "runtime/cloudevents/media_type.hpp"
#include "runtime/cloudevents/text.hpp"
#include "storage/model/limits.hpp"

namespace eventd::tools {

namespace {

namespace json = boost::json;

std::string quoted(std::string_view x) {
  return json::serialize(json::string_view{x.data(), x.size()});
}

bool is_json(std::string_view x) {
  boost::system::error_code wrong;
  json::parse(json::string_view{x.data(), x.size()}, wrong);
  return !wrong;
}

bool is_json_type(std::string_view type) {
  type = type.substr(0, type.find(';'));
  return type.ends_with("/json") || type.ends_with("+json");
}

} // namespace

bool is_text(std::string_view x) {
  return runtime::cloudevents::is_utf8(x);
}

std::string base64(std::string_view x) {
  std::string out;
  runtime::cloudevents::append_base64(out, x);
  return out;
}

std::string json_of(const event_fields& x) {
  auto type = x.content_type;
  auto data_is_json = is_json(x.data);
  if (type.empty() && !x.data.empty())
    type = data_is_json      ? "application/json"
           : is_text(x.data) ? "text/plain"
                             : "application/octet-stream";
  auto out = R"({"specversion":"1.0","id":)" + quoted(x.id) + ",\"source\":"
             + quoted(x.source) + ",\"type\":" + quoted(x.type);
  if (!x.subject.empty())
    out += ",\"subject\":" + quoted(x.subject);
  if (!type.empty())
    out += ",\"datacontenttype\":" + quoted(type);
  if (x.data.empty())
    return out + "}";
  if (is_json_type(type) && data_is_json)
    return out + ",\"data\":" + x.data + "}";
  if (!is_json_type(type) && is_text(x.data))
    return out + ",\"data\":" + quoted(x.data) + "}";
  return out + ",\"data_base64\":\"" + base64(x.data) + "\"}";
}

http_request structured_request(std::string target, std::string event_json) {
  return {"POST",
          std::move(target),
          {{"Content-Type", "application/cloudevents+json; charset=UTF-8"}},
          std::move(event_json)};
}

result<http_request> binary_request(std::string target,
                                    std::string_view event_json) {
  namespace ce = runtime::cloudevents;
  const ce::field type{"Content-Type", "application/cloudevents+json"};
  auto events
    = ce::parse_request({&type, 1}, event_json, {1, limits::json_depth_max});
  if (!events)
    return events.error();
  auto event_type = (*events)[0].find("datacontenttype");
  if (event_type && ce::names_mode(event_type->value))
    return structured_request(std::move(target), std::string{event_json});
  auto message = ce::to_binary((*events)[0]);
  return http_request{"POST", std::move(target), std::move(message.headers),
                      std::move(message.body)};
}

http_request batch_request(std::string target, std::string_view joined) {
  std::string body;
  body.reserve(joined.size() + 2);
  body.append("[").append(joined).append("]");
  return {
    "POST",
    std::move(target),
    {{"Content-Type", "application/cloudevents-batch+json; charset=UTF-8"}},
    std::move(body)};
}

std::string random_id() {
  static thread_local std::mt19937_64 dice{[] {
    std::random_device device;
    return uint64_t{device()} << 32 | device();
  }()};
  static constexpr char digits[] = "0123456789abcdef";
  std::string id;
  for (int half = 0; half < 2; ++half)
    for (auto bits = dice(); id.size() < size_t(16 + 16 * half); bits >>= 4)
      id.push_back(digits[bits & 15]);
  return id;
}

} // namespace eventd::tools
