// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/table.hpp"

#include <algorithm>

#include <boost/json/serialize.hpp>

#include "tools/client/event_text.hpp"

namespace eventd::eventctl {

namespace {

namespace json = boost::json;

struct readiness {
  std::string status;
  std::string reason;
};

readiness readiness_of(const json::value& resource) {
  auto conditions = find_at(resource, {"status", "conditions"});
  if (conditions == nullptr || !conditions->is_array())
    return {"Unknown", ""};
  for (auto& x : conditions->get_array())
    if (text_at(x, {"type"}) == "Ready")
      return {text_at(x, {"status"}), text_at(x, {"reason"})};
  return {"Unknown", ""};
}

std::string colored(const std::string& cell) {
  if (cell == "True")
    return "\033[32m" + cell + "\033[0m";
  if (cell == "False")
    return "\033[31m" + cell + "\033[0m";
  return cell;
}

std::string url_of(const json::value& resource) {
  auto url = text_at(resource, {"status", "address", "url"});
  return url.empty()
           ? text_at(resource, {"metadata", "annotations", "eventd.dev/url"})
           : url;
}

} // namespace

const json::value* find_at(const json::value& from,
                           std::initializer_list<const char*> path) {
  auto at = &from;
  for (auto key : path) {
    auto object = at->if_object();
    at = object ? object->if_contains(key) : nullptr;
    if (at == nullptr)
      return nullptr;
  }
  return at;
}

std::string text_at(const json::value& from,
                    std::initializer_list<const char*> path) {
  auto found = find_at(from, path);
  if (found == nullptr || found->is_null())
    return {};
  if (found->is_string())
    return std::string{std::string_view{found->get_string()}};
  return json::serialize(*found);
}

std::string to_text(const std::vector<table_row>& rows, bool colors) {
  std::vector<size_t> widths;
  for (auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (auto& row : rows) {
    std::string line;
    size_t pending = 0;
    for (size_t i = 0; i < row.size(); ++i) {
      if (!row[i].empty()) {
        line += std::string(pending, ' ') + (colors ? colored(row[i]) : row[i]);
        pending = 0;
      }
      pending += widths[i] - row[i].size() + 3;
    }
    out += line + "\n";
  }
  return out;
}

std::vector<table_row> rows_of(const std::string& kind,
                               const std::vector<json::value>& items,
                               bool with_namespace, int64_t now_ms) {
  auto channel = kind == "Channel";
  auto subscription = kind == "Subscription";
  std::vector<table_row> rows;
  auto& head = rows.emplace_back();
  if (with_namespace)
    head.push_back("NAMESPACE");
  head.push_back("NAME");
  if (channel)
    head.push_back("URL");
  head.push_back("AGE");
  if (subscription)
    head.push_back("LAG");
  head.insert(head.end(), {"READY", "REASON"});
  for (auto& x : items) {
    auto& row = rows.emplace_back();
    if (with_namespace)
      row.push_back(text_at(x, {"metadata", "namespace"}));
    row.push_back(text_at(x, {"metadata", "name"}));
    if (channel)
      row.push_back(url_of(x));
    row.push_back(age_of(x, now_ms));
    if (subscription)
      row.push_back(text_at(x, {"status", "eventd", "lag"}));
    auto ready = readiness_of(x);
    row.insert(row.end(), {ready.status, ready.reason});
  }
  return rows;
}

std::string short_age(int64_t ms) {
  auto s = std::max<int64_t>(ms / 1'000, 0);
  if (s < 120)
    return std::to_string(s) + "s";
  if (s < 2 * 3'600)
    return std::to_string(s / 60) + "m";
  if (s < 48 * 3'600)
    return std::to_string(s / 3'600) + "h";
  return std::to_string(s / 86'400) + "d";
}

std::string age_of(const json::value& resource, int64_t now_ms) {
  auto created = tools::parse_time_ms(
    text_at(resource, {"metadata", "creationTimestamp"}));
  return created ? short_age(now_ms - *created) : "<unknown>";
}

} // namespace eventd::eventctl
