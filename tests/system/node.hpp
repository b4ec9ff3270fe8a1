// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "tests/fixtures/temp_dir.hpp"
#include "tests/system/process.hpp"
#include "tools/client/http_client.hpp"

namespace eventd::tests {

/// An event as a read shows it.
struct stored_event {
  uint64_t offset = 0;
  std::string id;
  std::string line; ///< Its JSON, as it came.
};

/// A Subscription, with what a test may want to say of it.
struct subscription {
  std::string name;
  std::string channel; ///< NAMESPACE/NAME; the namespace is both's.
  std::string uri;
  boost::json::object delivery = {};
  std::map<std::string, std::string> own = {}; ///< `eventd.dev/…`
};

/// What creates them, with POST.
tools::http_request
channel_request(const std::string& channel,
                const std::map<std::string, std::string>& own = {});
tools::http_request subscription_request(const subscription& x);

/// Path of a resource of the kind `plural`; `name` is NAMESPACE/NAME.
std::string resource_path(const std::string& plural, const std::string& name);

/// Whether a Subscription will get all events from now on, or is stopped by one
/// of them.
bool is_followed(const boost::json::value& resource);

/// An event of one line of NDJSON; none where it is not one, or has no offset.
std::optional<stored_event> event_of(std::string_view line);

/// An eventd with a data directory and a port that both outlive its death.
/// Threads: the test's own, but `client` and `url` any.
class eventd_node {
public:
  /// Starts it, and waits until it serves.
  explicit eventd_node(std::vector<std::string> flags = {});

  void start();
  void kill(); ///< SIGKILL.

  /// SIGTERM.
  /// @returns its exit code; none where it did not end in 10 s
  std::optional<int> stop();

  process& running() { return *process_; }
  std::string url() const;
  uint16_t port() const { return port_; }
  std::filesystem::path data_dir() const { return dir_ / "data"; }
  std::filesystem::path file(const std::string& name) const {
    return dir_ / name;
  }

  tools::http_client client() const;

  /// Sends a request on a connection of its own; the answer may be any.
  tools::http_answer send(const tools::http_request& what) const;
  tools::http_answer get(const std::string& target) const;

  /// @pre created with 201
  void create_channel(const std::string& channel,
                      const std::map<std::string, std::string>& own = {}) const;
  /// Waits until it follows the channel.
  void create_subscription(const subscription& x) const;

  boost::json::value resource(const std::string& plural,
                              const std::string& name) const;
  /// A figure of `status.eventd` of a Subscription; none while there is none.
  std::optional<uint64_t> figure(const std::string& name,
                                 const std::string& key) const;

  /// Offset of an event published in binary mode.
  /// @pre acknowledged
  uint64_t publish(const std::string& channel, const std::string& id,
                   const std::string& data = "{}") const;

  /// All of a channel, in the order they were answered.
  std::vector<stored_event> read_all(const std::string& channel) const;

private:
  temp_dir dir_;
  uint16_t port_;
  std::vector<std::string> flags_;
  std::optional<process> process_;
};

/// `eventctl` and `replay` against a node.
finished eventctl(const eventd_node& node, std::vector<std::string> args,
                  const std::string& input = {});
finished replay(const eventd_node& node, std::vector<std::string> args);

/// A binary-mode publish.
tools::http_request binary_event(const std::string& channel,
                                 const std::string& id,
                                 const std::string& data = "{}");

/// Data that tells whose it is: a reader sees whether it is as it was sent.
std::string own_data(const std::string& id);
bool has_own_data(const stored_event& x);

/// One event in the JSON format.
std::string event_json(const std::string& id, const std::string& data = "{}");

std::string offset_of(const tools::http_answer& answer);

/// What a JSON pointer finds: a string's characters, or other JSON's text;
/// empty where there is nothing.
std::string text_at(const boost::json::value& in, const std::string& pointer);
std::string text_at(const std::string& json_text, const std::string& pointer);

std::string file_text(const std::filesystem::path& path);

/// A connection on which a test writes bytes of its own.
class raw_connection {
public:
  explicit raw_connection(uint16_t port);
  raw_connection(const raw_connection&) = delete;
  raw_connection& operator=(const raw_connection&) = delete;
  ~raw_connection();

  void send(std::string_view text);

  /// Next answer, interim ones too; status 0 where the connection ended or
  /// nothing came in 10 s.
  tools::http_answer read();

private:
  int socket_ = -1;
  std::string rest_;
};

} // namespace eventd::tests
