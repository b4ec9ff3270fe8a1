// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/delivery_line.hpp"

#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tools/client/cloudevent.hpp"

namespace eventd::bench {

namespace {

namespace json = boost::json;

std::string lower(std::string_view x) {
  std::string out{x};
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

std::string text_at(const json::object& from, const char* key) {
  auto found = from.if_contains(key);
  return found && found->is_string()
           ? std::string{std::string_view{found->get_string()}}
           : std::string{};
}

} // namespace

delivered_event event_of(const server_request& request) {
  auto type = lower(request["Content-Type"]);
  if (!type.starts_with("application/cloudevents"))
    return {std::string{request["ce-id"]}, std::string{request["ce-type"]},
            std::string{request["ce-source"]}};
  boost::system::error_code wrong;
  auto body = json::parse(request.body(), wrong);
  if (wrong || !body.is_object())
    return {};
  auto& event = body.get_object();
  return {text_at(event, "id"), text_at(event, "type"),
          text_at(event, "source")};
}

std::string delivery_line(const server_request& request, unsigned status) {
  auto event = event_of(request);
  json::object headers;
  for (auto& field : request)
    headers[lower(field.name_string())] = std::string_view{field.value()};
  json::object out{
    {"id", event.id},         {"type", event.type},
    {"source", event.source}, {"path", std::string_view{request.target()}},
    {"status", status},       {"headers", std::move(headers)}};
  if (tools::is_text(request.body()))
    out["body"] = request.body();
  else
    out["body_base64"] = tools::base64(request.body());
  return json::serialize(out);
}

} // namespace eventd::bench
