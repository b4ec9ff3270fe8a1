// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <iterator>

#include "tools/tidy/rules.hpp"

namespace eventd::tidy {

namespace {

/// One line of exceptions.txt: "rule path: reason".
struct exception_row {
  std::string rule;
  std::string path;
  size_t line;
  bool used = false;
};

std::vector<exception_row> parse_exceptions(std::string_view text,
                                            findings& found) {
  std::vector<exception_row> rows;
  size_t line_number = 0;
  for (auto line : lines_of(text)) {
    ++line_number;
    if (line.empty() || line.front() == '#')
      continue;
    auto space = line.find(' ');
    auto colon = line.find(": ");
    if (space > colon || colon == std::string_view::npos
        || colon + 2 == line.size()) {
      found.push_back({"exception", "tools/tidy/exceptions.txt", line_number,
                       "not of the form \"rule path: reason\""});
      continue;
    }
    rows.push_back({std::string{line.substr(0, space)},
                    std::string{line.substr(space + 1, colon - space - 1)},
                    line_number});
  }
  return rows;
}

} // namespace

findings check_all(const tree& files, std::string_view layers,
                   std::string_view exceptions) {
  findings kept;
  auto rows = parse_exceptions(exceptions, kept);
  auto take = [&](findings found) {
    for (auto& x : found) {
      auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& y) {
        return y.rule == x.rule && y.path == x.path;
      });
      if (row == rows.end())
        kept.push_back(std::move(x));
      else
        row->used = true;
    }
  };
  take(check_layers(files, layers));
  take(check_shape(files));
  take(check_licence(files));
  take(check_listed(files));
  take(check_tests(files));
  take(check_links(files));
  take(check_examples(files));
  take(check_words(files));
  for (const auto& row : rows)
    if (!row.used)
      kept.push_back({"exception", "tools/tidy/exceptions.txt", row.line,
                      "not needed: " + row.rule + " " + row.path});
  return kept;
}

} // namespace eventd::tidy
