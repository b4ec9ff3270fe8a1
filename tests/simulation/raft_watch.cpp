// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/simulation/raft_watch.hpp"

#include <algorithm>

#include "storage/codec/bytes.hpp"
#include "storage/codec/entry.hpp"
#include "storage/codec/key.hpp"
#include "storage/model/assert.hpp"

namespace eventd::tests {

using storage::log_record;
using storage::raft_message_kind;
using storage::raft_packet;

namespace {

std::string label(uint64_t server) {
  return "server " + std::to_string(server);
}

std::string label(raft_index index, raft_term term) {
  return "entry " + std::to_string(index.value) + " of term "
         + std::to_string(term.value);
}

} // namespace

void raft_watch::fail(std::string what) {
  if (broken_.empty())
    broken_ = std::move(what);
}

// -- messages -----------------------------------------------------------------

void raft_watch::send(const raft_packet& packet) {
  const auto& x = packet.message;
  if (x.kind == raft_message_kind::append
      || x.kind == raft_message_kind::install)
    note_leader(packet);
  if (x.kind == raft_message_kind::vote_answer && x.flag && !x.pre_vote)
    note_vote(packet);
  if (x.kind != raft_message_kind::append)
    return;
  auto index = x.index;
  auto previous = x.index_term;
  for (const auto& record : x.records) {
    ++index;
    note_entry(index, record, previous);
    previous = record.term;
  }
}

void raft_watch::note_leader(const raft_packet& packet) {
  auto term = packet.message.term.value;
  auto [at, is_new] = leaders_.emplace(term, packet.from);
  if (at->second != packet.from)
    fail(label(packet.from) + " and " + label(at->second) + " lead in term "
         + std::to_string(term));
}

void raft_watch::note_vote(const raft_packet& packet) {
  auto term = packet.message.term.value;
  auto [at, is_new] = votes_.emplace(std::pair{packet.from, term}, packet.to);
  if (at->second != packet.to)
    return fail(label(packet.from) + " votes twice in term "
                + std::to_string(term));
  auto durable = durable_[packet.from];
  if (durable.term < term
      || (durable.term == term && durable.whom != packet.to))
    fail(label(packet.from) + " tells of a vote in term " + std::to_string(term)
         + " that it could forget");
}

// -- entries ------------------------------------------------------------------

void raft_watch::note_entry(raft_index index, const log_record& record,
                            raft_term previous) {
  auto [at, is_new]
    = entries_.emplace(entry_name{index.value, record.term.value}, entry{});
  auto& x = at->second;
  if (is_new) {
    x.record = record;
    if (record.type == storage::entry_type::change)
      if (auto servers = storage::decode_configuration(*record.payload))
        configurations_.emplace(index.value, std::move(*servers));
  } else if (x.record.type != record.type
             || (x.record.payload != record.payload
                 && *x.record.payload != *record.payload)) {
    return fail(label(index, record.term) + " is another one elsewhere");
  }
  if (previous.value == 0)
    return;
  if (x.previous_term != 0 && x.previous_term != previous.value)
    fail(label(index, record.term) + " follows entries of terms "
         + std::to_string(x.previous_term) + " and "
         + std::to_string(previous.value));
  x.previous_term = previous.value;
}

void raft_watch::write(const storage::write_job& job) {
  auto index = job.first;
  raft_term previous;
  for (const auto& record : job.records) {
    note_entry(index, record, previous);
    previous = record.term;
    ++index;
  }
}

void raft_watch::sync(uint64_t server, const storage::write_job& job) {
  static const auto key
    = storage::state_key(storage::state_row::hard_state, shard_id{0});
  for (const auto& row : job.rows) {
    if (row.key != key)
      continue;
    auto body = storage::open_row(row.value);
    EVENTD_ASSERT(body.has_value());
    storage::byte_reader in{*body};
    vote now;
    now.term = in.fixed<uint64_t>();
    now.whom = in.fixed<uint64_t>();
    auto& before = durable_[server];
    if (now.term < before.term)
      fail(label(server) + " goes back to term " + std::to_string(now.term));
    if (now.term == before.term && before.whom != 0 && now.whom != before.whom)
      fail(label(server) + " changes its vote in term "
           + std::to_string(now.term));
    before = now;
  }
  auto index = job.first;
  for (const auto& record : job.records) {
    auto& servers
      = entries_[entry_name{index.value, record.term.value}].servers;
    if (std::find(servers.begin(), servers.end(), server) == servers.end())
      servers.push_back(server);
    ++index;
  }
}

bool raft_watch::is_on_majority(
  raft_index index, raft_term term,
  const std::vector<storage::raft_server>& servers) const {
  auto found = entries_.find(entry_name{index.value, term.value});
  if (found == entries_.end())
    return false;
  const auto& have = found->second.servers;
  size_t voters = 0;
  size_t with = 0;
  for (const auto& x : servers) {
    if (x.role != storage::raft_server_role::voter)
      continue;
    ++voters;
    with += std::find(have.begin(), have.end(), x.id) != have.end();
  }
  return with * 2 > voters;
}

} // namespace eventd::tests
