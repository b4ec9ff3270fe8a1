// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/client/command_line.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/client/problem.hpp"

namespace eventd::tools {

namespace {

std::atomic<bool> stop_requested = false;
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void request_stop(int signal) {
  stop_requested = true;
  std::signal(signal, SIG_DFL);
}

} // namespace

int run_program(CLI::App& app, int argc, char** argv, const action& chosen) {
  // A reader of our stdout that goes away is an error of write, not a death.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& wrong) {
    std::cerr << app.get_name() << ": " << wrong.what() << "\nSee '"
              << app.get_name() << " --help'.\n";
    return static_cast<int>(exit_code::usage);
  }
  if (!chosen) {
    std::cerr << app.help();
    return static_cast<int>(exit_code::usage);
  }
  auto code = chosen();
  if (std::fflush(stdout) != 0 && code == exit_code::ok)
    code = report({ec::io_error, "stdout: " + std::string{strerror(errno)}});
  return static_cast<int>(code);
}

exit_code report(const failure& what) {
  std::cerr << "error: " << one_line(what) << '\n';
  return exit_code_of(what.code);
}

const std::atomic<bool>& interrupted() {
  return stop_requested;
}

void catch_interrupts() {
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
}

result<std::string> read_file(const std::string& path) {
  std::stringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return failure{errno == ENOENT ? ec::not_found : ec::io_error,
                   path + ": " + std::strerror(errno)};
  text << file.rdbuf();
  if (file.bad())
    return failure{ec::io_error, path + ": can not be read"};
  return text.str();
}

std::string server_or_default(const std::string& flag) {
  if (!flag.empty())
    return flag;
  auto from_environment = std::getenv("EVENTD_SERVER");
  return from_environment && *from_environment ? from_environment
                                               : "http://127.0.0.1:8080";
}

} // namespace eventd::tools
