// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/hello.hpp"

#include <algorithm>
#include <utility>

#include "storage/codec/bytes.hpp"
#include "storage/state/identity.hpp"

// A test builds this source once more, for nodes of the next version.
#ifndef EVENTD_PROTOCOL_VERSIONS_AHEAD
#define EVENTD_PROTOCOL_VERSIONS_AHEAD 0
#endif
#ifndef EVENTD_PROTOCOL_VERSIONS_DROPPED
#define EVENTD_PROTOCOL_VERSIONS_DROPPED 0
#endif

namespace eventd::runtime {

const uint32_t protocol_version_min = 1 + EVENTD_PROTOCOL_VERSIONS_DROPPED;
const uint32_t protocol_version_max = 1 + EVENTD_PROTOCOL_VERSIONS_AHEAD;

namespace {

constexpr std::string_view magic = "evdh";

failure bad(std::string why) {
  return {ec::invalid_request, "not a valid hello: " + std::move(why)};
}

bool is_printable(char c) {
  return c >= 0x20 && c < 0x7f;
}

bool is_text(std::string_view x) {
  return x.size() <= limits::hello_text_bytes_max
         && std::ranges::all_of(x, is_printable);
}

std::string versions(const hello& x) {
  return std::to_string(x.version_min) + " to " + std::to_string(x.version_max);
}

/// What nodes tell only since there was a first hello.
bool read_boots(storage::byte_reader& in, hello& x) {
  if (in.at_end())
    return true;
  auto n = in.varint();
  if (n > limits::boots_remembered_max)
    return false;
  for (; n > 0 && in.ok(); --n)
    x.boots.push_back(in.fixed<uint64_t>());
  return true;
}

} // namespace

std::string encode(const hello& x) {
  std::string out{magic};
  storage::put_fixed(out, x.version_min);
  storage::put_fixed(out, x.version_max);
  storage::put_fixed(out, x.node);
  storage::put_fixed(out, x.server);
  storage::put_fixed(out, x.boot_counter);
  storage::put_fixed(out, x.boot_id);
  storage::put_fixed(out, static_cast<uint8_t>(x.empty));
  storage::put_string(out, x.cluster_id);
  storage::put_string(out, x.address);
  storage::put_string(out, x.eventd_version);
  storage::put_varint(out, x.founders.size());
  for (const auto& founder : x.founders) {
    storage::put_fixed(out, founder.server);
    storage::put_string(out, founder.address);
  }
  storage::put_varint(out, x.boots.size());
  for (auto id : x.boots)
    storage::put_fixed(out, id);
  storage::put_fixed(out, static_cast<uint8_t>(x.join_only));
  storage::put_fixed(out, x.shards);
  // As the next version will do.
  if constexpr (EVENTD_PROTOCOL_VERSIONS_AHEAD > 0)
    storage::put_string(out, "a field of the next version");
  return out;
}

result<hello> decode_hello(std::string_view bytes) {
  storage::byte_reader in{bytes};
  if (in.take(magic.size()) != magic)
    return bad("its first bytes are others");
  hello x;
  x.version_min = in.fixed<uint32_t>();
  x.version_max = in.fixed<uint32_t>();
  x.node = in.fixed<uint64_t>();
  x.server = in.fixed<uint64_t>();
  x.boot_counter = in.fixed<uint64_t>();
  x.boot_id = in.fixed<uint64_t>();
  auto empty = in.fixed<uint8_t>();
  x.empty = empty == 1;
  for (auto* text : {&x.cluster_id, &x.address, &x.eventd_version}) {
    auto taken = in.string();
    if (!is_text(taken))
      return bad("a text is too long or not printable");
    *text = taken;
  }
  auto n = in.varint();
  if (n > limits::hello_founders_max)
    return bad("too many founders");
  for (; n > 0 && in.ok(); --n) {
    auto server = in.fixed<uint64_t>();
    auto address = in.string();
    if (!is_text(address))
      return bad("a founder's address is too long or not printable");
    x.founders.push_back({server, std::string{address}});
  }
  if (!read_boots(in, x))
    return bad("too many boots");
  // A node that does not know of these sends none.
  if (in.ok() && !in.at_end())
    x.join_only = (in.fixed<uint8_t>() & 1) != 0;
  if (in.ok() && !in.at_end())
    x.shards = in.fixed<uint32_t>();
  if (!in.ok())
    return bad("it is cut off");
  if (empty > 1)
    return bad("a flag is neither 0 nor 1");
  if (x.node == 0)
    return bad("it names no node");
  if (x.version_min == 0 || x.version_min > x.version_max)
    return bad("it speaks versions " + versions(x));
  return x;
}

result<uint32_t> agree_on_version(const hello& own, const hello& theirs) {
  auto version = std::min(own.version_max, theirs.version_max);
  if (version < own.version_min || version < theirs.version_min)
    return failure{ec::format_too_new, "node " + std::to_string(theirs.node)
                                         + " speaks protocol versions "
                                         + versions(theirs) + " and node "
                                         + std::to_string(own.node) + " speaks "
                                         + versions(own)};
  return version;
}

result<void> agree_on_shards(const hello& own, const hello& theirs) {
  if (own.shards == theirs.shards || own.shards == 0 || theirs.shards == 0)
    return {};
  auto has = [](const hello& x) {
    return "node " + std::to_string(x.node) + " has "
           + std::to_string(x.shards);
  };
  return failure{ec::invalid_config,
                 has(theirs) + " shards and " + has(own)
                   + "; all nodes need the same --shards, which counts where "
                     "a directory is empty"};
}

std::string encode(const hello_answer& x) {
  if (x.accepted)
    return '\1' + encode(*x.accepted);
  return '\0' + printable(x.refusal);
}

result<hello_answer> decode_hello_answer(std::string_view bytes) {
  if (bytes.empty() || bytes.front() < 0 || bytes.front() > 1)
    return bad("its answer is neither yes nor no");
  auto rest = bytes.substr(1);
  hello_answer out;
  if (bytes.front() == 0) {
    out.refusal = printable(rest);
    return out;
  }
  auto theirs = decode_hello(rest);
  if (!theirs)
    return theirs.error();
  out.accepted = std::move(*theirs);
  return out;
}

std::string printable(std::string_view text) {
  std::string out{text.substr(0, limits::hello_text_bytes_max)};
  std::ranges::replace_if(
    out, [](char c) { return !is_printable(c); }, '?');
  return out;
}

} // namespace eventd::runtime
