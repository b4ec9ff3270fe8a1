// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/bench/deliver.hpp"
#include "tools/bench/load.hpp"
#include "tools/bench/nothing.hpp"
#include "tools/bench/peer.hpp"
#include "tools/bench/publish.hpp"
#include "tools/bench/replay.hpp"
#include "tools/bench/sink.hpp"
#include "tools/bench/verify.hpp"

int main(int argc, char** argv) {
  namespace bench = eventd::bench;
  CLI::App app{"Loads and measures an eventd server; one JSON line a figure",
               "eventd-bench"};
  app.require_subcommand(1);
  eventd::tools::action chosen;
  bench::add_publish(app, chosen);
  bench::add_deliver(app, chosen);
  bench::add_replay(app, chosen);
  bench::add_load(app, chosen);
  bench::add_sink(app, chosen);
  bench::add_nothing(app, chosen);
  bench::add_verify(app, chosen);
  bench::add_peer(app, chosen);
  return eventd::tools::run_program(app, argc, argv, chosen);
}
