// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/load.hpp"

#include <algorithm>
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "storage/model/limits.hpp"
#include "tools/bench/plan_flags.hpp"

namespace eventd::bench {

void add_load(CLI::App& app, tools::action& chosen) {
  auto flags = std::make_shared<plan_flags>();
  flags->mode = "batch";
  flags->plan.batch = 500;
  flags->plan.connections = 4;
  flags->plan.events_max = 1'000'000;
  flags->plan.retry = true;
  auto command = app.add_subcommand(
    "load", "Store a number of events; what fails is sent again");
  command->footer("Example:\n  eventd-bench load --events 1000000 --size 256 "
                  "--channel default/bench");
  add_plan_flags(*command, *flags);
  command->add_option("--events", flags->plan.events_max, "How many")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  command->callback([&chosen, flags] {
    chosen = [flags] {
      auto plan = check(*flags);
      if (!plan)
        return tools::report(plan.error());
      // Large events make smaller batches: a body has its limit.
      auto room = limits::body_bytes_default * 3 / 4
                  / std::max<size_t>(plan->maker.event_bytes, 1);
      plan->batch
        = std::clamp<size_t>(plan->batch, 1, std::max<size_t>(room, 1));
      tools::catch_interrupts();
      auto outcome = publish(*plan);
      outcome.figures.name = "load";
      describe(*plan, outcome.figures);
      auto code = conclude(outcome);
      // Errors that a later attempt mended are no failure.
      if (outcome.acked == plan->events_max)
        return tools::exit_code::ok;
      return code == tools::exit_code::ok ? tools::exit_code::partial : code;
    };
  });
}

} // namespace eventd::bench
