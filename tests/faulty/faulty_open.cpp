// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

// Makes of the sources of `eventd` the program `eventd_faulty`, whose disk
// fails as it is told: the linker sends each call of `database::open` here
// (--wrap).
//
// FAULTY: lines for the disk before it is used, with ";" between them.
// FAULTY_CONTROL: a FIFO from which more lines are read.

#include <cstdlib>
#include <sstream>
#include <string>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "storage/rocks/database.hpp"
#include "tests/faulty/fault_file_system.hpp"

namespace eventd::storage {

namespace {

using opened = result<std::unique_ptr<database>>;

[[noreturn]] void refuse(const std::string& what) {
  auto line = "faulty: can not obey '" + what + "'\n";
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0)
    std::_Exit(125);
  std::_Exit(124);
}

void obey(tests::fault_file_system& disk, const std::string& line) {
  if (!line.empty() && !disk.obey(line))
    refuse(line);
}

/// For ever: the FIFO is open for writing here too, so it never ends.
void listen(const std::shared_ptr<tests::fault_file_system>& disk, int fifo) {
  std::string line;
  for (char c = 0; ::read(fifo, &c, 1) == 1;) {
    if (c != '\n') {
      line += c;
      continue;
    }
    obey(*disk, line);
    line.clear();
  }
}

std::shared_ptr<tests::fault_file_system> make_disk(const std::string& path) {
  auto disk = std::make_shared<tests::fault_file_system>(path);
  if (const char* first = std::getenv("FAULTY")) {
    std::istringstream lines{first};
    for (std::string line; std::getline(lines, line, ';');)
      obey(*disk, line);
  }
  if (const char* path_of_fifo = std::getenv("FAULTY_CONTROL")) {
    auto fifo = ::open(path_of_fifo, O_RDWR | O_CLOEXEC);
    if (fifo < 0)
      refuse(path_of_fifo);
    std::thread{[disk, fifo] { listen(disk, fifo); }}.detach();
  }
  return disk;
}

} // namespace

/// The names that --wrap gives to the two.
opened open_truly(const database::options& x) asm(
  "__real__ZN6eventd7storage8database4openERKNS1_7optionsE");
opened open_faulty(const database::options& x) asm(
  "__wrap__ZN6eventd7storage8database4openERKNS1_7optionsE");

opened open_faulty(const database::options& x) {
  auto faulty = x;
  faulty.file_system = make_disk(x.path);
  return open_truly(faulty);
}

} // namespace eventd::storage
