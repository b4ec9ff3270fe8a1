// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/subscription.hpp"

#include <iostream>
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace eventd::eventctl {

namespace {

using tools::exit_code;

exit_code act(const globals& shared, const std::string& name,
              const std::string& verb, const std::string& query,
              const std::string& done) {
  auto server = client_of(shared);
  if (!server)
    return tools::report(server.error());
  auto path = "/v1/namespaces/" + tools::percent_encoded(shared.ns)
              + "/subscriptions/" + tools::percent_encoded(name) + "/" + verb
              + query;
  auto answer = server->call({"POST", path, {}, {}});
  if (!answer)
    return tools::report(answer.error());
  std::cout << "subscription.messaging.knative.dev/" << name << ' ' << done
            << std::endl;
  return exit_code::ok;
}

void add_verb(CLI::App& parent, const globals& shared, tools::action& chosen,
              const std::string& verb, const std::string& done,
              const char* description) {
  auto name = std::make_shared<std::string>();
  auto command = parent.add_subcommand(verb, description);
  command->add_option("NAME", *name, "The Subscription")->required();
  command->callback([&shared, &chosen, name, verb, done] {
    chosen = [&shared, name, verb, done] {
      return act(shared, *name, verb, "", done);
    };
  });
}

} // namespace

void add_subscription(CLI::App& app, const globals& shared,
                      tools::action& chosen) {
  auto parent = app.add_subcommand("subscription",
                                   "Pause, resume or seek a Subscription");
  parent->alias("sub");
  parent->require_subcommand(1);
  parent->footer("Examples:\n  eventctl subscription pause billing -n shop\n"
                 "  eventctl subscription seek billing --to 1200");
  add_verb(*parent, shared, chosen, "pause", "paused", "Deliver nothing more");
  add_verb(*parent, shared, chosen, "resume", "resumed", "Deliver again");
  auto name = std::make_shared<std::string>();
  auto to = std::make_shared<std::string>();
  auto seek = parent->add_subcommand("seek", "Go on from another event");
  seek->add_option("NAME", *name, "The Subscription")->required();
  seek->add_option("--to", *to, "OFFSET, earliest, latest or RFC 3339 time")
    ->required();
  seek->callback([&shared, &chosen, name, to] {
    chosen = [&shared, name, to] {
      return act(shared, *name, "seek", "?to=" + tools::percent_encoded(*to),
                 "goes on from " + *to);
    };
  });
}

} // namespace eventd::eventctl
