// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/api/json_check.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>

#include "storage/model/limits.hpp"

namespace eventd::runtime {

namespace {

namespace json = boost::json;
using error_code = boost::system::error_code;

/// Watches a parse for repeated keys and counts the values; keeps no value.
struct key_watcher {
  static constexpr size_t max_array_size = -1;
  static constexpr size_t max_object_size = -1;
  static constexpr size_t max_string_size = -1;
  static constexpr size_t max_key_size = -1;

  std::vector<std::set<std::string>> open; ///< Keys of each open object.
  std::string key;                         ///< So far.
  std::string complaint;
  size_t values = 0;

  bool stop(std::string why, error_code& error) {
    complaint = std::move(why);
    error = json::error::exception; // Any; the complaint is what is told.
    return false;
  }

  bool count(error_code& error) {
    if (++values <= limits::manifest_values_max)
      return true;
    return stop("more than " + std::to_string(limits::manifest_values_max)
                  + " values",
                error);
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& error) {
    open.emplace_back();
    return count(error);
  }
  bool on_object_end(size_t, error_code&) {
    open.pop_back();
    return true;
  }
  bool on_array_begin(error_code& error) { return count(error); }
  bool on_array_end(size_t, error_code&) { return true; }
  bool on_key_part(json::string_view x, size_t, error_code&) {
    key.append(x.data(), x.size());
    return true;
  }
  bool on_key(json::string_view x, size_t, error_code& error) {
    key.append(x.data(), x.size());
    if (!open.back().insert(key).second)
      return stop("the key '" + key + "' stands here twice", error);
    key.clear();
    return true;
  }
  bool on_string_part(json::string_view, size_t, error_code&) { return true; }
  bool on_string(json::string_view, size_t, error_code& error) {
    return count(error);
  }
  bool on_number_part(json::string_view, error_code&) { return true; }
  bool on_int64(int64_t, json::string_view, error_code& error) {
    return count(error);
  }
  bool on_uint64(uint64_t, json::string_view, error_code& error) {
    return count(error);
  }
  bool on_double(double, json::string_view, error_code& error) {
    return count(error);
  }
  bool on_bool(bool, error_code& error) { return count(error); }
  bool on_null(error_code& error) { return count(error); }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }
};

} // namespace

failure failure_at(std::string_view text, size_t position,
                   const std::string& what) {
  auto before = text.substr(0, position);
  auto line
    = std::to_string(1 + std::count(before.begin(), before.end(), '\n'));
  auto newline = before.rfind('\n');
  auto column = std::to_string(1 + before.size()
                               - (newline == before.npos ? 0 : newline + 1));
  return {ec::invalid_request,
          "line " + line + ", column " + column + ": " + what,
          line + ':' + column};
}

result<json::value> parse_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = limits::json_depth_max;
  json::basic_parser<key_watcher> watcher{options};
  error_code error;
  auto read = watcher.write_some(false, text.data(), text.size(), error);
  if (!watcher.handler().complaint.empty())
    return failure_at(text, read, watcher.handler().complaint);
  auto rest = text.find_first_not_of(" \t\r\n", read);
  if (!error && rest != text.npos) {
    read = rest;
    error = json::error::extra_data;
  }
  if (error)
    return failure_at(text, read, error.message());
  // As `parse_document` does: what is kept is what was sent.
  options.numbers = json::number_precision::precise;
  auto made = json::parse({text.data(), text.size()}, error, {}, options);
  if (error)
    return failure_at(text, 0, error.message());
  return made;
}

} // namespace eventd::runtime
