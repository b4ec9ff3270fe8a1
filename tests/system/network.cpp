// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/system/network.hpp"

#include <cstdlib>
#include <string_view>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/process.hpp"

namespace eventd::tests {

namespace {

void must_run(const std::string& program,
              const std::vector<std::string>& args) {
  auto x = run(program, args);
  INFO(program << ": exit code " << x.code << ", " << x.err);
  REQUIRE(x.code == 0);
}

void iptables(std::vector<std::string> args) {
  args.insert(args.begin(), {"-w", "5"});
  must_run("/usr/sbin/iptables", args);
}

void drop(const link_end& from, const link_end& to, const std::string& side,
          uint16_t port) {
  iptables({"-A", "INPUT", "-p", "tcp", "-s", from.host, "-d", to.host, side,
            std::to_string(port), "-j", "DROP"});
}

/// What goes to a link, or comes from it, on whichever host that is.
void by_chance(const link_end& link, const std::string& side, double share,
               const std::vector<std::string>& action) {
  std::vector<std::string> args{"-A",
                                "INPUT",
                                "-p",
                                "tcp",
                                side == "--dport" ? "-d" : "-s",
                                link.host,
                                side,
                                std::to_string(link.port),
                                "-m",
                                "statistic",
                                "--mode",
                                "random",
                                "--probability",
                                std::to_string(share)};
  args.insert(args.end(), action.begin(), action.end());
  iptables(args);
}

} // namespace

own_network::own_network() {
  if (::geteuid() != 0) {
    const char* allowed = std::getenv("EVENTD_WITHOUT_ROOT");
    if (allowed && std::string_view{allowed} == "1")
      SKIP("NOT RUN: cutting links needs root");
    FAIL("cutting links needs root; EVENTD_WITHOUT_ROOT=1 leaves these tests "
         "out");
  }
  before_ = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  REQUIRE(before_ >= 0);
  REQUIRE(::unshare(CLONE_NEWNET) == 0);
  must_run("/usr/sbin/ip", {"link", "set", "lo", "up"});
}

own_network::~own_network() {
  ::setns(before_, CLONE_NEWNET);
  ::close(before_);
}

void own_network::cut_one_way(const link_end& from, const link_end& to) {
  drop(from, to, "--dport", to.port);   // What `from` says on its link.
  drop(from, to, "--sport", from.port); // What it answers on the other's.
}

void own_network::cut(const link_end& a, const link_end& b) {
  cut_one_way(a, b);
  cut_one_way(b, a);
}

void own_network::lose(const std::vector<link_end>& links, double share) {
  for (auto& x : links)
    for (auto* side : {"--dport", "--sport"})
      by_chance(x, side, share, {"-j", "DROP"});
}

void own_network::reset(const std::vector<link_end>& links, double share) {
  for (auto& x : links)
    for (auto* side : {"--dport", "--sport"})
      by_chance(x, side, share, {"-j", "REJECT", "--reject-with", "tcp-reset"});
}

void own_network::heal() {
  iptables({"-F", "INPUT"});
}

} // namespace eventd::tests
