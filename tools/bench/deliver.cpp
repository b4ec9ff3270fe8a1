// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/deliver.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/bench/delivery_run.hpp"
#include "tools/bench/plan_flags.hpp"

namespace eventd::bench {

void add_deliver(CLI::App& app, tools::action& chosen) {
  auto flags = std::make_shared<plan_flags>();
  flags->plan.connections = 16;
  flags->channel = "default/bench-deliver";
  auto how = std::make_shared<delivery_options>();
  auto command = app.add_subcommand(
    "deliver", "Measure from publish to delivery, at a sink of its own");
  command->footer("Examples:\n  eventd-bench deliver --subscribers 10\n"
                  "  eventd-bench deliver --rate 1000 --duration 10");
  add_plan_flags(*command, *flags);
  add_time_flags(*command, *flags);
  command
    ->add_option("--subscribers", how->subscribers,
                 "Subscriptions of the channel")
    ->check(CLI::Range(1, 10'000))
    ->capture_default_str();
  command
    ->add_option("--slow-subscribers", how->slow_subscribers,
                 "So many of them answer late; not waited for at the end")
    ->check(CLI::NonNegativeNumber)
    ->capture_default_str();
  command
    ->add_option("--slow-ms", how->slow_ms, "How late they answer. Unit: ms")
    ->check(CLI::NonNegativeNumber)
    ->capture_default_str();
  command
    ->add_option("--ordering", how->ordering, "unordered, ordered or by-key")
    ->capture_default_str();
  command->add_option("--listen", how->listen, "Where the sink listens")
    ->capture_default_str();
  command->add_option("--max-in-flight", how->max_in_flight,
                      "Of each Subscription; 0: the server's default");
  command->add_flag("--keep", how->keep,
                    "Leave the Channel and Subscriptions there");
  command->callback([&chosen, flags, how] {
    chosen = [flags, how] {
      auto plan = check(*flags);
      if (!plan)
        return tools::report(plan.error());
      auto channel = tools::parse_channel(flags->channel);
      if (!channel)
        return tools::report(channel.error());
      if (how->slow_subscribers >= how->subscribers)
        return tools::report(
          {ec::invalid_config, "--slow-subscribers: one at least is not slow"});
      tools::catch_interrupts();
      return run_delivery(*plan, *channel, *how);
    };
  });
}

} // namespace eventd::bench
