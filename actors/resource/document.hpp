// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "storage/model/error.hpp"

/// Documents of the resource API, read strictly. Pure; never blocks.
namespace eventd::actors {

namespace json = boost::json;

/// Reads the members of one JSON object and remembers the first thing that is
/// wrong, with its path. A member that is null counts as absent. After
/// `string("name")` and `done()`, the object {"name": "a", "nane": "b"} at
/// "spec" has set the failure to: spec.nane is not a field of this kind.
/// The object, and the failure that all readers of a document share, live on.
class strict_reader {
public:
  /// Reads nothing: every member is absent.
  strict_reader(std::string path, std::optional<failure>& problem)
    : path_(std::move(path)), problem_(&problem) {}

  strict_reader(const json::object& members, std::string path,
                std::optional<failure>& problem)
    : members_(&members), path_(std::move(path)), problem_(&problem) {}

  /// Reads `x` if it is an object, and refuses it if it is not one.
  static strict_reader open(const json::value& x, std::string path,
                            std::optional<failure>& problem);

  std::optional<std::string> string(std::string_view key);
  std::optional<int64_t> integer(std::string_view key);
  /// The member, of whatever type; none if it is absent.
  const json::value* any(std::string_view key);
  /// A reader that reads nothing if the member is absent.
  strict_reader object(std::string_view key);
  /// An object with strings only, as labels are; empty if it is absent.
  json::object strings(std::string_view key);

  /// Refuses every member that nobody asked for.
  void done();

  bool has(std::string_view key) const;
  bool present() const { return members_ != nullptr; }

  /// Keeps the failure, if it is the first: "PATH.key: text".
  void refuse(std::string_view key, const std::string& text);
  /// The same, of this object itself.
  void refuse(const std::string& text);

  /// Path of a member: "spec.delivery.retry".
  std::string path_of(std::string_view key) const;
  const std::string& path() const { return path_; }
  std::optional<failure>& problem() { return *problem_; }

private:
  const json::object* members_ = nullptr;
  std::string path_;
  std::optional<failure>* problem_;
  std::vector<std::string> asked_;
};

/// A document kept as text: parsed it takes three times the memory, and there
/// are as many as there are resources.
class packed_document {
public:
  packed_document() = default; ///< None.
  explicit packed_document(const json::object& document);

  /// Is there one?
  explicit operator bool() const { return !text_.empty(); }

  /// Parses it: 5 us a KB.
  /// @pre there is one
  json::object unpack() const;

private:
  std::string text_; ///< Empty: none.
};

/// The member at "a.b.c", or null if something on the way is not there.
const json::value* find_path(const json::object& document,
                             std::string_view path);
/// The string there, or empty.
std::string_view string_at(const json::object& document, std::string_view path);
/// The unsigned number there, or 0.
uint64_t number_at(const json::object& document, std::string_view path);
/// The object there, or an empty one.
const json::object& object_at(const json::object& document,
                              std::string_view path);

/// The JSON object in `text`.
/// @errors `ec::invalid_request`: not JSON, not an object, or nested deeper
///   than `limits::json_depth_max`; the detail says where.
result<json::object> parse_document(std::string_view text);

} // namespace eventd::actors
