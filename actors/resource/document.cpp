// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/document.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>

#include "storage/model/assert.hpp"
#include "storage/model/limits.hpp"

namespace eventd::actors {

namespace {

std::string_view view(const json::string& x) {
  return {x.data(), x.size()};
}

json::string_view key_of(std::string_view x) {
  return {x.data(), x.size()};
}

const char* type_name(const json::value& x) {
  switch (x.kind()) {
  case json::kind::null:
    return "null";
  case json::kind::bool_:
    return "a boolean";
  case json::kind::int64:
  case json::kind::uint64:
  case json::kind::double_:
    return "a number";
  case json::kind::string:
    return "a string";
  case json::kind::array:
    return "a list";
  case json::kind::object:
    return "an object";
  }
  return "unknown";
}

} // namespace

strict_reader strict_reader::open(const json::value& x, std::string path,
                                  std::optional<failure>& problem) {
  strict_reader made{std::move(path), problem};
  if (x.is_object())
    made.members_ = &x.get_object();
  else if (!x.is_null())
    made.refuse(std::string{"must be an object, is "} + type_name(x));
  return made;
}

const json::value* strict_reader::any(std::string_view key) {
  asked_.emplace_back(key);
  if (!members_)
    return nullptr;
  auto* x = members_->if_contains(key_of(key));
  return x && !x->is_null() ? x : nullptr;
}

std::optional<std::string> strict_reader::string(std::string_view key) {
  auto* x = any(key);
  if (!x)
    return {};
  if (!x->is_string()) {
    refuse(key, std::string{"must be a string, is "} + type_name(*x));
    return {};
  }
  return std::string{view(x->get_string())};
}

std::optional<int64_t> strict_reader::integer(std::string_view key) {
  auto* x = any(key);
  if (!x)
    return {};
  if (!x->is_int64()) {
    refuse(key, std::string{"must be an integer, is "}
                  + (x->is_number() ? "a number out of range or with a fraction"
                                    : type_name(*x)));
    return {};
  }
  return x->get_int64();
}

strict_reader strict_reader::object(std::string_view key) {
  auto* x = any(key);
  if (!x)
    return {path_of(key), *problem_};
  return open(*x, path_of(key), *problem_);
}

json::object strict_reader::strings(std::string_view key) {
  auto inner = object(key);
  if (!inner.members_)
    return {};
  for (auto& [name, x] : *inner.members_)
    if (!x.is_string())
      inner.refuse(std::string_view{name.data(), name.size()},
                   std::string{"must be a string, is "} + type_name(x)
                     + "; quote it");
  return *inner.members_;
}

void strict_reader::done() {
  if (!members_)
    return;
  for (auto& member : *members_) {
    std::string_view key{member.key().data(), member.key().size()};
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
      refuse(key, "is not a field of this kind");
  }
}

bool strict_reader::has(std::string_view key) const {
  auto* x = members_ ? members_->if_contains(key_of(key)) : nullptr;
  return x && !x->is_null();
}

void strict_reader::refuse(std::string_view key, const std::string& text) {
  if (*problem_)
    return;
  auto where = path_of(key);
  *problem_ = failure{ec::invalid_resource, where + ": " + text, where};
}

void strict_reader::refuse(const std::string& text) {
  if (*problem_)
    return;
  auto where = path_.empty() ? std::string{"document"} : path_;
  *problem_ = failure{ec::invalid_resource, where + ": " + text, where};
}

std::string strict_reader::path_of(std::string_view key) const {
  // A key with dots stands in brackets, as Kubernetes writes annotations.
  if (key.find('.') != key.npos || key.find('/') != key.npos)
    return path_ + '[' + std::string{key} + ']';
  return path_.empty() ? std::string{key} : path_ + '.' + std::string{key};
}

packed_document::packed_document(const json::object& document)
  : text_(json::serialize(document)) {
  text_.shrink_to_fit();
}

json::object packed_document::unpack() const {
  auto document = parse_document(text_);
  EVENTD_ASSERT(document);
  return std::move(*document);
}

const json::value* find_path(const json::object& document,
                             std::string_view path) {
  const auto* members = &document;
  for (;;) {
    auto dot = path.find('.');
    auto* x = members->if_contains(key_of(path.substr(0, dot)));
    if (!x || dot == path.npos)
      return x;
    if (!x->is_object())
      return nullptr;
    members = &x->get_object();
    path.remove_prefix(dot + 1);
  }
}

std::string_view string_at(const json::object& document,
                           std::string_view path) {
  auto* x = find_path(document, path);
  return x && x->is_string() ? view(x->get_string()) : std::string_view{};
}

uint64_t number_at(const json::object& document, std::string_view path) {
  auto* x = find_path(document, path);
  if (!x)
    return 0;
  if (x->is_uint64())
    return x->get_uint64();
  return x->is_int64() && x->get_int64() > 0
           ? static_cast<uint64_t>(x->get_int64())
           : 0;
}

const json::object& object_at(const json::object& document,
                              std::string_view path) {
  static const json::object nothing;
  auto* x = find_path(document, path);
  return x && x->is_object() ? x->get_object() : nothing;
}

result<json::object> parse_document(std::string_view text) {
  json::parse_options options;
  options.max_depth = limits::json_depth_max;
  // The usual way is off by a bit for a quarter of all numbers, so that what
  // was stored would not be what is sent again.
  options.numbers = json::number_precision::precise;
  json::parser parser{{}, options};
  boost::system::error_code error;
  auto read = parser.write_some(text.data(), text.size(), error);
  auto end = text.find_first_not_of(" \t\r\n", read);
  if (!error && end != text.npos)
    error = json::error::extra_data;
  if (error)
    return failure{ec::invalid_request, "the body is not JSON at byte "
                                          + std::to_string(read) + ": "
                                          + error.message()};
  auto document = parser.release();
  if (!document.is_object())
    return failure{ec::invalid_request, "the body must be a JSON object, is "
                                          + std::string{type_name(document)}};
  return std::move(document.get_object());
}

} // namespace eventd::actors
