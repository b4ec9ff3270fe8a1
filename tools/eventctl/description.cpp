// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/description.hpp"

#include "tools/eventctl/table.hpp"
#include "tools/eventctl/yaml_text.hpp"

namespace eventd::eventctl {

namespace {

namespace json = boost::json;

std::string indented(const std::string& text) {
  std::string out;
  for (size_t begin = 0; begin < text.size();) {
    auto end = text.find('\n', begin);
    out += "  " + text.substr(begin, end - begin) + "\n";
    begin = end == std::string::npos ? text.size() : end + 1;
  }
  return out;
}

void add_section(std::string& out, const char* title, const json::value* x) {
  auto empty = x == nullptr || x->is_null()
               || (x->is_object() && x->get_object().empty())
               || (x->is_array() && x->get_array().empty());
  if (!empty)
    out += std::string{title} + ":\n" + indented(to_yaml(*x));
}

void add_conditions(std::string& out, const json::value& resource, bool colors,
                    int64_t now_ms) {
  auto conditions = find_at(resource, {"status", "conditions"});
  if (conditions == nullptr || !conditions->is_array()
      || conditions->get_array().empty())
    return;
  std::vector<table_row> rows{{"OK", "TYPE", "SINCE", "REASON", "MESSAGE"}};
  for (auto& x : conditions->get_array()) {
    json::value as_resource{
      {"metadata",
       {{"creationTimestamp", text_at(x, {"lastTransitionTime"})}}}};
    rows.push_back({text_at(x, {"status"}), text_at(x, {"type"}),
                    age_of(as_resource, now_ms), text_at(x, {"reason"}),
                    text_at(x, {"message"})});
  }
  out += "Conditions:\n" + indented(to_text(rows, colors));
}

} // namespace

std::string description_of(const json::value& resource, int64_t now_ms,
                           bool colors) {
  std::vector<table_row> facts;
  auto add = [&](const char* title, std::string text) {
    if (!text.empty())
      facts.push_back({title, std::move(text)});
  };
  add("Name:", text_at(resource, {"metadata", "name"}));
  add("Namespace:", text_at(resource, {"metadata", "namespace"}));
  add("Kind:", text_at(resource, {"kind"}));
  add("API version:", text_at(resource, {"apiVersion"}));
  add("Generation:", text_at(resource, {"metadata", "generation"}));
  add("Age:", age_of(resource, now_ms));
  auto out = to_text(facts, false);
  add_section(out, "Labels", find_at(resource, {"metadata", "labels"}));
  add_section(out, "Annotations",
              find_at(resource, {"metadata", "annotations"}));
  add_section(out, "Spec", find_at(resource, {"spec"}));
  if (auto status = find_at(resource, {"status"});
      status && status->is_object()) {
    auto rest = status->get_object();
    rest.erase("conditions");
    // Braces would make an array of it.
    json::value shown(std::move(rest));
    add_section(out, "Status", &shown);
  }
  add_conditions(out, resource, colors, now_ms);
  return out;
}

} // namespace eventd::eventctl
