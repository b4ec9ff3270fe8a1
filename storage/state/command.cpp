// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/command.hpp"

#include "storage/codec/bytes.hpp"
#include "storage/codec/entry.hpp"

namespace eventd::storage {

namespace {

std::string head(payload_kind kind) {
  std::string out;
  put_fixed(out, static_cast<uint8_t>(kind));
  put_fixed(out, format_version);
  return out;
}

struct encoder {
  std::string operator()(const open_channel& x) const {
    auto out = head(payload_kind::open_channel);
    put_varint(out, x.id.value);
    put_varint(out, x.epoch.value);
    put_string(out, x.namespace_name);
    put_string(out, x.name);
    put_fixed(out, static_cast<uint8_t>(x.in_memory));
    return out;
  }

  std::string operator()(const close_channel& x) const {
    auto out = head(payload_kind::close_channel);
    put_varint(out, x.id.value);
    return out;
  }

  std::string operator()(const trim_channel& x) const {
    auto out = head(payload_kind::trim_channel);
    put_varint(out, x.id.value);
    put_varint(out, x.start.value);
    put_varint(out, x.bytes_below);
    return out;
  }

  std::string operator()(const put_cursors& x) const {
    auto out = head(payload_kind::put_cursors);
    put_varint(out, x.rows.size());
    for (const auto& row : x.rows) {
      put_string(out, row.subscription_uid);
      put_varint(out, row.channel.value);
      put_string(out, row.cursor);
    }
    return out;
  }

  std::string operator()(const put_resource& x) const {
    auto out = head(payload_kind::put_resource);
    put_string(out, x.key);
    put_string(out, x.document);
    put_varint(out, x.channel_ids_end);
    return out;
  }

  std::string operator()(const remove_resource& x) const {
    auto out = head(payload_kind::remove_resource);
    put_string(out, x.key);
    return out;
  }
};

open_channel read_open_channel(byte_reader& in) {
  open_channel x;
  x.id = channel_id{in.varint()};
  x.epoch = incarnation{in.varint()};
  x.namespace_name = in.string();
  x.name = in.string();
  x.in_memory = in.fixed<uint8_t>() != 0;
  return x;
}

trim_channel read_trim_channel(byte_reader& in) {
  trim_channel x;
  x.id = channel_id{in.varint()};
  x.start = log_offset{in.varint()};
  x.bytes_below = in.varint();
  return x;
}

put_cursors read_put_cursors(byte_reader& in) {
  put_cursors x;
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    put_cursors::row row;
    row.subscription_uid = in.string();
    row.channel = channel_id{in.varint()};
    row.cursor = in.string();
    x.rows.push_back(std::move(row));
  }
  return x;
}

put_resource read_put_resource(byte_reader& in) {
  put_resource x;
  x.key = in.string();
  x.document = in.string();
  x.channel_ids_end = in.varint();
  return x;
}

} // namespace

std::string encode(const command& x) {
  return std::visit(encoder{}, x);
}

result<command> decode_command(std::string_view payload) {
  byte_reader in{payload};
  auto kind = static_cast<payload_kind>(in.fixed<uint8_t>());
  auto version = in.fixed<uint8_t>();
  if (in.ok() && version > format_version)
    return failure{ec::format_too_new, "command has format "
                                         + std::to_string(version)
                                         + ", written by a newer eventd"};
  command x;
  switch (kind) {
  case payload_kind::open_channel:
    x = read_open_channel(in);
    break;
  case payload_kind::close_channel:
    x = close_channel{channel_id{in.varint()}};
    break;
  case payload_kind::trim_channel:
    x = read_trim_channel(in);
    break;
  case payload_kind::put_cursors:
    x = read_put_cursors(in);
    break;
  case payload_kind::put_resource:
    x = read_put_resource(in);
    break;
  case payload_kind::remove_resource:
    x = remove_resource{std::string{in.string()}};
    break;
  default:
    return failure{ec::corrupt_record, "command: unknown kind"};
  }
  if (!in.at_end())
    return failure{ec::corrupt_record, "command: bad length"};
  return x;
}

} // namespace eventd::storage
