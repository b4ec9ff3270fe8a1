// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// Nodes whose disks obey the test.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/cluster.hpp"

namespace eventd::tests {

std::vector<std::string> cluster::environment(size_t n,
                                              const std::string& faults) const {
  auto out = at(n).how.environment;
  if (program_ == "eventd")
    return out;
  if (!std::filesystem::exists(fifo(n)))
    REQUIRE(::mkfifo(fifo(n).c_str(), 0600) == 0);
  out.push_back("FAULTY=" + faults);
  out.push_back("FAULTY_CONTROL=" + fifo(n).string());
  return out;
}

std::filesystem::path cluster::fifo(size_t n) const {
  return file("control" + std::to_string(n));
}

void cluster::fault(size_t n, const std::string& line) const {
  // Fails at once where nobody reads.
  auto fd = ::open(fifo(n).c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  INFO("node " << n << ": " << line << "\n" << last_words());
  REQUIRE(fd >= 0);
  auto text = line + "\n";
  auto written = ::write(fd, text.data(), text.size());
  ::close(fd);
  REQUIRE(written == static_cast<ssize_t>(text.size()));
}

void cluster::forget_unsynced(size_t n) {
  auto image = data_dir(n);
  image += ".cut";
  REQUIRE(std::filesystem::exists(image));
  wipe(n);
  std::filesystem::rename(image, data_dir(n));
}

std::optional<int> cluster::wait_end(size_t n,
                                     std::chrono::milliseconds limit) {
  return at(n).running->wait(limit);
}

} // namespace eventd::tests
