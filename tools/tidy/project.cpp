// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

#include "tools/tidy/rules.hpp"

namespace eventd::tidy {

namespace {

constexpr auto npos = std::string_view::npos;

constexpr std::array<std::string_view, 5> code_folders{
  "storage/", "actors/", "runtime/", "tools/", "tests/"};

bool is_ours(std::string_view path) {
  return is_source(path)
         && std::any_of(code_folders.begin(), code_folders.end(),
                        [&](auto folder) { return path.starts_with(folder); });
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != npos;
}

/// Whether `name` stands in a CMake text as a word of its own.
bool lists(std::string_view cmake, std::string_view name) {
  constexpr std::string_view around = " \t\n()\";";
  auto separates = [&](size_t i) {
    return i >= cmake.size() || around.find(cmake[i]) != npos;
  };
  for (auto i = cmake.find(name); i != npos; i = cmake.find(name, i + 1))
    if ((i == 0 || separates(i - 1)) && separates(i + name.size()))
      return true;
  return false;
}

/// The nearest CMakeLists.txt at or above `path`, or null; `relative` becomes
/// the path as it would stand there.
const std::string* nearest_cmake(const tree& files, std::string_view path,
                                 std::string& relative) {
  for (auto folder = folder_of(path);; folder = folder_of(folder)) {
    auto prefix = folder.empty() ? std::string{} : std::string{folder} + "/";
    if (auto i = files.find(prefix + "CMakeLists.txt"); i != files.end()) {
      relative = path.substr(prefix.size());
      return &i->second;
    }
    if (folder.empty())
      return nullptr;
  }
}

/// A Markdown line without `code`.
std::string without_code(std::string_view line) {
  std::string text;
  auto in_code = false;
  for (auto c : line) {
    if (c == '`')
      in_code = !in_code;
    else if (!in_code)
      text += c;
  }
  return text;
}

/// The targets of all links in one line: [text](target).
std::vector<std::string> links_of(std::string_view line) {
  std::vector<std::string> links;
  auto text = without_code(line);
  for (auto i = text.find("]("); i != std::string::npos;
       i = text.find("](", i + 1))
    if (auto end = text.find(')', i); end != std::string::npos)
      links.push_back(text.substr(i + 2, end - i - 2));
  return links;
}

bool resolves(const tree& files, std::string_view path, std::string link) {
  link = link.substr(0, link.find('#'));
  if (link.empty() || link.find("://") != std::string::npos
      || link.starts_with("mailto:"))
    return true;
  auto target = std::filesystem::path{folder_of(path)} / link;
  return has_path(files, target.lexically_normal().generic_string());
}

void check_markdown(const tree& files, const std::string& path,
                    std::string_view text, findings& found) {
  auto fenced = false;
  size_t line_number = 0;
  for (auto line : lines_of(text)) {
    ++line_number;
    if (line.starts_with("```"))
      fenced = !fenced;
    if (fenced)
      continue;
    for (const auto& link : links_of(line))
      if (!resolves(files, path, link))
        found.push_back(
          {"link", path, line_number, "(" + link + ") leads nowhere"});
  }
}

/// The file that a line names as the source of the example below it, or empty.
std::string example_path(std::string_view line) {
  constexpr std::string_view open = "<!-- example: ";
  constexpr std::string_view close = " -->";
  if (!line.starts_with(open) || !line.ends_with(close))
    return {};
  line.remove_prefix(open.size());
  line.remove_suffix(close.size());
  return std::string{line};
}

/// The lines of the fenced block that begins at `line`, each with its end.
std::string block_at(const std::vector<std::string_view>& lines, size_t line) {
  std::string block;
  for (++line; line < lines.size() && !lines[line].starts_with("```"); ++line)
    block.append(lines[line]).append("\n");
  return block;
}

/// "TODO" without "#12" after it. Written in two parts, for this file's sake.
bool is_open_task(std::string_view line) {
  for (std::string_view mark : {"TO"
                                "DO",
                                "FIX"
                                "ME"}) {
    auto i = line.find(mark);
    if (i == npos)
      continue;
    auto number = line.find('#', i);
    if (number == npos || number + 1 == line.size()
        || !std::isdigit(static_cast<unsigned char>(line[number + 1])))
      return true;
  }
  return false;
}

/// A path below somebody's home: it works on one machine only.
bool names_a_home(std::string_view line) {
  for (std::string_view home : {"/ho"
                                "me/",
                                "/Us"
                                "ers/",
                                "/ro"
                                "ot/"}) {
    auto i = line.find(home);
    if (i != npos
        && (i == 0 || !std::isalnum(static_cast<unsigned char>(line[i - 1]))))
      return true;
  }
  return false;
}

} // namespace

findings check_licence(const tree& files) {
  findings found;
  for (const auto& [path, text] : files) {
    if (!is_source(path))
      continue;
    auto lines = lines_of(text);
    if (lines.size() < 2 || !has(lines[0], "Copyright 20")
        || !has(lines[1], "SPDX-License-Identifier: Apache-2.0"))
      found.push_back({"licence", path, 1, "the two SPDX lines are missing"});
  }
  return found;
}

findings check_listed(const tree& files) {
  findings found;
  for (const auto& [path, text] : files) {
    if (!is_ours(path))
      continue;
    std::string relative;
    auto* cmake = nearest_cmake(files, path, relative);
    if (!cmake || !lists(*cmake, relative))
      found.push_back(
        {"listed", path, 0, "not in the CMakeLists.txt above it"});
  }
  return found;
}

findings check_tests(const tree& files) {
  findings found;
  for (const auto& [path, text] : files) {
    auto is_product = path.starts_with("storage/")
                      || path.starts_with("actors/")
                      || path.starts_with("runtime/");
    if (!is_product || !path.ends_with(".hpp"))
      continue;
    auto noun = path.substr(0, path.size() - std::string_view{".hpp"}.size());
    auto test = "tests/" + noun + "_test.cpp";
    if (files.contains(noun + ".cpp") && !files.contains(test))
      found.push_back({"test", path, 0, "no " + test});
  }
  return found;
}

findings check_links(const tree& files) {
  findings found;
  for (const auto& [path, text] : files)
    if (path.ends_with(".md"))
      check_markdown(files, path, text, found);
  return found;
}

findings check_examples(const tree& files) {
  findings found;
  for (const auto& [path, text] : files) {
    if (!path.ends_with(".md"))
      continue;
    auto lines = lines_of(text);
    for (size_t i = 0; i < lines.size(); ++i) {
      auto source = example_path(lines[i]);
      if (source.empty())
        continue;
      auto file = files.find(source);
      auto block = block_at(lines, i + 1);
      if (file == files.end() || block.empty()
          || file->second.find(block) == std::string::npos)
        found.push_back(
          {"example", path, i + 1, "is not what " + source + " says"});
    }
  }
  return found;
}

findings check_words(const tree& files) {
  findings found;
  for (const auto& [path, text] : files) {
    if (path == "LICENSE")
      continue;
    size_t line_number = 0;
    for (auto line : lines_of(text)) {
      ++line_number;
      if (is_open_task(line))
        found.push_back({"todo", path, line_number, "no issue number"});
      if (names_a_home(line))
        found.push_back({"home", path, line_number, "a home folder's path"});
    }
  }
  return found;
}

} // namespace eventd::tidy
