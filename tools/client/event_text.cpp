// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/client/event_text.hpp"

#include <charconv>
#include <chrono>
#include <cstring>

namespace eventd::tools {

namespace {

constexpr std::string_view mark_prefix = "eventd";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Walks over JSON text; does not validate what it steps over beyond quotes
/// and brackets.
class scanner {
public:
  explicit scanner(std::string_view text) : text_(text) {}

  size_t at() const { return at_; }
  bool at_end() const { return at_ == text_.size(); }

  void space() {
    while (!at_end() && is_space(text_[at_]))
      ++at_;
  }

  bool take(char c) {
    space();
    if (at_end() || text_[at_] != c)
      return false;
    ++at_;
    return true;
  }

  /// Steps over a string; answers what is between its quotes.
  std::optional<std::string_view> string() {
    if (!take('"'))
      return std::nullopt;
    auto begin = at_;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\')
        ++at_;
      else if (text_[at_] == '"')
        return text_.substr(begin, at_++ - begin);
    }
    at_ = text_.size();
    return std::nullopt;
  }

  /// Steps over any value; answers its text.
  std::optional<std::string_view> value() {
    space();
    auto begin = at_;
    size_t depth = 0;
    while (!at_end()) {
      auto c = text_[at_];
      if (c == '"') {
        if (!string())
          return std::nullopt;
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']' || c == ',') {
        if (depth == 0)
          break;
        if (c != ',')
          --depth;
        ++at_;
      } else {
        ++at_;
        continue;
      }
      if (depth == 0)
        break;
    }
    auto end = at_;
    while (end > begin && is_space(text_[end - 1]))
      --end;
    if (depth != 0 || end == begin)
      return std::nullopt;
    return text_.substr(begin, end - begin);
  }

private:
  std::string_view text_;
  size_t at_ = 0;
};

std::optional<uint64_t> number(std::string_view text) {
  uint64_t x = 0;
  auto [end, wrong]
    = std::from_chars(text.data(), text.data() + text.size(), x);
  if (wrong != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return x;
}

void note(server_marks& out, std::string_view key, std::string_view value) {
  if (key == "eventdoffset")
    out.offset = number(value);
  else if (key == "eventdtime")
    out.time = value;
}

/// Where the marks of a line begin and end.
struct marks_span {
  size_t begin = 0;
  size_t end = 0;
};

/// Finds the marks where the server writes them: side by side after the other
/// attributes, which are scalars, and before the data. Of valid JSON, text
/// that begins with `,"eventd` is a member's name, because inside a string the
/// quote would be escaped; and where no bracket precedes it, it is a member of
/// the outermost object. None where the line looks otherwise.
std::optional<marks_span> find_marks(std::string_view line, server_marks& out) {
  constexpr std::string_view begin_of_mark = ",\"eventd";
  auto at = line.find(begin_of_mark);
  if (at == std::string_view::npos || line.front() != '{')
    return std::nullopt;
  if (std::memchr(line.data() + 1, '{', at - 1) != nullptr
      || std::memchr(line.data() + 1, '[', at - 1) != nullptr)
    return std::nullopt;
  marks_span span{at, at};
  while (line.substr(span.end, begin_of_mark.size()) == begin_of_mark) {
    auto key = span.end + 2;
    auto key_end = line.find('"', key);
    if (key_end == std::string_view::npos || line.substr(key_end, 3) != "\":\"")
      return std::nullopt;
    auto value = key_end + 3;
    auto value_end = line.find('"', value);
    // A backslash might escape the quote: let the slow way decide.
    if (value_end == std::string_view::npos
        || std::memchr(line.data() + value, '\\', value_end - value))
      return std::nullopt;
    note(out, line.substr(key, key_end - key),
         line.substr(value, value_end - value));
    span.end = value_end + 1;
  }
  return span;
}

std::string_view unquoted(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    return value.substr(1, value.size() - 2);
  return value;
}

} // namespace

result<std::vector<json_member>> members_of(std::string_view object) {
  auto wrong = [&](size_t at) {
    return failure{ec::invalid_event, "the line is not a JSON object (column "
                                        + std::to_string(at + 1) + ")"};
  };
  std::vector<json_member> members;
  scanner in{object};
  if (!in.take('{'))
    return wrong(in.at());
  if (!in.take('}'))
    for (;;) {
      auto key = in.string();
      if (!key || !in.take(':'))
        return wrong(in.at());
      auto value = in.value();
      if (!value)
        return wrong(in.at());
      members.push_back({*key, *value});
      if (in.take('}'))
        break;
      if (!in.take(','))
        return wrong(in.at());
    }
  in.space();
  if (!in.at_end())
    return wrong(in.at());
  return members;
}

result<server_marks> append_unmarked(std::string& out, std::string_view line) {
  server_marks marks;
  if (auto span = find_marks(line, marks)) {
    out.append(line.substr(0, span->begin));
    out.append(line.substr(span->end));
    return marks;
  }
  marks = {};
  auto members = members_of(line);
  if (!members)
    return members.error();
  auto separator = '{';
  for (auto& x : *members) {
    if (x.key.substr(0, mark_prefix.size()) == mark_prefix) {
      note(marks, x.key, unquoted(x.value));
      continue;
    }
    out.push_back(separator);
    separator = ',';
    out.push_back('"');
    out.append(x.key);
    out.append("\":");
    out.append(x.value);
  }
  out.append(separator == '{' ? "{}" : "}");
  return marks;
}

namespace {

/// Reads digits at fixed places of an RFC 3339 time.
std::optional<int> digits(std::string_view text, size_t at, size_t n) {
  if (at + n > text.size())
    return std::nullopt;
  int x = 0;
  for (auto c : text.substr(at, n)) {
    if (c < '0' || c > '9')
      return std::nullopt;
    x = 10 * x + (c - '0');
  }
  return x;
}

/// Reads ".5", "Z", "+02:00" after the seconds. Unit of the answer: ms.
std::optional<int64_t> fraction_and_zone_ms(std::string_view text) {
  int64_t ms = 0;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    int64_t scale = 100;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      ms += scale * (text.front() - '0');
      scale /= 10;
      text.remove_prefix(1);
    }
  }
  if (text == "Z" || text == "z")
    return ms;
  auto hours = digits(text, 1, 2);
  auto minutes = digits(text, 4, 2);
  if (text.size() != 6 || !hours || !minutes || text[3] != ':'
      || (text[0] != '+' && text[0] != '-'))
    return std::nullopt;
  auto zone = int64_t{60'000} * (60 * *hours + *minutes);
  return text[0] == '+' ? ms - zone : ms + zone;
}

} // namespace

std::optional<int64_t> parse_time_ms(std::string_view text) {
  using namespace std::chrono;
  auto y = digits(text, 0, 4), mo = digits(text, 5, 2), d = digits(text, 8, 2);
  auto h = digits(text, 11, 2), mi = digits(text, 14, 2);
  auto s = digits(text, 17, 2);
  if (!y || !mo || !d || !h || !mi || !s || text[4] != '-' || text[7] != '-'
      || (text[10] != 'T' && text[10] != 't' && text[10] != ' '))
    return std::nullopt;
  auto date = year{*y} / *mo / *d;
  auto rest = fraction_and_zone_ms(text.substr(19));
  if (!date.ok() || !rest)
    return std::nullopt;
  auto whole = sys_days{date} + hours{*h} + minutes{*mi} + seconds{*s};
  return duration_cast<milliseconds>(whole.time_since_epoch()).count() + *rest;
}

} // namespace eventd::tools
