// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/state/shard_state.hpp"

#include <algorithm>

#include "storage/codec/bytes.hpp"
#include "storage/codec/key.hpp"
#include "storage/model/assert.hpp"

namespace eventd::storage {

namespace {

failure damaged(std::string text) {
  return {ec::corrupt_record, std::move(text)};
}

std::string encode_channel(const channel_row& x) {
  std::string body;
  put_varint(body, x.id.value);
  put_varint(body, x.epoch.value);
  put_string(body, x.namespace_name);
  put_string(body, x.name);
  put_fixed(body, static_cast<uint8_t>(x.in_memory));
  put_varint(body, x.start.value);
  put_varint(body, x.bytes_below);
  put_varint(body, x.logged_at.value);
  put_varint(body, x.stored_at.value);
  return seal_row(body);
}

/// `end` and `bytes_end` follow from the last idx row; until it is read they
/// stand at the start, which is right for a channel with nothing readable.
result<channel_row> decode_channel(std::string_view row) {
  auto body = open_row(row);
  if (!body)
    return body.error();
  byte_reader in{*body};
  channel_row x;
  x.id = channel_id{in.varint()};
  x.epoch = incarnation{in.varint()};
  x.namespace_name = in.string();
  x.name = in.string();
  x.in_memory = in.fixed<uint8_t>() != 0;
  x.start = log_offset{in.varint()};
  x.bytes_below = in.varint();
  x.logged_at = log_time{in.varint()};
  x.stored_at = log_time{in.varint()};
  if (!in.at_end())
    return damaged("channel row: bad length");
  x.end = x.start;
  x.bytes_end = x.bytes_below;
  return x;
}

row_change put_row(std::string key, std::string value) {
  return {row_change::kind::put, state_family, std::move(key),
          std::move(value)};
}

row_change remove_row(std::string key) {
  return {row_change::kind::remove, state_family, std::move(key), {}};
}

} // namespace

// -- applying
// -------------------------------------------------------------------

/// Applies one command; called once per entry.
struct shard_state::command_applier {
  shard_state& state;
  raft_index index;
  std::vector<row_change>& rows;

  void operator()(const open_channel& x) {
    // Proposed again after a crash between the two shards: the first counts.
    if (state.channels_.contains(x.id))
      return;
    channel_row row;
    row.id = x.id;
    row.epoch = x.epoch;
    row.namespace_name = x.namespace_name;
    row.name = x.name;
    row.in_memory = x.in_memory;
    rows.push_back(state.row_of(row));
    state.channels_.emplace(x.id, std::move(row));
  }

  void operator()(const close_channel& x) {
    if (state.channels_.erase(x.id) == 0)
      return;
    rows.push_back(
      remove_row(state_key(state_row::channel, state.shard_, x.id)));
    rows.push_back({row_change::kind::remove_range, idx_family,
                    idx_key(x.id, log_offset{0}),
                    idx_key(x.id + 1, log_offset{0})});
    std::erase_if(state.cursors_, [&](const auto& entry) {
      if (entry.second.channel != x.id)
        return false;
      rows.push_back(
        remove_row(state_key(state_row::cursor, state.shard_, entry.first)));
      return true;
    });
  }

  void operator()(const trim_channel& x) {
    auto found = state.channels_.find(x.id);
    if (found == state.channels_.end())
      return;
    auto& row = found->second;
    if (x.start <= row.start || x.start > row.end)
      return;
    row.start = x.start;
    row.bytes_below = x.bytes_below;
    rows.push_back(state.row_of(row));
    rows.push_back({row_change::kind::remove_range, idx_family,
                    idx_key(x.id, log_offset{0}), idx_key(x.id, x.start)});
  }

  void operator()(const put_cursors& x) {
    for (const auto& row : x.rows) {
      auto key
        = state_key(state_row::cursor, state.shard_, row.subscription_uid);
      if (row.cursor.empty() || !state.channels_.contains(row.channel)) {
        state.cursors_.erase(row.subscription_uid);
        rows.push_back(remove_row(std::move(key)));
        continue;
      }
      std::string body;
      put_varint(body, row.channel.value);
      put_string(body, row.cursor);
      rows.push_back(put_row(std::move(key), seal_row(body)));
      state.cursors_[row.subscription_uid] = row;
    }
  }

  void operator()(const put_resource& x) {
    state.channel_ids_end_
      = std::max(state.channel_ids_end_, x.channel_ids_end);
    std::string counter;
    put_varint(counter, state.channel_ids_end_);
    rows.push_back(put_row(state_key(state_row::id_counter, state.shard_),
                           seal_row(counter)));
    std::string body;
    put_varint(body, index.value);
    put_string(body, x.document);
    rows.push_back(put_row(state_key(state_row::resource, state.shard_, x.key),
                           seal_row(body)));
    state.resources_[x.key] = {x.document, index};
  }

  void operator()(const remove_resource& x) {
    state.resources_.erase(x.key);
    rows.push_back(
      remove_row(state_key(state_row::resource, state.shard_, x.key)));
  }
};

result<void> shard_state::apply(raft_index index, entry_type type,
                                std::string_view payload,
                                std::vector<row_change>& rows) {
  EVENTD_ASSERT(index == applied_ + 1);
  if (type == entry_type::command && !payload.empty()) {
    if (static_cast<payload_kind>(payload[0]) == payload_kind::events) {
      if (auto done = apply_events(index, payload, rows); !done)
        return done;
    } else {
      auto x = decode_command(payload);
      if (!x)
        return x.error();
      std::visit(command_applier{*this, index, rows}, *x);
    }
  }
  applied_ = index;
  return {};
}

result<void> shard_state::apply_events(raft_index index,
                                       std::string_view payload,
                                       std::vector<row_change>& rows) {
  auto header = decode_events_header(payload);
  if (!header)
    return header.error();
  auto found = channels_.find(header->channel);
  // The channel was deleted while the entry was on its way: nobody reads it.
  if (found == channels_.end())
    return {};
  auto& row = found->second;
  if (header->first != row.end || header->epoch != row.epoch)
    return damaged("entry " + std::to_string(index.value) + " of shard "
                   + std::to_string(shard_.value) + " begins at offset "
                   + std::to_string(header->first.value) + ", channel "
                   + row.namespace_name + "/" + row.name + " ends at "
                   + std::to_string(row.end.value));
  idx_row idx;
  idx.shard = shard_;
  idx.index = index;
  idx.count = header->count;
  idx.bytes = static_cast<uint32_t>(payload.size());
  idx.bytes_below = row.bytes_end;
  idx.logged_at = header->logged_at;
  idx.stored_at = header->stored_at;
  rows.push_back({row_change::kind::put, idx_family,
                  idx_key(row.id, header->first), encode_idx_row(idx)});
  row.end = row.end + header->count;
  row.bytes_end += payload.size();
  row.logged_at = std::max(row.logged_at, header->logged_at);
  row.stored_at = std::max(row.stored_at, header->stored_at);
  return {};
}

// -- loading
// --------------------------------------------------------------------

result<shard_state> shard_state::load(const database& from, shard_id shard) {
  shard_state x;
  x.shard_ = shard;
  auto row = from.get(state_family, state_key(state_row::applied, shard));
  if (!row)
    return row.error();
  if (*row) {
    auto body = open_row(**row);
    if (!body)
      return body.error();
    x.applied_ = raft_index{byte_reader{*body}.fixed<uint64_t>()};
  }
  if (auto done = x.load_rows(from); !done)
    return done.error();
  if (auto done = x.load_channels(from); !done)
    return done.error();
  return x;
}

result<void> shard_state::load_rows(const database& from) {
  if (auto row
      = from.get(state_family, state_key(state_row::id_counter, shard_));
      !row)
    return row.error();
  else if (*row) {
    auto body = open_row(**row);
    if (!body)
      return body.error();
    channel_ids_end_ = byte_reader{*body}.varint();
  }
  auto walk = from.walk(state_family);
  auto each = [&](state_row kind, auto&& take) -> result<void> {
    auto prefix = state_key(kind, shard_);
    for (walk.seek(prefix); walk.valid() && walk.key().starts_with(prefix);
         walk.next()) {
      auto body = open_row(walk.value());
      if (!body)
        return body.error();
      take(std::string{walk.key().substr(prefix.size())}, byte_reader{*body});
    }
    return walk.status();
  };
  auto done = each(state_row::cursor, [&](std::string uid, byte_reader in) {
    put_cursors::row row;
    row.subscription_uid = uid;
    row.channel = channel_id{in.varint()};
    row.cursor = in.string();
    cursors_.emplace(std::move(uid), std::move(row));
  });
  if (!done)
    return done;
  return each(state_row::resource, [&](std::string key, byte_reader in) {
    resource_row row;
    row.index = raft_index{in.varint()};
    row.document = in.string();
    resources_.emplace(std::move(key), std::move(row));
  });
}

result<std::vector<channel_row>> shard_state::channel_rows(const database& from,
                                                           shard_id shard) {
  std::vector<channel_row> rows;
  auto prefix = state_key(state_row::channel, shard);
  auto walk = from.walk(state_family);
  for (walk.seek(prefix); walk.valid() && walk.key().starts_with(prefix);
       walk.next()) {
    auto row = decode_channel(walk.value());
    if (!row)
      return row.error();
    rows.push_back(std::move(*row));
  }
  if (auto done = walk.status(); !done)
    return done.error();
  return rows;
}

result<void> shard_state::load_channels(const database& from) {
  auto rows = channel_rows(from, shard_);
  if (!rows)
    return rows.error();
  auto idx = from.walk(idx_family);
  for (auto& row : *rows) {
    if (auto done = find_end(idx, row); !done)
      return done;
    channels_.emplace(row.id, std::move(row));
  }
  return {};
}

/// The row at or before `offset`; none: the channel has none there.
result<std::optional<shard_state::idx_place>>
shard_state::idx_before(cursor& idx, channel_id id, log_offset offset) {
  idx.seek_for_previous(idx_key(id, offset));
  // Else a damaged block would look like a channel without rows.
  if (auto ok = idx.status(); !ok)
    return ok.error();
  auto at = idx.valid() ? position_of_idx_key(idx.key()) : std::nullopt;
  if (!at || at->channel != id)
    return std::optional<idx_place>{};
  auto row = decode_idx_row(idx.value());
  if (!row)
    return row.error();
  return std::optional<idx_place>{{at->first, *row}};
}

/// Rows beyond the applied index are of entries that are being copied.
result<void> shard_state::find_end(cursor& idx, channel_row& row) const {
  auto last = idx_before(idx, row.id, log_offset{~uint64_t{0}});
  if (!last)
    return last.error();
  if (*last && (*last)->row.index > applied_) {
    uint64_t low = row.start.value;
    uint64_t high = (*last)->first.value;
    *last = std::nullopt;
    // The last row with an applied index lies in [low, high).
    while (low < high) {
      auto middle = low + (high - low) / 2;
      auto found = idx_before(idx, row.id, log_offset{middle});
      if (!found)
        return found.error();
      auto below = !*found || (*found)->first < row.start;
      if (!below && (*found)->row.index > applied_) {
        high = (*found)->first.value;
        continue;
      }
      if (!below)
        *last = *found;
      // The row found is the last one up to there.
      low = middle + 1;
    }
  }
  // Trimmed elsewhere, before a snapshot came.
  if (!*last || (*last)->first < row.start)
    return {};
  row.end = (*last)->first + (*last)->row.count;
  row.bytes_end = (*last)->row.bytes_below + (*last)->row.bytes;
  row.logged_at = (*last)->row.logged_at;
  row.stored_at = (*last)->row.stored_at;
  return {};
}

// -- reading
// --------------------------------------------------------------------

const channel_row* shard_state::channel(channel_id id) const {
  auto found = channels_.find(id);
  return found == channels_.end() ? nullptr : &found->second;
}

std::string shard_state::cursor_of(std::string_view subscription_uid) const {
  auto found = cursors_.find(std::string{subscription_uid});
  return found == cursors_.end() ? std::string{} : found->second.cursor;
}

row_change shard_state::row_of(const channel_row& x) const {
  return put_row(state_key(state_row::channel, shard_, x.id),
                 encode_channel(x));
}

row_change shard_state::applied_row() const {
  std::string body;
  put_fixed(body, applied_.value);
  return put_row(state_key(state_row::applied, shard_), seal_row(body));
}

} // namespace eventd::storage
