// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <exception>
#include <iostream>

#include "tools/tidy/rules.hpp"

/// Checks the project at the path given against its own rules; prints one line
/// per finding. Exit code: 0 none, 1 some, 2 not to be read.
int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: eventd-tidy ROOT\n";
    return 2;
  }
  try {
    namespace tidy = eventd::tidy;
    auto files = tidy::load_tree(argv[1]);
    auto found = tidy::check_all(files, files.at("tools/tidy/layers.txt"),
                                 files.at("tools/tidy/exceptions.txt"));
    for (const auto& x : found)
      std::cout << x.path << ':' << x.line << ": " << x.rule << ": " << x.what
                << '\n';
    std::cout << "tidy: " << files.size() << " files, " << found.size()
              << " findings\n";
    return found.empty() ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << "eventd-tidy: " << e.what() << '\n';
    return 2;
  }
}
