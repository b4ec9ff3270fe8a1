// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <cstdint>
#include <string>
#include <string_view>

#include <spdlog/spdlog.h>

#include "runtime/config/node_address.hpp"
#include "runtime/gateway/api/json_check.hpp"
#include "runtime/gateway/http_session.hpp"
#include "runtime/gateway/owner.hpp"
#include "runtime/gateway/response.hpp"
#include "runtime/gateway/worker.hpp"

/// Which nodes there are, and how that is changed.
namespace eventd::runtime {

namespace {

/// A node that joins first gets a copy of every shard.
constexpr uint64_t change_timeout_s = 600;

/// `{"id":4,"address":"HOST:PORT"}`, with the longest of names.
constexpr size_t node_bytes_max = 4'096;

/// A change as it is asked of the CLUSTER.
struct node_change {
  std::string verb; ///< "add", "remove" or "replace".
  uint64_t node = 0;
  std::string address; ///< Of "add" only.
};

failure bad(std::string text, std::string field) {
  return {ec::invalid_request, std::move(text), std::move(field)};
}

/// Reads the body of "add".
result<node_change> parse_node(std::string_view body) {
  auto parsed = parse_json(body);
  if (!parsed)
    return parsed.error();
  const auto* object = parsed->if_object();
  if (object == nullptr)
    return bad("the body must be an object with id and address", "");
  for (const auto& member : *object)
    if (member.key() != "id" && member.key() != "address")
      return bad("unknown field", std::string{std::string_view{member.key()}});
  node_change out{"add", 0, {}};
  const auto* id = object->if_contains("id");
  boost::system::error_code wrong;
  if (id != nullptr && (id->is_int64() || id->is_uint64()))
    out.node = id->to_number<uint64_t>(wrong);
  if (wrong || out.node == 0 || out.node > node_id_max)
    return bad("id must be a node's id (1 to 65535)", "id");
  const auto* address = object->if_contains("address");
  if (address == nullptr || !address->is_string())
    return bad("address must be a string, HOST:PORT", "address");
  auto read = parse_node_address(std::string_view{address->get_string()});
  if (!read)
    return bad(read.error().detail, "address");
  if (read->is_wildcard())
    return bad("the other nodes can not dial " + read->text(), "address");
  out.address = read->text();
  return out;
}

task<result<node_change>> read_change(http_session& session) {
  auto name = session.route().name;
  if (name.empty()) {
    auto body = co_await session.read_body(node_bytes_max);
    if (!body)
      co_return body.error();
    co_return parse_node(*body);
  }
  auto node = parse_node_id(name);
  if (!node)
    co_return bad(node.error().detail, "id");
  auto verb = session.method() == "DELETE" ? "remove" : "replace";
  co_return node_change{verb, *node, {}};
}

task<bool> answer_json(http_session& session, std::string_view body) {
  auto& out = session.begin(200);
  add_header(out, "Content-Type", "application/json");
  add_header(out, "Cache-Control", "no-store");
  co_return co_await session.finish(body);
}

task<result<std::string>> carry_out(http_session& session) {
  auto& worker = session.worker();
  auto cluster = worker.shared().wiring.cluster;
  if (!cluster)
    co_return failure{ec::not_found, "this node is not part of a cluster"};
  if (!session.route().query.empty())
    co_return bad("this request takes no parameter",
                  std::string{session.route().query});
  if (session.method() == "GET")
    co_return co_await worker.asks().ask(cluster, actors::atom::status_v);
  auto wanted = co_await read_change(session);
  if (!wanted)
    co_return wanted.error();
  auto done
    = co_await find_owner<std::string>([&]() -> task<result<std::string>> {
        co_return co_await worker.asks().wait_for(
          change_timeout_s, cluster, actors::atom::change_v, wanted->verb,
          wanted->node, wanted->address);
      });
  // Who changed what is the first question after a surprise.
  spdlog::info("cluster: {} node {}{}: {}", wanted->verb, wanted->node,
               wanted->address.empty() ? "" : " at " + wanted->address,
               done ? "done" : done.error().detail);
  co_return done;
}

} // namespace

task<> handle_cluster(http_session& session) {
  auto answer = co_await carry_out(session);
  if (answer) {
    co_await answer_json(session, *answer);
    co_return;
  }
  auto why = answer.error();
  auto status = why == ec::overloaded ? 503U : 0U;
  co_await session.fail(why, status);
}

} // namespace eventd::runtime
