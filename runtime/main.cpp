// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <csignal>
#include <cstdio>

#include <spdlog/spdlog.h>

#include "runtime/config/config.hpp"
#include "runtime/node/node.hpp"
#include "runtime/observe/log.hpp"

namespace {

/// What could be mended before anything was touched, and what could not.
constexpr int exit_refused = 2;

int refuse(const eventd::failure& why) {
  std::fprintf(stderr, "eventd: %s\n", why.detail.c_str());
  return exit_refused;
}

} // namespace

int main(int argc, char** argv) {
  using namespace eventd::runtime;
  auto asked = parse_command_line(argc, argv);
  if (!asked)
    return refuse(asked.error());
  if (asked->print) {
    std::fputs(asked->print->c_str(), stdout);
    return 0;
  }
  const auto& settings = asked->settings;
  auto format
    = settings.log_format == "json" ? log_format::json : log_format::logfmt;
  if (auto done = set_up_log({settings.log_level, format}); !done)
    return refuse(done.error());
  // Before the first thread: all inherit it, and only we wait for signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  auto node = node::start(settings);
  if (!node)
    return refuse(node.error());
  spdlog::info("ready at {}", (*node)->url());
  if (settings.insecure)
    spdlog::warn("--insecure: anyone who reaches {} may publish, read and "
                 "change everything",
                 settings.listen);
  std::printf("ready %s\n", (*node)->url().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("{}: draining", signal == SIGTERM ? "SIGTERM" : "SIGINT");
  (*node)->stop();
  spdlog::info("stopped");
  return 0;
}
