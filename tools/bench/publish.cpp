// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/publish.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/bench/plan_flags.hpp"

namespace eventd::bench {

void add_publish(CLI::App& app, tools::action& chosen) {
  auto flags = std::make_shared<plan_flags>();
  auto command = app.add_subcommand("publish", "Measure publishing");
  command->footer("Example:\n  eventd-bench publish --connections 64 "
                  "--size 256 --pid $(pidof eventd)");
  add_plan_flags(*command, *flags);
  add_time_flags(*command, *flags);
  command
    ->add_option("--channels", flags->plan.maker.channels,
                 "So many, named like the channel with -0, -1… behind, in turn")
    ->check(CLI::Range(1, 100'000))
    ->capture_default_str();
  command->callback([&chosen, flags] {
    chosen = [flags] {
      auto plan = check(*flags);
      if (!plan)
        return tools::report(plan.error());
      tools::catch_interrupts();
      auto outcome = publish(*plan);
      outcome.figures.name = "publish";
      describe(*plan, outcome.figures);
      return conclude(outcome);
    };
  });
}

} // namespace eventd::bench
