// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>

#include "tools/bench/peer_dialect.hpp"

namespace eventd::bench {

/// One message of a NATS server to its client.
struct nats_message {
  std::string_view verb = {};    ///< "MSG", "HMSG", "PING", "+OK"…
  std::string_view words = {};   ///< What else stands in the line.
  std::string_view subject = {}; ///< Of MSG and HMSG, as those below.
  std::string_view sid = {};     ///< The subscription.
  std::string_view headers = {};
  std::string_view payload = {};
};

/// Reads one message from the begin of `input`, and removes it there.
/// @returns none where it is not whole yet
/// @errors `ec::io_error`: a MSG without its counts. Pure.
result<std::optional<nats_message>> parse_nats(std::string_view& input);

/// NATS JetStream: a stream on files, publishes with acknowledgement, and a
/// consumer that the server pushes to, without acknowledgement.
class nats_dialect final : public peer_dialect {
public:
  /// `inbox` is the connection's own: what comes has subjects below it.
  nats_dialect(std::string stream, std::string inbox);

  std::string hello() override;
  std::string prepare() override;
  void append_publish(std::string& out, std::string_view event) override;
  std::string follow() override;
  result<peer_news> take(std::string_view bytes) override;

private:
  result<void> note(const nats_message& message, peer_news& news) const;
  result<void> note_payload(const nats_message& message, peer_news& news) const;
  std::string call(std::string_view what, std::string_view answer,
                   std::string_view body) const;

  std::string stream_;
  std::string inbox_;
  std::string publish_head_; ///< PUB up to the event's length.
  std::string buffer_;
  size_t taken_ = 0; ///< Of the buffer.
};

} // namespace eventd::bench
