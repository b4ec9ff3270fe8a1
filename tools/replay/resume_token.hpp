// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/model/error.hpp"
#include "tools/replay/event_target.hpp"

namespace eventd::replay {

/// Where a replay that was interrupted goes on. On disk it is one JSON object:
/// {"version":1,"source":"http://…","channel":"default/orders","epoch":"3",
///  "next":1200,"to":"5000","target":"file:a.ndjson","output_bytes":48000,
///  "events":1200,"bytes":48000,"failures":0}
struct resume_token {
  std::string source = {};   ///< Server URL or data directory.
  std::string channel = {};  ///< NAMESPACE/NAME.
  std::string epoch = {};    ///< Life of the channel that `next` belongs to.
  uint64_t next = 0;         ///< First offset that was not delivered.
  std::string to = {};       ///< As `--to`; fixed at the first start.
  std::string target = {};   ///< Kind and name of where events go.
  uint64_t output_bytes = 0; ///< Length of the output file that counts.
  counters done = {};

  friend bool operator==(const resume_token&, const resume_token&) = default;
};

std::string to_json(const resume_token& x);

/// @errors `ec::invalid_config`: not a token of this version.
result<resume_token> token_from_json(std::string_view text);

/// What `resume_token::target` says for these options.
std::string target_name(const options& x);

/// Whether the token belongs to this command line.
/// @errors `ec::invalid_config`, with what differs.
result<void> check_matches(const resume_token& token, const options& now);

/// Reads the token of `path`, or none where there is no such file.
result<std::optional<resume_token>> load_token(const std::string& path);

/// Replaces the file at once: a reader sees the old token or the new.
result<void> save_token(const std::string& path, const resume_token& token);

} // namespace eventd::replay
