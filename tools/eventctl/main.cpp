// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/client/command_line.hpp"
#include "tools/eventctl/commands.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Controls an eventd server", "eventctl"};
  eventd::eventctl::globals shared;
  eventd::tools::action chosen;
  eventd::eventctl::add_commands(app, shared, chosen);
  return eventd::tools::run_program(app, argc, argv, chosen);
}
