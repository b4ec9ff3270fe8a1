// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <csignal>
#include <cstdio>
#include <ctime>

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

/// Waits for one of the signals, for a moment.
bool took(const sigset_t& signals) {
  constexpr long moment_ns = 5'000'000;
  timespec moment{0, moment_ns};
  return sigtimedwait(&signals, nullptr, &moment) > 0;
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
  auto node = node::start(settings, [&] { return took(signals); });
  if (!node && node.error() == eventd::ec::shutting_down)
    return 0;
  if (!node)
    return refuse(node.error());
  if (settings.insecure)
    spdlog::warn("--insecure: anyone who reaches {} may publish, read and "
                 "change everything",
                 settings.listen);
  // In a cluster the others may not be there yet; requests wait for them.
  auto stop = false;
  while (!stop && !(*node)->is_ready())
    stop = took(signals);
  if (!stop) {
    spdlog::info("ready at {}", (*node)->url());
    std::printf("ready %s\n", (*node)->url().c_str());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&signals, &signal);
  }
  spdlog::info("draining");
  (*node)->stop();
  spdlog::info("stopped");
  return 0;
}
