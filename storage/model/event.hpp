// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/model/error.hpp"
#include "storage/model/units.hpp"

namespace eventd {

/// Version of CloudEvents that an event came in; it leaves in the same.
enum class spec_version : uint8_t { v0_1, v0_2, v0_3, v1_0 };

/// "0.1", "0.2", "0.3" or "1.0".
std::string_view to_string(spec_version x);

/// What `event_view::data()` holds.
enum class data_kind : uint8_t {
  none,   ///< No data. (An empty HTTP body in binary mode.)
  json,   ///< A JSON value, the text as it stood in the JSON event.
  text,   ///< A string: JSON member `data` with a type that is not JSON.
  binary, ///< Octets: body of a binary-mode request, or decoded `data_base64`.
};

/// How an attribute's value was typed where it came in. CloudEvents JSON
/// format 2.2; headers know strings only.
enum class attribute_type : uint8_t {
  string,
  integer,
  boolean,
  header, ///< No attribute: a header field that goes on with the event.
};

/// One context attribute. Views into the event's buffer.
struct attribute_view {
  std::string_view name;  ///< CloudEvents 1.0 name: "id", "datacontenttype"…
  std::string_view value; ///< Canonical string form, decoded.
  attribute_type type = attribute_type::string;
  /// The header value's bytes as they came in, where encoding `value` again
  /// would give other bytes; else empty. Sent unchanged from header to header.
  std::string_view raw_header;
};

/// One event, as cheap views into a record. Copying it copies no bytes; the
/// buffer behind it must live on.
class event_view {
public:
  event_view() = default;

  /// Checks and opens a record made by `event_writer`.
  /// @errors `ec::corrupt_record`: the bytes are not a record.
  static result<event_view> parse(std::string_view record);

  /// Opens a record that was parsed or written in this process before.
  static event_view trusted(std::string_view record);

  spec_version version() const;
  data_kind kind() const;

  std::string_view id() const { return id_; }
  std::string_view source() const { return source_; }
  std::string_view type() const { return type_; }
  std::string_view data() const { return data_; }

  /// All attributes in the order they came in, after id, source, type;
  /// `specversion` is not among them. Extensions and optional attributes alike.
  std::vector<attribute_view> attributes() const;

  /// Header fields of the request that brought the event and that go on with
  /// it, in their order and under the names they came in.
  std::vector<attribute_view> headers() const;

  /// One attribute by its CloudEvents 1.0 name, or none.
  std::optional<attribute_view> find(std::string_view name) const;

  /// One of `headers()`, by the name exactly as it was written.
  std::optional<attribute_view> find_header(std::string_view name) const;

  std::string_view record() const { return record_; }

private:
  template <class Wanted>
  std::vector<attribute_view> collect(Wanted wanted) const;
  template <class Wanted>
  std::optional<attribute_view> find_first(Wanted wanted) const;

  std::string_view record_;
  std::string_view id_;
  std::string_view source_;
  std::string_view type_;
  std::string_view data_;
};

/// Writes one event's record at the end of a buffer.
/// Call order: constructor, `attribute` for id, source, type (in this order),
/// then any others and headers, then `data` once.
class event_writer {
public:
  /// Appends to `out`: a length, then the record.
  event_writer(std::string& out, spec_version version, data_kind kind,
               size_t n_attributes);

  /// @pre at most `n_attributes` calls
  void attribute(const attribute_view& x);

  /// Ends the record.
  void data(std::string_view bytes);

private:
  std::string& out_;
  size_t begin_;
  size_t attributes_left_;
};

/// Some events of one channel that share one buffer; or events on their way
/// in, which have no offsets yet (`first_offset` is 0 then and means nothing).
class event_batch {
public:
  event_batch() = default;

  /// Opens `count` records that begin at `position` of `bytes`; the buffer
  /// must end with the last. Checks lengths and every record.
  /// @errors `ec::corrupt_record`
  static result<event_batch> open(std::shared_ptr<const std::string> bytes,
                                  size_t position, uint32_t count);

  /// The same of records that were opened, or written, in this process before:
  /// looks at their lengths only.
  static result<event_batch> reopen(std::shared_ptr<const std::string> bytes,
                                    size_t position, uint32_t count);

  size_t size() const { return begins_.size(); }
  bool empty() const { return begins_.empty(); }
  event_view operator[](size_t i) const;

  /// The records with their lengths, as `event_writer` wrote them.
  std::string_view records() const;

  /// The same events from index `first` up to `end`, without a copy.
  event_batch slice(size_t first, size_t end) const;

  log_offset first_offset{}; ///< Offset of the first event.
  log_time stored_at{};      ///< When they were stored. Unit: ms, wall clock.
  log_time logged_at{};      ///< The same by the log's clock, for windows.

  log_offset end_offset() const { return first_offset + size(); }

private:
  template <class Check>
  static result<event_batch> open_with(std::shared_ptr<const std::string> bytes,
                                       size_t position, uint32_t count,
                                       Check check);

  std::shared_ptr<const std::string> bytes_;
  std::vector<uint32_t> begins_; ///< Where each record's length stands.
};

} // namespace eventd
