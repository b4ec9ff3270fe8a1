// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "tools/tidy/rules.hpp"

namespace eventd::tidy {

namespace {

/// Folder to the words it may include.
using layer_map = std::map<std::string, std::vector<std::string>, std::less<>>;

layer_map parse_layers(std::string_view text) {
  layer_map layers;
  for (auto line : lines_of(text)) {
    line = line.substr(0, line.find('#'));
    auto colon = line.find(':');
    if (colon == std::string_view::npos)
      continue;
    std::istringstream words{std::string{line.substr(colon + 1)}};
    auto& allowed = layers[std::string{line.substr(0, colon)}];
    for (std::string word; words >> word;)
      allowed.push_back(word);
  }
  return layers;
}

/// "caf" covers <caf/actor.hpp>, "simdjson" covers <simdjson.h>, and
/// "boost/system" covers <boost/system/result.hpp> but not <boost/asio.hpp>.
bool covers(std::string_view word, std::string_view path) {
  if (!path.starts_with(word))
    return false;
  auto rest = path.substr(word.size());
  return rest.empty() || rest.front() == '/' || rest.front() == '.';
}

struct include {
  std::string_view path;
  bool ours = false; ///< Written with quotes.
};

std::optional<include> parse_include(std::string_view line) {
  constexpr std::string_view directive = "#include ";
  if (!line.starts_with(directive))
    return {};
  line.remove_prefix(directive.size());
  if (line.empty() || (line.front() != '<' && line.front() != '"'))
    return {};
  auto ours = line.front() == '"';
  auto end = line.find(ours ? '"' : '>', 1);
  if (end == std::string_view::npos)
    return {};
  return include{line.substr(1, end - 1), ours};
}

/// <vector> and <cstdint>: no folder and no ending. C has its own.
bool is_standard(std::string_view path, bool in_c) {
  constexpr std::string_view c_headers = " assert.h errno.h inttypes.h limits.h"
                                         " stdarg.h stdbool.h stddef.h stdint.h"
                                         " stdio.h stdlib.h string.h ";
  if (in_c)
    return c_headers.find(" " + std::string{path} + " ")
           != std::string_view::npos;
  return path.find_first_of("/.") == std::string_view::npos;
}

/// <unistd.h>, <sys/socket.h>: what the operating system brings.
bool is_posix(std::string_view path) {
  constexpr std::string_view names
    = " dirent.h dlfcn.h fcntl.h ifaddrs.h netdb.h poll.h pthread.h sched.h"
      " signal.h spawn.h termios.h unistd.h ";
  return path.starts_with("sys/") || path.starts_with("net/")
         || path.starts_with("netinet/") || path.starts_with("arpa/")
         || path.starts_with("linux/")
         || names.find(" " + std::string{path} + " ") != std::string_view::npos;
}

/// Whether the folder, or one that it lies in, may include the path.
bool allowed(const layer_map& layers, std::string_view folder,
             std::string_view path, bool ours) {
  for (const auto& [layer, words] : layers) {
    if (!covers(layer, folder))
      continue;
    if (ours && covers(layer, path))
      return true;
    for (const auto& word : words)
      if (word == "posix" ? is_posix(path) : covers(word, path))
        return true;
  }
  return false;
}

std::string offence(const tree& files, const layer_map& layers,
                    std::string_view source, const include& x) {
  std::string name{x.path};
  if (x.ours && !files.contains(name))
    return "\"" + name + "\" is not a path from the root";
  auto in_c = source.ends_with(".c") || source.ends_with(".h");
  if (!x.ours && is_standard(x.path, in_c))
    return {};
  auto folder = folder_of(source);
  if (allowed(layers, folder, x.path, x.ours))
    return {};
  return std::string{folder} + " may not include " + name + " (layers.txt)";
}

} // namespace

findings check_layers(const tree& files, std::string_view layers) {
  findings found;
  auto rules = parse_layers(layers);
  for (const auto& [path, text] : files) {
    if (!is_source(path))
      continue;
    size_t line_number = 0;
    for (auto line : lines_of(text)) {
      ++line_number;
      auto x = parse_include(line);
      if (!x)
        continue;
      if (auto what = offence(files, rules, path, *x); !what.empty())
        found.push_back({"layer", path, line_number, what});
    }
  }
  return found;
}

} // namespace eventd::tidy
