// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cctype>

#include "tools/tidy/rules.hpp"

namespace eventd::tidy {

namespace {

bool has_word(std::string_view text, std::string_view word) {
  auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  for (auto i = text.find(word); i != std::string_view::npos;
       i = text.find(word, i + 1)) {
    auto end = i + word.size();
    if ((i == 0 || !is_word(text[i - 1]))
        && (end == text.size() || !is_word(text[end])))
      return true;
  }
  return false;
}

enum class brace { scope, function, other };

/// What a brace opens, by the text between it and what ended before. A macro
/// call without a semicolon may stand there too: `X(a) namespace y {`.
brace kind_of(std::string_view head, bool in_function) {
  if (in_function)
    return brace::other;
  auto call = head.rfind(')');
  auto tail = call == std::string_view::npos ? head : head.substr(call);
  for (auto word : {"namespace", "class", "struct", "union", "enum"})
    if (has_word(tail, word))
      return brace::scope;
  return call == std::string_view::npos ? brace::other : brace::function;
}

/// Finds functions in code without comments and literals. It needs no grammar:
/// a brace that follows a `)` outside of a function opens one.
class function_finder {
public:
  explicit function_finder(std::string_view code) : code_(code) {}

  /// Calls `report(line, lines)` for each function.
  template <class Report>
  void run(Report report) {
    for (size_t i = 0; i < code_.size(); ++i) {
      auto c = code_[i];
      if (c == '\n')
        ++line_;
      else if (head_line_ == 0 && !std::isspace(static_cast<unsigned char>(c)))
        head_line_ = line_;
      if (c == '{')
        open(i);
      else if (c == '}')
        close(report);
      if (c == ';' || c == '{' || c == '}') {
        head_begin_ = i + 1;
        head_line_ = 0;
      }
    }
  }

private:
  struct opened {
    brace kind;
    size_t line;
  };

  void open(size_t at) {
    auto head = code_.substr(head_begin_, at - head_begin_);
    auto kind = kind_of(head, functions_ > 0);
    functions_ += kind == brace::function;
    stack_.push_back({kind, head_line_});
  }

  template <class Report>
  void close(Report report) {
    if (stack_.empty())
      return;
    auto top = stack_.back();
    stack_.pop_back();
    if (top.kind != brace::function)
      return;
    --functions_;
    report(top.line, line_ - top.line + 1);
  }

  std::string_view code_;
  std::vector<opened> stack_;
  size_t functions_ = 0;
  size_t line_ = 1;
  size_t head_begin_ = 0;
  size_t head_line_ = 0;
};

size_t columns(std::string_view line) {
  return static_cast<size_t>(
    std::count_if(line.begin(), line.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

void check_file(const std::string& path, std::string_view text,
                findings& found) {
  auto lines = lines_of(text);
  if (lines.size() > file_lines_max)
    found.push_back(
      {"length", path, 0, std::to_string(lines.size()) + " lines"});
  for (size_t i = 0; i < lines.size(); ++i)
    if (auto n = columns(lines[i]); n > line_columns_max)
      found.push_back({"width", path, i + 1, std::to_string(n) + " columns"});
  auto code = code_of(text);
  function_finder{code}.run([&](size_t line, size_t n) {
    if (n > function_lines_max)
      found.push_back({"function", path, line,
                       "a function of " + std::to_string(n) + " lines"});
  });
}

} // namespace

findings check_shape(const tree& files) {
  findings found;
  for (const auto& [path, text] : files)
    if (is_source(path))
      check_file(path, text, found);
  return found;
}

} // namespace eventd::tidy
