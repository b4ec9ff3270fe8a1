// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <initializer_list>
#include <optional>

#include "tools/bench/peer_dialect.hpp"

namespace eventd::bench {

/// One value of RESP, the protocol of Redis.
struct resp_value {
  char kind = 0;              ///< '+', '-', ':', '$' or '*', as on the wire.
  bool null = false;          ///< $-1 or *-1.
  std::string_view text = {}; ///< Of all kinds but '*'. Points into the input.
  std::vector<resp_value> items = {}; ///< Of '*'.
};

/// Reads one value from the begin of `input`, and removes it there.
/// @returns none where it is not whole yet
/// @errors `ec::io_error`: not RESP. Pure.
result<std::optional<resp_value>> parse_resp(std::string_view& input);

/// A command as RESP has it: an array of strings. Pure.
std::string resp_command(std::initializer_list<std::string_view> words);

/// Redis Streams: XADD, and XREAD that waits.
class redis_dialect final : public peer_dialect {
public:
  explicit redis_dialect(std::string stream);

  std::string hello() override;
  std::string prepare() override;
  void append_publish(std::string& out, std::string_view event) override;
  std::string follow() override;
  result<peer_news> take(std::string_view bytes) override;

private:
  result<void> note(const resp_value& answer, peer_news& news);
  result<void> note_read(const resp_value& streams, peer_news& news);

  std::string stream_;
  std::string publish_head_; ///< XADD up to the event's length.
  std::string last_id_ = "0";
  std::string buffer_;
  size_t taken_ = 0; ///< Of the buffer.
};

} // namespace eventd::bench
