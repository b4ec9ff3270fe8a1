// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/model/error.hpp"
#include "storage/model/event.hpp"

namespace eventd::runtime::cloudevents {

/// Who sent an event: a publisher that sets a name of the server's is refused,
/// in a subscriber's reply such a name is dropped.
enum class origin { publisher, reply };

/// One event on its way in, still in views of the request and of its `arena`.
/// Checks each attribute as it is added; used again for the next event, so
/// that a batch allocates once.
class draft {
public:
  explicit draft(origin from) : from_(from) {}

  /// Forgets the event before.
  void begin(spec_version version);

  spec_version version() const { return version_; }

  /// Adds an attribute by its 1.0 name; `shown` is what the sender calls it.
  /// @errors `ec::invalid_event`: a rule of CloudEvents is broken, the name is
  ///   there already, or it is the server's.
  result<void> add(const attribute_view& x, std::string_view shown);

  /// The attribute of that 1.0 name, or null.
  const attribute_view* find(std::string_view name) const;

  void set_data(data_kind kind, std::string_view bytes);

  /// Header fields that go on with every event until they are set again; the
  /// caller's, which must live as long.
  void set_headers(const std::vector<attribute_view>& xs) { headers_ = xs; }

  /// Checks that nothing is missing and appends the record.
  /// @errors `ec::invalid_event`: id, source or type is missing.
  result<void> write(std::string& out) const;

private:
  attribute_view* required(std::string_view name);

  origin from_;
  spec_version version_ = spec_version::v1_0;
  attribute_view id_;
  attribute_view source_;
  attribute_view type_;
  std::vector<attribute_view> others_;
  std::span<const attribute_view> headers_;
  data_kind kind_ = data_kind::none;
  std::string_view data_;
};

/// "<what> 'x' <problem>", with `name` cut and cleaned for people.
failure named_failure(ec code, std::string_view what, std::string_view name,
                      std::string_view problem);

/// The `ec::invalid_event` of one attribute.
failure attribute_failure(std::string_view name, std::string_view problem);

} // namespace eventd::runtime::cloudevents
