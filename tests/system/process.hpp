// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

/// Real processes and what a test needs around them. Threads: the test's own.
namespace eventd::tests {

/// What a busy machine may take for something that should take no time.
inline constexpr std::chrono::milliseconds patience{30'000};

/// Whether this build, and so eventd's too, runs under a sanitizer, whose own
/// memory hides the program's.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

/// Looks at `condition` until it holds.
/// @returns false where it did not hold within `limit`
bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds limit = patience);

/// Path of one of our programs: in EVENTD_BIN_DIR of the environment, else in
/// the folder that the build was told.
std::string program_path(const std::string& name);

/// A TCP port of 127.0.0.N that nothing listens on, below the ports that the
/// system gives to clients, so that it stays free while its owner is away.
uint16_t free_port(uint32_t address_number = 1);

/// A program that runs, with all it printed. Dies with its owner, and with the
/// test where that is killed.
class process {
public:
  /// Starts `program` of our own, or of the system where it has a slash.
  /// @param environment "NAME=value", on top of the test's own
  process(const std::string& program, const std::vector<std::string>& args,
          const std::string& input = {},
          const std::vector<std::string>& environment = {});
  process(process&&) noexcept;
  process& operator=(process&&) noexcept;
  ~process();

  void signal(int number);

  /// SIGKILL, and waits for the end.
  void kill();

  /// Exit code; 128 and the signal where one ended it; none past `limit`.
  std::optional<int> wait(std::chrono::milliseconds limit = patience);

  std::string out() const;
  std::string err() const;

  /// Waits for a whole line on stdout that begins with `begin`.
  /// @returns the rest of the line; none when the process ended without, or
  ///   past `limit`
  std::optional<std::string> wait_for_line(const std::string& begin,
                                           std::chrono::milliseconds limit
                                           = patience);

  /// Unit: bytes. Resident memory now, and the most there ever was.
  uint64_t resident_bytes() const;
  uint64_t resident_bytes_max() const;

  /// How many file descriptors it has open.
  size_t files_open() const;
  /// Connections that were accepted at a port, over IPv4.
  size_t connections_at(uint16_t port) const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// How many lines of what a program said have all of these in them.
size_t lines_with(const std::string& text,
                  const std::vector<std::string>& parts);

/// A program that ran.
struct finished {
  int code = -1; ///< -1: it did not end in time.
  std::string out;
  std::string err;
};

finished run(const std::string& program, const std::vector<std::string>& args,
             const std::string& input = {},
             const std::vector<std::string>& environment = {},
             std::chrono::milliseconds limit = patience);

} // namespace eventd::tests
