// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

/// Scenario files: stories of a cluster as text. A file is blocks with empty
/// lines between them; a block is comments (`#`) and commands, then `----`, and
/// below it what the commands have to say. tests/README.md has the commands.
namespace eventd::tests {

/// Plays a file on a simulated cluster of its own, and gives the same file with
/// what was really said below each `----`.
std::string play_scenario(std::string_view text);

/// The lines that differ, with `-` what `expected` has and with `+` what
/// `actual` has, among up to two that do not. Empty: they are the same.
std::string difference(std::string_view expected, std::string_view actual);

} // namespace eventd::tests
