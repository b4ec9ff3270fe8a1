// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/model/event.hpp"

#include <array>
#include <cstring>

#include "storage/codec/bytes.hpp"
#include "storage/model/assert.hpp"

namespace eventd {

using storage::byte_reader;

namespace {

/// Set in an attribute's first byte when a raw header value follows.
constexpr uint8_t has_raw_bit = 0x80;

constexpr size_t length_bytes = sizeof(uint32_t);

attribute_view read_attribute(byte_reader& in) {
  attribute_view x;
  auto tag = in.fixed<uint8_t>();
  x.type = static_cast<attribute_type>(tag & ~has_raw_bit);
  x.name = in.string();
  x.value = in.string();
  if (tag & has_raw_bit)
    x.raw_header = in.string();
  return x;
}

bool is_header(const attribute_view& x) {
  return x.type == attribute_type::header;
}

uint32_t length_at(std::string_view bytes, size_t position) {
  uint32_t x = 0;
  std::memcpy(&x, bytes.data() + position, length_bytes);
  return x;
}

} // namespace

std::string_view to_string(spec_version x) {
  static constexpr std::array<std::string_view, 4> names{"0.1", "0.2", "0.3",
                                                         "1.0"};
  return names[static_cast<size_t>(x)];
}

result<event_view> event_view::parse(std::string_view record) {
  auto damaged = [](const char* what) {
    return failure{ec::corrupt_record, std::string{"event record: "} + what};
  };
  byte_reader in{record};
  auto version = in.fixed<uint8_t>();
  auto kind = in.fixed<uint8_t>();
  auto n_attributes = in.varint();
  if (!in.ok() || version > static_cast<uint8_t>(spec_version::v1_0)
      || kind > static_cast<uint8_t>(data_kind::binary))
    return damaged("bad head");
  if (n_attributes < 3 || n_attributes > record.size())
    return damaged("bad number of attributes");
  event_view x;
  x.record_ = record;
  static constexpr std::array<std::string_view, 3> required{"id", "source",
                                                            "type"};
  std::array<std::string_view*, 3> views{&x.id_, &x.source_, &x.type_};
  for (uint64_t i = 0; i < n_attributes; ++i) {
    auto attribute = read_attribute(in);
    if (!in.ok() || attribute.type > attribute_type::header)
      return damaged("bad attribute");
    if (i < required.size()) {
      if (attribute.name != required[i])
        return damaged("required attributes are not in order");
      *views[i] = attribute.value;
    }
  }
  x.data_ = in.string();
  if (!in.at_end())
    return damaged("bad length of data");
  return x;
}

event_view event_view::trusted(std::string_view record) {
  auto x = parse(record);
  EVENTD_ASSERT(x.has_value());
  return *x;
}

spec_version event_view::version() const {
  return static_cast<spec_version>(record_[0]);
}

data_kind event_view::kind() const {
  return static_cast<data_kind>(record_[1]);
}

template <class Wanted>
std::vector<attribute_view> event_view::collect(Wanted wanted) const {
  byte_reader in{record_.substr(2)};
  auto n = in.varint();
  std::vector<attribute_view> xs;
  xs.reserve(n + 2); // Who shows them adds offset and time.
  for (; n > 0; --n)
    if (auto x = read_attribute(in); wanted(x))
      xs.push_back(x);
  return xs;
}

template <class Wanted>
std::optional<attribute_view> event_view::find_first(Wanted wanted) const {
  byte_reader in{record_.substr(2)};
  for (auto n = in.varint(); n > 0; --n)
    if (auto x = read_attribute(in); wanted(x))
      return x;
  return {};
}

std::vector<attribute_view> event_view::attributes() const {
  return collect([](const auto& x) { return !is_header(x); });
}

std::vector<attribute_view> event_view::headers() const {
  return collect([](const auto& x) { return is_header(x); });
}

std::optional<attribute_view> event_view::find(std::string_view name) const {
  return find_first(
    [=](const auto& x) { return x.name == name && !is_header(x); });
}

std::optional<attribute_view>
event_view::find_header(std::string_view name) const {
  return find_first(
    [=](const auto& x) { return x.name == name && is_header(x); });
}

event_writer::event_writer(std::string& out, spec_version version,
                           data_kind kind, size_t n_attributes)
  : out_(out), begin_(out.size()), attributes_left_(n_attributes) {
  storage::put_fixed(out_, uint32_t{0});
  out_.push_back(static_cast<char>(version));
  out_.push_back(static_cast<char>(kind));
  storage::put_varint(out_, n_attributes);
}

void event_writer::attribute(const attribute_view& x) {
  EVENTD_ASSERT(attributes_left_ > 0);
  --attributes_left_;
  auto tag = static_cast<uint8_t>(x.type);
  if (!x.raw_header.empty())
    tag |= has_raw_bit;
  out_.push_back(static_cast<char>(tag));
  storage::put_string(out_, x.name);
  storage::put_string(out_, x.value);
  if (!x.raw_header.empty())
    storage::put_string(out_, x.raw_header);
}

void event_writer::data(std::string_view bytes) {
  EVENTD_ASSERT(attributes_left_ == 0);
  storage::put_string(out_, bytes);
  auto length = static_cast<uint32_t>(out_.size() - begin_ - length_bytes);
  std::memcpy(out_.data() + begin_, &length, length_bytes);
}

template <class Check>
result<event_batch>
event_batch::open_with(std::shared_ptr<const std::string> bytes,
                       size_t position, uint32_t count, Check check) {
  event_batch x;
  std::string_view all{*bytes};
  // A record is at least 12 bytes: never reserve on a damaged count.
  if (position > all.size() || count > (all.size() - position) / 12)
    return failure{ec::corrupt_record, "batch: count does not fit its bytes"};
  x.begins_.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    if (all.size() - position < length_bytes)
      return failure{ec::corrupt_record, "batch: ends inside a length"};
    auto length = length_at(all, position);
    if (all.size() - position - length_bytes < length)
      return failure{ec::corrupt_record, "batch: ends inside a record"};
    auto record = all.substr(position + length_bytes, length);
    if (auto fine = check(record); !fine)
      return fine.error();
    x.begins_.push_back(static_cast<uint32_t>(position));
    position += length_bytes + length;
  }
  if (position != all.size())
    return failure{ec::corrupt_record, "batch: bytes after the last record"};
  x.bytes_ = std::move(bytes);
  return x;
}

result<event_batch> event_batch::open(std::shared_ptr<const std::string> bytes,
                                      size_t position, uint32_t count) {
  return open_with(std::move(bytes), position, count, &event_view::parse);
}

result<event_batch>
event_batch::reopen(std::shared_ptr<const std::string> bytes, size_t position,
                    uint32_t count) {
  auto trust = [](std::string_view) { return result<void>{}; };
  return open_with(std::move(bytes), position, count, trust);
}

event_view event_batch::operator[](size_t i) const {
  std::string_view all{*bytes_};
  auto begin = begins_[i];
  return event_view::trusted(
    all.substr(begin + length_bytes, length_at(all, begin)));
}

std::string_view event_batch::records() const {
  if (begins_.empty())
    return {};
  std::string_view all{*bytes_};
  auto last = begins_.back();
  auto end = last + length_bytes + length_at(all, last);
  return all.substr(begins_.front(), end - begins_.front());
}

event_batch event_batch::slice(size_t first, size_t end) const {
  EVENTD_ASSERT(first <= end && end <= begins_.size());
  event_batch x;
  x.bytes_ = bytes_;
  x.begins_.assign(begins_.begin() + static_cast<ptrdiff_t>(first),
                   begins_.begin() + static_cast<ptrdiff_t>(end));
  x.first_offset = first_offset + first;
  x.stored_at = stored_at;
  x.logged_at = logged_at;
  return x;
}

} // namespace eventd
