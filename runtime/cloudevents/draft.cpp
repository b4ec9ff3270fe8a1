// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cloudevents/draft.hpp"

#include <algorithm>

#include "runtime/cloudevents/validate.hpp"
#include "runtime/cloudevents/version_map.hpp"
#include "storage/model/limits.hpp"

namespace eventd::runtime::cloudevents {

namespace {

/// A name as it may stand in an answer: short, printable ASCII.
std::string shown_name(std::string_view name) {
  constexpr size_t bytes_max = 64;
  std::string out{name.substr(0, bytes_max)};
  for (auto& c : out)
    if (c < 0x20 || c >= 0x7f)
      c = '?';
  if (name.size() > bytes_max)
    out += "...";
  return out;
}

} // namespace

failure named_failure(ec code, std::string_view what, std::string_view name,
                      std::string_view problem) {
  auto shown = shown_name(name);
  std::string detail{what};
  detail += " '" + shown + "' ";
  detail += problem;
  return {code, std::move(detail), std::move(shown)};
}

failure attribute_failure(std::string_view name, std::string_view problem) {
  return named_failure(ec::invalid_event, "attribute", name, problem);
}

void draft::begin(spec_version version) {
  version_ = version;
  id_ = {};
  source_ = {};
  type_ = {};
  others_.clear();
  kind_ = data_kind::none;
  data_ = {};
}

attribute_view* draft::required(std::string_view name) {
  if (name == "id")
    return &id_;
  if (name == "source")
    return &source_;
  return name == "type" ? &type_ : nullptr;
}

const attribute_view* draft::find(std::string_view name) const {
  auto at = std::find_if(others_.begin(), others_.end(),
                         [&](const auto& x) { return x.name == name; });
  return at == others_.end() ? nullptr : &*at;
}

result<void> draft::add(const attribute_view& x, std::string_view shown) {
  if (is_reserved(x.name)) {
    if (from_ == origin::reply)
      return {};
    return attribute_failure(shown, "begins with 'eventd', '-' and '_' left "
                                    "out: only the server sets such "
                                    "attributes");
  }
  if (const auto* problem = name_problem(version_, x.name))
    return attribute_failure(shown, problem);
  if (const auto* problem = value_problem(version_, x))
    return attribute_failure(shown, problem);
  auto* place = required(x.name);
  // The value of a required attribute is not empty, so this tells its presence.
  if (place != nullptr ? !place->value.empty() : find(x.name) != nullptr)
    return attribute_failure(shown, "is there twice");
  if (place != nullptr) {
    *place = x;
    return {};
  }
  if (others_.size() + 3 >= limits::event_attributes_max)
    return attribute_failure(shown, "is one too many: an event has at most "
                                    "100 attributes");
  others_.push_back(x);
  return {};
}

void draft::set_data(data_kind kind, std::string_view bytes) {
  kind_ = kind;
  data_ = bytes;
}

result<void> draft::write(std::string& out) const {
  for (const auto* x : {&id_, &source_, &type_}) {
    if (!x->value.empty())
      continue;
    auto name = x == &id_ ? "id" : x == &source_ ? "source" : "type";
    return attribute_failure(to_json_name(version_, name), "is missing");
  }
  event_writer writer{out, version_, kind_,
                      3 + others_.size() + headers_.size()};
  writer.attribute(id_);
  writer.attribute(source_);
  writer.attribute(type_);
  for (const auto& x : others_)
    writer.attribute(x);
  for (const auto& x : headers_)
    writer.attribute(x);
  writer.data(data_);
  return {};
}

} // namespace eventd::runtime::cloudevents
