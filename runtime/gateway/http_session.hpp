// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/gateway/body_pace.hpp"
#include "runtime/gateway/connection_counter.hpp"
#include "runtime/gateway/framing_guard.hpp"
#include "runtime/gateway/message_parser.hpp"
#include "runtime/gateway/net.hpp"
#include "runtime/gateway/router.hpp"

namespace eventd::runtime {

class io_worker;

/// One connection of a client: reads a request, hands it to its handler, and
/// goes on with the next, which may be in the buffer already. Lives as long as
/// its coroutine. Threads: the I/O thread.
class http_session : public std::enable_shared_from_this<http_session> {
public:
  http_session(io_worker& worker, tcp_socket socket, connection_ticket ticket);
  ~http_session();
  http_session(const http_session&) = delete;
  http_session& operator=(const http_session&) = delete;

  void start();
  void close_if_late();
  void close_if_idle();
  void close();

  // -- for the handlers: what was asked ---------------------------------------

  io_worker& worker() { return worker_; }
  std::string_view method() const { return request_.method(); }
  std::string_view target() const { return framing_.target; }
  const routed& route() const { return routed_; }
  std::span<const cloudevents::field> fields() const {
    return request_.fields();
  }
  std::string_view header(std::string_view name) const {
    return find_field(fields(), name);
  }
  bool speaks_chunked() const { return request_.version() >= 11; }

  /// Reads the body, after `100 Continue` where the client waits for it.
  /// The answer is a view until the request ends.
  /// @errors `ec::payload_too_large`, `ec::overloaded` (the node holds too many
  ///   bytes), `ec::invalid_request`, `ec::unreachable` (the client is gone)
  task<result<std::string_view>> read_body(size_t bytes_max);

  // -- for the handlers: the answer -------------------------------------------

  /// Starts the answer's head; add fields with `add_header`.
  std::string& begin(unsigned status);

  /// Ends and sends an answer whose body is known.
  /// @returns false if the client is gone
  task<bool> finish(std::string_view body);

  /// Ends the head of an answer without a length; then `write` each piece.
  task<bool> begin_stream();
  task<bool> write(std::string_view bytes);

  /// Ends it; `trailer` may hold header lines. Where it is not called the
  /// client sees that the answer was cut.
  task<bool> end_stream(std::string_view trailer = {});

  /// Answers a problem. `status` 0: by its code. `headers`: whole lines.
  task<bool> fail(const failure& why, unsigned status = 0,
                  std::string_view headers = {});

  /// The status of the last head, 0 before it.
  unsigned status() const { return status_; }

private:
  task<> run();
  task<bool> read_header();
  task<> serve();
  task<bool> receive();
  task<bool> send();
  task<result<void>> continue_if_asked();
  task<result<std::string_view>> read_known_length(size_t bytes_max);
  task<result<std::string_view>> read_chunked(size_t bytes_max);
  task<> linger();
  result<void> reserve(size_t bytes, size_t body_bytes);
  bool had_fold(std::string_view bytes);
  void make_room();
  void end_request();
  void skip_small_body();
  void set_deadline(uint64_t seconds);
  void set_header_deadline();
  const gateway_limits& bounds() const;

  std::string_view unread() const {
    return std::string_view{input_}.substr(begin_, end_ - begin_);
  }

  io_worker& worker_;
  connection_ticket ticket_;
  tcp_socket socket_;
  std::string input_; ///< Received and not yet used: [begin_, end_).
  size_t begin_ = 0;
  size_t end_ = 0;
  std::string output_;
  message request_;
  std::optional<message_parser<true>> parser_;
  framing framing_;
  routed routed_;
  body_pace pace_;
  uint64_t deadline_s_ = 0;   ///< 0: none.
  size_t reserved_bytes_ = 0; ///< Of the node's bytes in flight.
  size_t header_bytes_ = 0;
  unsigned status_ = 0;
  char last_byte_ = 0;
  bool folded_ = false;
  bool idle_ = true;
  bool body_done_ = true;
  bool keep_alive_ = false;
  bool lingers_ = false;
};

/// Starts `/{namespace}/{name}` and the like; each answers one request.
task<> handle_publish(http_session& session);
task<> handle_handshake(http_session& session);
task<> handle_read(http_session& session);
task<> handle_resource(http_session& session);
task<> handle_subscription(http_session& session);
task<> handle_cluster(http_session& session);
task<> handle_operations(http_session& session);

} // namespace eventd::runtime
