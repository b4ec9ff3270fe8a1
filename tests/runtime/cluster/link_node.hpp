// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/cluster/frame.hpp"
#include "runtime/cluster/transport.hpp"
#include "tests/runtime/gateway/raw_socket.hpp"

namespace eventd::tests {

using runtime::cluster_transport;
using runtime::hello;
using runtime::transport_options;

/// A hello of a node of the cluster "c".
inline hello hello_of(uint64_t node) {
  hello x;
  x.node = node;
  x.cluster_id = "c";
  return x;
}

/// A transport on loopback that writes down what it is told.
class link_node {
public:
  using change = std::function<void(transport_options&)>;

  /// Admits nodes whose cluster id is the one of `own`.
  explicit link_node(hello own, const change& set = {}) : own_(std::move(own)) {
    transport_options options;
    options.host = "127.0.0.1";
    options.node = own_.node;
    options.timeout_ms = 3'000; // A machine that is busy is not a dead peer.
    options.on = callbacks();
    if (set)
      set(options);
    auto started = cluster_transport::start(std::move(options));
    if (!started)
      throw std::runtime_error(started.error().detail);
    link_ = std::move(*started);
  }

  explicit link_node(uint64_t node, const change& set = {})
    : link_node(hello_of(node), set) {}

  ~link_node() { link_->stop(); }

  cluster_transport* operator->() { return link_.get(); }

  void dial(uint64_t node, uint16_t port) {
    link_->set_peers({{node, "127.0.0.1", port}});
  }

  bool send(uint64_t node, std::string text) {
    return link_->send(node,
                       std::make_shared<const std::string>(std::move(text)));
  }

  struct record {
    std::vector<std::pair<uint64_t, uint32_t>> connected; ///< Node, version.
    std::vector<uint64_t> disconnected;
    std::vector<uint64_t> heard;
    std::vector<uint64_t> unheard;
    std::vector<std::pair<uint64_t, std::string>> received;
    std::vector<std::pair<uint64_t, std::string>> refused;
    std::vector<std::string> warnings;
  };

  /// Waits until `condition` holds of what was told; ten seconds at most.
  bool eventually(const std::function<bool(const record&)>& condition) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{wait_s},
                             [&] { return condition(record_); });
  }

  bool connects() {
    return eventually([](const record& x) { return !x.connected.empty(); });
  }

  bool warns(std::string_view text) {
    return eventually([&](const record& x) {
      for (const auto& line : x.warnings)
        if (line.find(text) != std::string::npos)
          return true;
      return false;
    });
  }

  bool is_refused(uint64_t node, std::string_view text) {
    return eventually([&](const record& x) {
      for (const auto& [who, why] : x.refused)
        if (who == node && why.find(text) != std::string::npos)
          return true;
      return false;
    });
  }

  record told() {
    std::lock_guard lock{mutex_};
    return record_;
  }

private:
  template <class F>
  void write_down(F change) {
    std::lock_guard lock{mutex_};
    change(record_);
    changed_.notify_all();
  }

  transport_options::callbacks callbacks() {
    transport_options::callbacks on;
    on.own = [this] { return own_; };
    on.admit = [this](const hello& theirs, uint32_t) -> result<void> {
      if (theirs.cluster_id != own_.cluster_id)
        return failure{ec::conflict, "it is of cluster " + theirs.cluster_id};
      return {};
    };
    on.connected = [this](uint64_t node, const hello&, uint32_t version) {
      write_down([&](record& x) { x.connected.emplace_back(node, version); });
    };
    on.disconnected = [this](uint64_t node) {
      write_down([&](record& x) { x.disconnected.push_back(node); });
    };
    on.heard = [this](uint64_t node) {
      write_down([&](record& x) { x.heard.push_back(node); });
    };
    on.unheard = [this](uint64_t node) {
      write_down([&](record& x) { x.unheard.push_back(node); });
    };
    on.received = [this](uint64_t node, const hello&, std::string message) {
      write_down(
        [&](record& x) { x.received.emplace_back(node, std::move(message)); });
    };
    on.refused = [this](uint64_t node, const std::string& why) {
      write_down([&](record& x) { x.refused.emplace_back(node, why); });
    };
    on.warn = [this](const std::string& line) {
      write_down([&](record& x) { x.warnings.push_back(line); });
    };
    return on;
  }

  const hello own_;
  std::mutex mutex_;
  std::condition_variable changed_;
  record record_;
  std::unique_ptr<cluster_transport> link_;
};

// -- a node in the test's hand ------------------------------------------------

/// The payload of the frame that comes next; empty if none does.
inline std::string read_frame(raw_socket& peer) {
  auto header = peer.read_exactly(runtime::frame_header_bytes);
  if (header.empty())
    return {};
  auto byte = [&](size_t i) { return static_cast<unsigned char>(header[i]); };
  return peer.read_exactly(byte(0) | byte(1) << 8 | byte(2) << 16);
}

/// Says hello as a dialer and reads the answer.
inline std::optional<runtime::hello_answer> greet(raw_socket& peer,
                                                  const hello& x) {
  peer.send(runtime::encode_frame(runtime::frame_hello, encode(x)));
  auto answer = runtime::decode_hello_answer(read_frame(peer));
  if (!answer)
    return std::nullopt;
  return *answer;
}

/// Accepts the hello of a dialer.
inline void welcome(raw_socket& peer, const hello& own) {
  read_frame(peer);
  peer.send(runtime::encode_frame(runtime::frame_hello,
                                  encode(runtime::hello_answer{own, {}})));
}

} // namespace eventd::tests
