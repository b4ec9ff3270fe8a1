// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/cluster/hello.hpp"
#include "storage/model/error.hpp"

namespace eventd::limits {

/// Messages that wait for one peer; the default. Past it: `send` answers false.
inline constexpr size_t link_queue_bytes_max = size_t{64} << 20;

} // namespace eventd::limits

namespace eventd::runtime {

/// How `refused` begins where the other side refused us, and not we it.
inline constexpr std::string_view refused_us_text = "it refused this node: ";

struct transport_options {
  std::string host;  ///< Listens here. A name is looked up at the start.
  uint16_t port = 0; ///< 0: any that is free.
  uint64_t node = 0; ///< Own id.
  std::string tls_cert, tls_key, tls_ca; ///< PEM files; all empty: no TLS.
  int64_t heartbeat_ms = 100;            ///< Between two pings.
  int64_t timeout_ms = 1'000; ///< Silence after which a connection is dropped.
  size_t queue_bytes_max = limits::link_queue_bytes_max; ///< Per peer.

  /// All are called on the transport's thread and must not block, throw or
  /// call `stop`. None is called after `stop`.
  struct callbacks {
    /// What to say of ourselves now. Its versions are the ones we speak.
    std::function<hello()> own;
    /// Whether to talk with it. Both sides ask; the detail of a failure is
    /// told to the other side.
    std::function<result<void>(const hello& theirs, uint32_t version)> admit;
    /// Our outgoing connection to it can be used.
    std::function<void(uint64_t node, const hello& theirs, uint32_t version)>
      connected;
    /// It can not be used any more; what was not written is dropped.
    std::function<void(uint64_t node)> disconnected;
    /// Its connection to us can be used: what it sent over an earlier one may
    /// be lost.
    std::function<void(uint64_t node)> heard;
    /// Its connection to us has ended; a newer one has not come instead.
    std::function<void(uint64_t node)> unheard;
    /// A whole message, in the order in which it was sent.
    std::function<void(uint64_t node, const hello& theirs, std::string message)>
      received;
    /// It refused our hello, or we refused its; told at each attempt.
    std::function<void(uint64_t node, const std::string& why)> refused;
    /// A line for the log: at most one per peer address, minute and kind.
    std::function<void(const std::string& line)> warn;
  } on;
};

struct peer_address {
  uint64_t node = 0;
  std::string host;
  uint16_t port = 0;

  friend bool operator==(const peer_address&, const peer_address&) = default;
};

/// Messages between the nodes of a cluster over TCP or TLS. Each node dials
/// each peer; a connection carries messages from the dialer to the acceptor,
/// the other way only the answer to the hello and pongs. A message that was
/// taken comes whole, once and in order, or not at all: whatever is on its way
/// when a connection breaks is lost. docs: frame.hpp, hello.hpp.
///
/// With `timeout_ms` 1 000, a peer that falls silent is reported by
/// `disconnected` 1.0 to 1.1 s after its last answer, and dialed again after
/// 2 to 4 ms, then ever more slowly, at most every second.
///
/// Threads: any, but for the callbacks; one of its own runs all connections.
/// Blocking: `start` and `stop` only.
class cluster_transport {
public:
  /// Binds, listens, and begins to accept. Blocking: reads the TLS files and
  /// looks up the host where it is a name.
  /// @pre `on` is complete; `node` is not 0
  /// @errors `ec::address_in_use`; `ec::invalid_config` (a TLS file)
  static result<std::unique_ptr<cluster_transport>>
  start(transport_options options);

  cluster_transport(const cluster_transport&) = delete;
  cluster_transport& operator=(const cluster_transport&) = delete;

  /// Stops.
  ~cluster_transport();

  /// The port that was bound.
  uint16_t port() const;

  /// Dials these, and no longer what is not among them. A peer whose address
  /// stays is left alone; our own id is passed over.
  void set_peers(std::vector<peer_address> peers);

  /// Hands over a message without copying it. False: not connected, the bound
  /// of the queue is reached, or it is larger than
  /// `limits::link_message_bytes_max`.
  bool send(uint64_t node, std::shared_ptr<const std::string> message);

  /// Bytes of messages taken and not yet given to the system. 0 for a node
  /// that is not a peer.
  size_t queued_bytes(uint64_t node) const;

  /// Closes everything and joins its thread. A second call does nothing.
  /// Blocking: until a callback and a name lookup on their way are over.
  void stop();

private:
  struct impl;

  explicit cluster_transport(std::unique_ptr<impl> x);

  std::unique_ptr<impl> impl_;
};

} // namespace eventd::runtime
