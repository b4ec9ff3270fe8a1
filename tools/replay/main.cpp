// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/client/command_line.hpp"
#include "tools/replay/command.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Replays events of a channel to a URL, a channel or a file",
               "replay"};
  eventd::tools::action chosen;
  eventd::replay::add_replay(app, chosen);
  return eventd::tools::run_program(app, argc, argv, chosen);
}
