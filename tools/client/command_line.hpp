// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "storage/model/error.hpp"
#include "tools/client/exit_code.hpp"

namespace CLI {
class App;
}

namespace eventd::tools {

/// What the parsed command line asks for. Empty where it asked for nothing.
using action = std::function<exit_code()>;

/// Parses the command line and carries out `chosen`, which a subcommand's
/// callback sets. `--help` prints and ends with 0; what can not be understood
/// is one line on stderr and exit code 2.
/// Threads: main. Blocking: as long as the command runs.
int run_program(CLI::App& app, int argc, char** argv, const action& chosen);

/// Prints the failure as one line on stderr.
/// @returns the exit code that tells of it
exit_code report(const failure& what);

/// Set by SIGINT and SIGTERM once `catch_interrupts` was called. A second
/// signal ends the process at once.
const std::atomic<bool>& interrupted();
void catch_interrupts();

/// The whole of a file, or of stdin for "-".
/// @errors `ec::not_found`, `ec::io_error`, with the path.
result<std::string> read_file(const std::string& path);

/// `--server` where given, else EVENTD_SERVER, else http://127.0.0.1:8080.
std::string server_or_default(const std::string& flag);

} // namespace eventd::tools
