// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/system/fake_clock.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch_test_macros.hpp>

namespace eventd::tests {

namespace {

namespace fs = std::filesystem;

/// /usr/lib/ARCHITECTURE/faketime/libfaketimeMT.so.1
std::string library() {
  for (auto& x : fs::directory_iterator{"/usr/lib"})
    if (x.is_directory()) {
      auto path = x.path() / "faketime" / "libfaketimeMT.so.1";
      if (fs::exists(path))
        return path.string();
    }
  return {};
}

} // namespace

fake_clock::fake_clock() {
  auto path = library();
  if (path.empty())
    FAIL("setting clocks needs the package faketime: run tools/setup");
  set(std::chrono::seconds{0});
  environment_
    = {"LD_PRELOAD=" + path, "FAKETIME_TIMESTAMP_FILE=" + (dir_ / "clock"),
       "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"};
}

void fake_clock::set(std::chrono::seconds ahead) {
  auto n = ahead.count();
  // Nobody reads half of it.
  auto made = dir_ / "clock.new";
  std::ofstream{made} << (n < 0 ? "-" : "+") << (n < 0 ? -n : n) << "\n";
  fs::rename(made, dir_ / "clock");
}

} // namespace eventd::tests
