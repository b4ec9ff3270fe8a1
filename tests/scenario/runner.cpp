// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/scenario/runner.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "tests/scenario/story.hpp"

namespace eventd::tests {

namespace {

constexpr std::string_view rule = "----";

using lines = std::vector<std::string>;

lines lines_of(std::string_view text) {
  lines out;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// Lengths of the longest common subsequences of what follows two places.
class common_lines {
public:
  common_lines(const lines& xs, const lines& ys)
    : width_(ys.size() + 1), lengths_((xs.size() + 1) * width_) {
    for (auto i = xs.size(); i-- > 0;)
      for (auto j = ys.size(); j-- > 0;)
        at(i, j) = xs[i] == ys[j] ? at(i + 1, j + 1) + 1
                                  : std::max(at(i + 1, j), at(i, j + 1));
  }
  size_t& at(size_t i, size_t j) { return lengths_[i * width_ + j]; }

private:
  size_t width_;
  std::vector<size_t> lengths_;
};

} // namespace

std::string play_scenario(std::string_view text) {
  story told;
  std::string out;
  std::string said;
  auto skips = false;
  for (const auto& line : lines_of(text)) {
    if (line.empty())
      skips = false;
    if (skips)
      continue; // What was expected.
    out += line + "\n";
    if (line == rule) {
      out += said;
      said.clear();
      skips = true;
    } else if (!line.empty() && line[0] != '#') {
      said += told.run(line);
    }
  }
  // Commands with no place for what they say.
  if (!said.empty())
    out += std::string{rule} + "\n" + said;
  return out;
}

std::string difference(std::string_view expected, std::string_view actual) {
  constexpr size_t around = 2;
  auto xs = lines_of(expected);
  auto ys = lines_of(actual);
  common_lines common{xs, ys};
  lines all;
  for (size_t i = 0, j = 0; i < xs.size() || j < ys.size();) {
    if (i < xs.size() && j < ys.size() && xs[i] == ys[j]) {
      all.push_back(" " + xs[i]);
      ++i;
      ++j;
    } else if (j == ys.size()
               || (i < xs.size() && common.at(i + 1, j) >= common.at(i, j + 1)))
      all.push_back("-" + xs[i++]);
    else
      all.push_back("+" + ys[j++]);
  }
  std::string out;
  for (size_t i = 0; i < all.size(); ++i) {
    auto first = i - std::min(i, around);
    auto end = std::min(i + around + 1, all.size());
    if (std::any_of(all.begin() + static_cast<ptrdiff_t>(first),
                    all.begin() + static_cast<ptrdiff_t>(end),
                    [](const auto& x) { return x[0] != ' '; }))
      out += all[i] + "\n";
  }
  return out;
}

} // namespace eventd::tests
