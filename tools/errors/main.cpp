// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>

#include "runtime/gateway/status.hpp"
#include "storage/model/error.hpp"

namespace {

std::string read_all(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// What stands after `///<` at an enumerator of error.hpp.
std::string meaning_of(std::string_view header, std::string_view name) {
  auto at = header.find("\n  " + std::string{name} + ",");
  if (at == std::string_view::npos)
    return {};
  auto line = header.substr(at + 1);
  line = line.substr(0, line.find('\n'));
  constexpr std::string_view mark = "///< ";
  auto begin = line.find(mark);
  return begin == std::string_view::npos
           ? std::string{}
           : std::string{line.substr(begin + mark.size())};
}

std::string errors_page(std::string_view header) {
  std::ostringstream out;
  out << "# Errors\n\n"
         "Every error has one name, from the disk to the exit code: it is the"
         " last part of\n`type` in problem+json, and the word in brackets that"
         " the tools print. *Repeat* says\nthat the same call may succeed"
         " later.\n\n"
         "| name | HTTP | repeat | meaning |\n|---|---|---|---|\n";
  for (const auto& row : eventd::error_table)
    if (row.code != eventd::ec::none)
      out << "| `" << row.name << "` | "
          << eventd::runtime::http_status(row.code) << " | "
          << (row.retryable ? "yes" : "no") << " | "
          << meaning_of(header, row.name) << " |\n";
  out << "\nThis page is written by `eventd-errors ROOT >docs/errors.md` from"
         "\n[error.hpp](../storage/model/error.hpp) and"
         "\n[status.hpp](../runtime/gateway/status.hpp); the test `errors`"
         " fails when it is old.\n";
  return out.str();
}

} // namespace

/// Prints docs/errors.md for the project at ROOT; with `--check`, says whether
/// the page there is the same.
int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: eventd-errors ROOT [--check]\n";
    return 2;
  }
  std::string root{argv[1]};
  auto page = errors_page(read_all(root + "/storage/model/error.hpp"));
  if (argc == 2) {
    std::cout << page;
    return 0;
  }
  if (page == read_all(root + "/docs/errors.md"))
    return 0;
  std::cerr << "docs/errors.md is not what eventd-errors writes\n";
  return 1;
}
