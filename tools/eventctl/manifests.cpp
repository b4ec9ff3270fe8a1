// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/manifests.hpp"

#include "runtime/gateway/api/yaml.hpp"
#include "tools/client/command_line.hpp"

namespace eventd::eventctl {

namespace {

namespace json = boost::json;

/// A List counts as its items.
std::vector<json::value> unfolded(json::value document) {
  std::vector<json::value> out;
  auto object = document.if_object();
  auto items = object ? object->if_contains("items") : nullptr;
  auto kind = object ? object->if_contains("kind") : nullptr;
  if (!items || !items->is_array() || !kind || !kind->is_string()
      || !std::string_view{kind->get_string()}.ends_with("List")) {
    out.push_back(std::move(document));
    return out;
  }
  for (auto& item : items->get_array())
    out.push_back(std::move(item));
  return out;
}

} // namespace

result<std::vector<manifest>> read_manifests(const std::string& text,
                                             const std::string& name) {
  auto documents = runtime::parse_manifests(text);
  if (!documents)
    return failure{documents.error().code,
                   name + ": " + documents.error().detail};
  std::vector<manifest> out;
  size_t number = 0;
  for (auto& document : *documents) {
    ++number;
    for (auto& each : unfolded(std::move(document))) {
      auto opened = open_manifest(std::move(each));
      if (!opened)
        return failure{opened.error().code, name + ", document "
                                              + std::to_string(number) + ": "
                                              + opened.error().detail};
      out.push_back(std::move(*opened));
    }
  }
  if (out.empty())
    return failure{ec::invalid_resource, name + ": no document in it"};
  return out;
}

result<std::vector<manifest>>
load_manifests(const std::vector<std::string>& files) {
  std::vector<manifest> out;
  for (auto& path : files) {
    auto text = tools::read_file(path);
    if (!text)
      return text.error();
    auto some = read_manifests(*text, path == "-" ? "stdin" : path);
    if (!some)
      return some.error();
    for (auto& x : *some)
      out.push_back(std::move(x));
  }
  return out;
}

} // namespace eventd::eventctl
