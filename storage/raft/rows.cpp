// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/raft/rows.hpp"

#include "storage/codec/bytes.hpp"
#include "storage/codec/key.hpp"

namespace eventd::storage {

namespace {

row_change put_row(std::string key, std::string_view body) {
  return {row_change::kind::put, state_family, std::move(key), seal_row(body)};
}

class database_rows : public row_source {
public:
  explicit database_rows(const database& from) : from_(from) {}

  result<std::optional<std::string>>
  get(const std::string& key) const override {
    return from_.get(state_family, key);
  }

  result<std::vector<std::pair<std::string, std::string>>>
  all_with_prefix(const std::string& prefix) const override {
    std::vector<std::pair<std::string, std::string>> rows;
    auto walk = from_.walk(state_family);
    for (walk.seek(prefix); walk.valid() && walk.key().starts_with(prefix);
         walk.next())
      rows.emplace_back(walk.key(), walk.value());
    if (auto done = walk.status(); !done)
      return done.error();
    return rows;
  }

private:
  const database& from_;
};

/// Body of a row, or none where the row is not there.
result<std::optional<std::string>> body_at(const row_source& from,
                                           const std::string& key) {
  auto row = from.get(key);
  if (!row || !*row)
    return row;
  auto body = open_row(**row);
  if (!body)
    return body.error();
  return std::optional<std::string>{*body};
}

result<void> load_start(const row_source& from, shard_id shard,
                        persisted_raft& x) {
  auto body = body_at(from, state_key(state_row::raft_start, shard));
  if (!body)
    return body.error();
  if (!*body)
    return {};
  byte_reader in{**body};
  x.start.index = raft_index{in.fixed<uint64_t>()};
  x.start.term = raft_term{in.fixed<uint64_t>()};
  x.start.configuration_index = raft_index{in.fixed<uint64_t>()};
  x.start.configuration = in.rest();
  if (!in.ok())
    return failure{ec::corrupt_record, "Raft start: bad length"};
  return {};
}

result<void> load_terms(const row_source& from, shard_id shard,
                        persisted_raft& x) {
  auto body = body_at(from, state_key(state_row::terms, shard));
  if (!body)
    return body.error();
  if (!*body)
    return failure{ec::corrupt_record, "no table of terms"};
  byte_reader in{**body};
  for (auto n = in.varint(); n > 0 && in.ok(); --n) {
    term_row row;
    row.first = raft_index{in.varint()};
    row.term = raft_term{in.varint()};
    x.terms.push_back(row);
  }
  if (!in.at_end())
    return failure{ec::corrupt_record, "table of terms: bad length"};
  return {};
}

result<void> load_configurations(const row_source& from, shard_id shard,
                                 persisted_raft& x) {
  auto prefix = state_key(state_row::configuration, shard);
  auto rows = from.all_with_prefix(prefix);
  if (!rows)
    return rows.error();
  for (const auto& [key, value] : *rows) {
    auto index = index_of_log_key(std::string_view{key}.substr(prefix.size()));
    if (index <= x.start.index || index > x.last)
      continue;
    auto body = open_row(value);
    if (!body)
      return body.error();
    x.configurations.emplace_back(index, *body);
  }
  return {};
}

} // namespace

row_change hard_state_row(shard_id shard, raft_term term, uint64_t voted_for) {
  std::string body;
  put_fixed(body, term.value);
  put_fixed(body, voted_for);
  return put_row(state_key(state_row::hard_state, shard), body);
}

row_change terms_row(shard_id shard, const std::vector<term_row>& terms) {
  std::string body;
  put_varint(body, terms.size());
  for (const auto& row : terms) {
    put_varint(body, row.first.value);
    put_varint(body, row.term.value);
  }
  return put_row(state_key(state_row::terms, shard), body);
}

row_change configuration_row(shard_id shard, raft_index index,
                             std::string_view configuration) {
  return put_row(state_key(state_row::configuration, shard, index),
                 configuration);
}

row_change start_row(shard_id shard, const raft_start_point& x) {
  std::string body;
  put_fixed(body, x.index.value);
  put_fixed(body, x.term.value);
  put_fixed(body, x.configuration_index.value);
  body.append(x.configuration);
  return put_row(state_key(state_row::raft_start, shard), body);
}

row_change log_end_row(shard_id shard, raft_index last) {
  std::string body;
  put_fixed(body, last.value);
  return put_row(state_key(state_row::log_end, shard), body);
}

result<write_job> bootstrap_job(shard_id shard,
                                const std::vector<raft_server>& servers) {
  auto encoded = encode_configuration(servers);
  if (!encoded)
    return encoded.error();
  auto configuration = std::make_shared<const std::string>(std::move(*encoded));
  write_job job;
  job.shard = shard;
  job.first = raft_index{1};
  job.records.push_back({entry_type::change, raft_term{1}, configuration});
  job.rows.push_back(hard_state_row(shard, raft_term{1}, 0));
  job.rows.push_back(terms_row(shard, {{raft_index{1}, raft_term{1}}}));
  job.rows.push_back(configuration_row(shard, raft_index{1}, *configuration));
  return job;
}

write_job empty_shard_job(shard_id shard) {
  write_job job;
  job.shard = shard;
  job.rows.push_back(hard_state_row(shard, raft_term{0}, 0));
  job.rows.push_back(terms_row(shard, {}));
  job.rows.push_back(log_end_row(shard, raft_index{0}));
  return job;
}

result<std::optional<persisted_raft>> load_raft(const database& from,
                                                shard_id shard) {
  return load_raft(database_rows{from}, shard);
}

result<std::optional<persisted_raft>> load_raft(const row_source& from,
                                                shard_id shard) {
  auto hard_state = body_at(from, state_key(state_row::hard_state, shard));
  if (!hard_state)
    return hard_state.error();
  if (!*hard_state)
    return std::optional<persisted_raft>{};
  persisted_raft x;
  byte_reader in{**hard_state};
  x.term = raft_term{in.fixed<uint64_t>()};
  x.voted_for = in.fixed<uint64_t>();
  auto end = body_at(from, state_key(state_row::log_end, shard));
  if (!end)
    return end.error();
  if (!*end || !in.at_end())
    return failure{ec::corrupt_record, "Raft rows are not complete"};
  x.last = raft_index{byte_reader{**end}.fixed<uint64_t>()};
  if (auto done = load_start(from, shard, x); !done)
    return done.error();
  if (auto done = load_terms(from, shard, x); !done)
    return done.error();
  if (auto done = load_configurations(from, shard, x); !done)
    return done.error();
  return std::optional<persisted_raft>{std::move(x)};
}

} // namespace eventd::storage
