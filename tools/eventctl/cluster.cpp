// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/cluster.hpp"

#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "runtime/config/node_address.hpp"
#include "tools/eventctl/cluster_table.hpp"
#include "tools/eventctl/yaml_text.hpp"

namespace eventd::eventctl {

namespace {

namespace json = boost::json;
using tools::exit_code;

constexpr auto cluster_path = "/v1/cluster";
constexpr auto nodes_path = "/v1/cluster/nodes";

/// A node that joins copies every shard first. The server gives up after 600 s
/// and says so; this is a little more.
constexpr std::chrono::seconds change_timeout{630};

exit_code show(const globals& shared) {
  auto server = client_of(shared);
  if (!server)
    return tools::report(server.error());
  auto answer
    = server->call({"GET", cluster_path, {{"Accept", "application/json"}}, {}});
  if (!answer)
    return tools::report(answer.error());
  boost::system::error_code wrong;
  auto found = json::parse(answer->body, wrong);
  if (wrong)
    return tools::report({ec::internal, "the server's answer is not JSON"});
  switch (format_of(shared)) {
  case output_format::json:
    std::cout << to_pretty_json(found);
    break;
  case output_format::yaml:
    std::cout << to_yaml(found);
    break;
  case output_format::table:
    std::cout << to_text(node_rows(found), colors_of(shared)) << '\n'
              << to_text(shard_rows(found), colors_of(shared));
  }
  std::cout.flush();
  return exit_code::ok;
}

/// Whether something had to be done. Older nodes do not say it, nor does one
/// that handed the change to another on the way.
std::optional<bool> was_changed(const std::string& answer) {
  boost::system::error_code wrong;
  auto found = json::parse(answer, wrong);
  auto* changed = wrong ? nullptr : find_at(found, {"changed"});
  if (changed == nullptr || !changed->is_bool())
    return std::nullopt;
  return changed->get_bool();
}

/// What is said when a change is done.
struct endings {
  std::string done;    ///< Something was.
  std::string nothing; ///< There was nothing to do.
  std::string either;  ///< Nobody knows which.

  const std::string& of(const std::string& answer) const {
    auto changed = was_changed(answer);
    return !changed ? either : *changed ? done : nothing;
  }
};

/// Sends one change and waits until it is done.
exit_code change(const globals& shared, const tools::http_request& request,
                 const std::string& id, const endings& ends) {
  tools::client_options how;
  how.answer_timeout = change_timeout;
  auto server = client_of(shared, how);
  if (!server)
    return tools::report(server.error());
  auto answer = server->call(request);
  if (!answer)
    return tools::report(answer.error());
  std::cout << "node/" << id << ' ' << ends.of(answer->body) << std::endl;
  return exit_code::ok;
}

/// `text` is ID=HOST:PORT.
exit_code add(const globals& shared, const std::string& text) {
  auto equals = text.find('=');
  if (equals == text.npos)
    return tools::report({ec::invalid_config, '\'' + text
                                                + "' is not ID=HOST:PORT, as "
                                                  "in 4=127.0.0.4:7001"});
  auto node = runtime::parse_node_id(text.substr(0, equals));
  if (!node)
    return tools::report(node.error());
  auto address = runtime::parse_node_address(text.substr(equals + 1));
  if (!address)
    return tools::report(address.error());
  json::object body;
  body["id"] = *node;
  body["address"] = address->text();
  return change(shared,
                {"POST",
                 nodes_path,
                 {{"Content-Type", "application/json"}},
                 json::serialize(body)},
                std::to_string(*node), {"added", "added", "added"});
}

/// Whether the person means it. Without anybody to ask: no.
bool confirmed(const std::string& id) {
  std::cerr << "Node " << id
            << " loses its place in the cluster, with the copies it holds. "
               "Type yes: "
            << std::flush;
  std::string line;
  return std::getline(std::cin, line) && line == "yes";
}

exit_code remove(const globals& shared, const std::string& text, bool yes) {
  auto node = runtime::parse_node_id(text);
  if (!node)
    return tools::report(node.error());
  auto id = std::to_string(*node);
  if (!yes && !confirmed(id)) {
    std::cerr << "\nnothing was changed; --yes removes without asking\n";
    return exit_code::usage;
  }
  return change(shared, {"DELETE", std::string{nodes_path} + '/' + id, {}, {}},
                id, {"removed", "removed", "removed"});
}

exit_code replace(const globals& shared, const std::string& text) {
  auto node = runtime::parse_node_id(text);
  if (!node)
    return tools::report(node.error());
  auto id = std::to_string(*node);
  return change(
    shared, {"POST", std::string{nodes_path} + '/' + id + "/replace", {}, {}},
    id,
    {"replaced", "is in its place: there is nothing to replace",
     "is in its place"});
}

void add_add(CLI::App& parent, const globals& shared, tools::action& chosen) {
  auto node = std::make_shared<std::string>();
  auto command = parent.add_subcommand(
    "add", "Let a node join that was started empty; waits until it has joined");
  command->footer(
    "Example, once node 4 was started empty, with the same --shards and the\n"
    "--peers of the others:\n  eventctl cluster add 4=127.0.0.4:7001");
  command->add_option("NODE", *node, "ID=HOST:PORT, its --cluster-listen")
    ->required();
  command->callback([&shared, &chosen, node] {
    chosen = [&shared, node] { return add(shared, *node); };
  });
}

void add_remove(CLI::App& parent, const globals& shared,
                tools::action& chosen) {
  auto id = std::make_shared<std::string>();
  auto yes = std::make_shared<bool>(false);
  auto command
    = parent.add_subcommand("remove", "Take a node out of the cluster");
  command->footer("Cancels an add of this node that has not ended. Example:\n"
                  "  eventctl cluster remove 4 --yes");
  command->add_option("ID", *id, "The node's id")->required();
  command->add_flag("--yes", *yes, "Do not ask");
  command->callback([&shared, &chosen, id, yes] {
    chosen = [&shared, id, yes] { return remove(shared, *id, *yes); };
  });
}

void add_replace(CLI::App& parent, const globals& shared,
                 tools::action& chosen) {
  auto id = std::make_shared<std::string>();
  auto command = parent.add_subcommand(
    "replace", "Let a node join again that has lost its data; waits for it");
  command->footer(
    "Example, once node 3 was started empty, with the same flags as before:\n"
    "  eventctl cluster replace 3");
  command->add_option("ID", *id, "The node's id")->required();
  command->callback([&shared, &chosen, id] {
    chosen = [&shared, id] { return replace(shared, *id); };
  });
}

} // namespace

void add_cluster(CLI::App& app, const globals& shared, tools::action& chosen) {
  auto parent = app.add_subcommand(
    "cluster", "Show the cluster's nodes and shards, or change its nodes");
  parent->footer("Examples:\n  eventctl cluster -o table\n"
                 "  eventctl cluster add 4=127.0.0.4:7001\n"
                 "  eventctl cluster remove 4 --yes");
  parent->require_subcommand(0, 1);
  add_add(*parent, shared, chosen);
  add_remove(*parent, shared, chosen);
  add_replace(*parent, shared, chosen);
  parent->callback([&shared, &chosen, parent] {
    // This runs after a verb's own callback.
    if (parent->get_subcommands().empty())
      chosen = [&shared] { return show(shared); };
  });
}

} // namespace eventd::eventctl
