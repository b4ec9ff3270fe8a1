// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/system/small_disk.hpp"

#include <cstdlib>
#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/process.hpp"

namespace eventd::tests {

namespace {

void need_root() {
  if (::geteuid() == 0)
    return;
  const char* allowed = std::getenv("EVENTD_WITHOUT_ROOT");
  if (allowed && std::string_view{allowed} == "1")
    SKIP("NOT RUN: mounting needs root");
  FAIL("mounting needs root; EVENTD_WITHOUT_ROOT=1 leaves these tests out");
}

/// The device that is mounted on a path: "loop0".
std::string device_of(const std::filesystem::path& on) {
  std::ifstream mounts{"/proc/self/mounts"};
  std::string found;
  for (std::string device, path, rest; mounts >> device >> path;) {
    std::getline(mounts, rest);
    if (path == on)
      found = device.substr(device.rfind('/') + 1);
  }
  return found;
}

} // namespace

small_disk::small_disk(std::filesystem::path on, uint64_t bytes, kind what)
  : on_(std::move(on)) {
  need_root();
  std::filesystem::create_directories(on_);
  if (what == kind::memory) {
    auto size = "size=" + std::to_string(bytes);
    REQUIRE(::mount("tmpfs", on_.c_str(), "tmpfs", 0, size.c_str()) == 0);
    return;
  }
  image_ = on_.string() + ".image";
  std::ofstream{image_}.close();
  std::filesystem::resize_file(image_, bytes);
  make_image();
}

small_disk::~small_disk() {
  unmount();
}

void small_disk::make_image() {
  auto made = run("/usr/sbin/mkfs.ext4", {"-q", "-F", image_.string()});
  INFO(made.err);
  REQUIRE(made.code == 0);
  auto done = run("/usr/bin/mount", {"-o", "loop,errors=remount-ro",
                                     image_.string(), on_.string()});
  if (done.code != 0)
    SKIP("NOT RUN: loop mounts are refused here: " << done.err);
}

/// Also where a process is about to end that still has files on it.
void small_disk::unmount() const {
  ::umount2(on_.c_str(), MNT_DETACH);
}

uint64_t small_disk::free_bytes() const {
  return std::filesystem::space(on_).available;
}

void small_disk::fill(uint64_t rest) const {
  auto fd = ::open(ballast().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(fd >= 0);
  auto now = free_bytes();
  REQUIRE(now > rest);
  CHECK(::posix_fallocate(fd, 0, static_cast<off_t>(now - rest)) == 0);
  ::close(fd);
}

void small_disk::empty() const {
  std::filesystem::remove(ballast());
}

void small_disk::break_down() const {
  std::ofstream trigger{"/sys/fs/ext4/" + device_of(on_) + "/trigger_fs_error"};
  if (!trigger)
    SKIP("NOT RUN: this kernel breaks no ext4 on request");
  trigger << "1" << std::flush;
  REQUIRE(trigger.good());
}

void small_disk::replace() {
  REQUIRE(::umount(on_.c_str()) == 0);
  make_image();
}

} // namespace eventd::tests
