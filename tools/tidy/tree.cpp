// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/tidy/tree.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>

namespace eventd::tidy {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> foreign_folders{
  ".git", "build", "node_modules", "eventd-data", ".cache"};

/// Larger files are data.
constexpr uintmax_t text_bytes_max = 1 << 20;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

/// Turns [first, end) into blanks, but keeps the lines.
void blank(std::string& text, size_t first, size_t end) {
  for (auto i = first; i < std::min(end, text.size()); ++i)
    if (text[i] != '\n')
      text[i] = ' ';
}

/// Where the literal that opens at `i` ends.
size_t literal_end(std::string_view text, size_t i) {
  auto quote = text[i];
  for (++i; i < text.size() && text[i] != quote && text[i] != '\n'; ++i)
    if (text[i] == '\\')
      ++i;
  return i + 1;
}

/// Where the raw string whose quote stands at `i` ends.
size_t raw_string_end(std::string_view text, size_t i) {
  auto open = text.find('(', i);
  if (open == std::string_view::npos)
    return text.size();
  auto mark = ")" + std::string{text.substr(i + 1, open - i - 1)} + "\"";
  auto close = text.find(mark, open);
  return close == std::string_view::npos ? text.size() : close + mark.size();
}

/// Where a preprocessor directive ends that begins at `i`.
size_t directive_end(std::string_view text, size_t i) {
  for (;;) {
    i = text.find('\n', i);
    if (i == std::string_view::npos)
      return text.size();
    if (text[i - 1] != '\\')
      return i;
    ++i;
  }
}

/// Where what is not code ends, if it begins at `i`; else `i`.
size_t other_end(std::string_view text, size_t i, bool line_begins) {
  auto rest = text.substr(i);
  auto after_word = i > 0 && is_word(text[i - 1]);
  if (rest.starts_with("//"))
    return std::min(text.find('\n', i), text.size());
  if (rest.starts_with("/*"))
    return std::min(text.find("*/", i + 2), text.size() - 2) + 2;
  if (rest.starts_with("R\"") && !after_word)
    return raw_string_end(text, i + 1);
  if (rest.front() == '"' || (rest.front() == '\'' && !after_word))
    return literal_end(text, i);
  if (rest.front() == '#' && line_begins)
    return directive_end(text, i);
  return i;
}

} // namespace

tree load_tree(const fs::path& root) {
  tree files;
  for (fs::recursive_directory_iterator i{root}, end; i != end; ++i) {
    auto name = i->path().filename().string();
    if (i->is_directory()) {
      if (std::find(foreign_folders.begin(), foreign_folders.end(), name)
          != foreign_folders.end())
        i.disable_recursion_pending();
      continue;
    }
    if (!i->is_regular_file() || i->file_size() > text_bytes_max)
      continue;
    std::ifstream in{i->path(), std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (text.find('\0') == std::string::npos)
      files.emplace(i->path().lexically_relative(root).generic_string(),
                    std::move(text));
  }
  return files;
}

bool is_source(std::string_view path) {
  return path.ends_with(".hpp") || path.ends_with(".cpp")
         || path.ends_with(".h") || path.ends_with(".c");
}

bool has_path(const tree& files, std::string_view path) {
  std::string wanted{path};
  if (files.contains(wanted))
    return true;
  if (!wanted.ends_with('/'))
    wanted += '/';
  auto i = files.lower_bound(wanted);
  return wanted == "/" || wanted == "./"
         || (i != files.end() && i->first.starts_with(wanted));
}

std::string_view folder_of(std::string_view path) {
  auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{}
                                         : path.substr(0, slash);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string code_of(std::string_view text) {
  std::string code{text};
  auto line_begins = true;
  for (size_t i = 0; i < text.size();) {
    auto end = other_end(text, i, line_begins);
    if (end > i) {
      blank(code, i, end);
      i = end;
      line_begins = false;
      continue;
    }
    if (text[i] == '\n')
      line_begins = true;
    else if (!std::isspace(static_cast<unsigned char>(text[i])))
      line_begins = false;
    ++i;
  }
  return code;
}

} // namespace eventd::tidy
