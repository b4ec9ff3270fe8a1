// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/commands.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/eventctl/apply.hpp"
#include "tools/eventctl/cluster.hpp"
#include "tools/eventctl/describe.hpp"
#include "tools/eventctl/get.hpp"
#include "tools/eventctl/publish.hpp"
#include "tools/eventctl/read.hpp"
#include "tools/eventctl/remove.hpp"
#include "tools/eventctl/subscription.hpp"

namespace eventd::eventctl {

namespace {

constexpr auto footer = R"(Examples:
  eventctl apply -f channel.yaml
  eventctl get channels -A
  eventctl publish default/orders --data '{"n":1}'
  eventctl read default/orders --follow

Exit codes: 0 done, 1 error, 2 usage, 3 not found, 4 refused, 5 unreachable,
6 some of it failed.)";

} // namespace

void add_commands(CLI::App& app, globals& shared, tools::action& chosen) {
  app.footer(footer);
  // Subcommands hand flags they do not know up to here: they may stand
  // anywhere on the line.
  app.fallthrough();
  app.require_subcommand(1);
  app.add_option("--server", shared.server,
                 "URL of eventd; else EVENTD_SERVER, else "
                 "http://127.0.0.1:8080");
  app.add_option("-n,--namespace", shared.ns, "Namespace")
    ->capture_default_str();
  app
    .add_option("-o,--output", shared.output,
                "table (default on a terminal), json (else) or yaml")
    ->check(CLI::IsMember({"table", "json", "yaml"}));
  app.add_flag("--no-color", shared.no_color, "As does NO_COLOR");
  add_apply(app, shared, chosen);
  add_get(app, shared, chosen);
  add_describe(app, shared, chosen);
  add_remove(app, shared, chosen);
  add_publish(app, shared, chosen);
  add_read(app, shared, chosen);
  add_subscription(app, shared, chosen);
  add_cluster(app, shared, chosen);
  for (auto command : app.get_subcommands({})) {
    command->fallthrough();
    for (auto verb : command->get_subcommands({}))
      verb->fallthrough();
  }
}

} // namespace eventd::eventctl
