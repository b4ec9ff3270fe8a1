// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/peer_redis.hpp"

#include <charconv>

namespace eventd::bench {

namespace {

constexpr int depth_max = 8; ///< XREAD answers five arrays deep.
constexpr std::string_view line_end = "\r\n";
constexpr std::string_view read_count = "1000";

failure not_resp() {
  return {ec::io_error, "redis: an answer that is not RESP"};
}

/// Reads the number of a length or a count.
bool parse_number(std::string_view text, int64_t& out) {
  auto [end, wrong]
    = std::from_chars(text.data(), text.data() + text.size(), out);
  return wrong == std::errc{} && end == text.data() + text.size();
}

result<std::optional<resp_value>> parse(std::string_view& input, int depth);

result<std::optional<resp_value>> parse_string(std::string_view& input,
                                               resp_value x, int64_t size) {
  auto bytes = static_cast<size_t>(size);
  if (input.size() < bytes + line_end.size())
    return std::optional<resp_value>{};
  if (input.substr(bytes, line_end.size()) != line_end)
    return not_resp();
  x.text = input.substr(0, bytes);
  input.remove_prefix(bytes + line_end.size());
  return std::optional{std::move(x)};
}

result<std::optional<resp_value>>
parse_array(std::string_view& input, resp_value x, int64_t count, int depth) {
  if (depth >= depth_max)
    return not_resp();
  for (int64_t i = 0; i < count; ++i) {
    auto item = parse(input, depth + 1);
    if (!item)
      return item.error();
    if (!*item)
      return std::optional<resp_value>{};
    x.items.push_back(std::move(**item));
  }
  return std::optional{std::move(x)};
}

result<std::optional<resp_value>> parse(std::string_view& input, int depth) {
  auto end = input.find(line_end);
  if (end == std::string_view::npos)
    return std::optional<resp_value>{};
  if (end == 0)
    return not_resp();
  resp_value x;
  x.kind = input.front();
  x.text = input.substr(1, end - 1);
  input.remove_prefix(end + line_end.size());
  if (x.kind == '+' || x.kind == '-' || x.kind == ':')
    return std::optional{std::move(x)};
  int64_t size = 0;
  if ((x.kind != '$' && x.kind != '*') || !parse_number(x.text, size)
      || size < -1)
    return not_resp();
  x.text = {};
  x.null = size == -1;
  if (x.null)
    return std::optional{std::move(x)};
  return x.kind == '$' ? parse_string(input, std::move(x), size)
                       : parse_array(input, std::move(x), size, depth);
}

void append_word(std::string& out, std::string_view word) {
  out.append("$").append(std::to_string(word.size())).append(line_end);
  out.append(word).append(line_end);
}

} // namespace

result<std::optional<resp_value>> parse_resp(std::string_view& input) {
  auto rest = input;
  auto x = parse(rest, 0);
  if (x && *x)
    input = rest;
  return x;
}

std::string resp_command(std::initializer_list<std::string_view> words) {
  auto out = "*" + std::to_string(words.size());
  out.append(line_end);
  for (auto word : words)
    append_word(out, word);
  return out;
}

redis_dialect::redis_dialect(std::string stream) : stream_(std::move(stream)) {
  publish_head_ = resp_command({"XADD", stream_, "*", "e", ""});
  publish_head_.resize(publish_head_.size()
                       - std::string_view{"$0\r\n\r\n"}.size());
}

std::string redis_dialect::hello() {
  return resp_command({"PING"});
}

std::string redis_dialect::prepare() {
  return resp_command({"DEL", stream_});
}

void redis_dialect::append_publish(std::string& out, std::string_view event) {
  out.append(publish_head_);
  append_word(out, event);
}

std::string redis_dialect::follow() {
  return resp_command(
    {"XREAD", "COUNT", read_count, "BLOCK", "0", "STREAMS", stream_, last_id_});
}

result<peer_news> redis_dialect::take(std::string_view bytes) {
  buffer_.erase(0, taken_);
  buffer_.append(bytes);
  peer_news news;
  std::string_view rest = buffer_;
  for (;;) {
    auto answer = parse_resp(rest);
    if (!answer)
      return answer.error();
    taken_ = buffer_.size() - rest.size();
    if (!*answer)
      return news;
    if (auto noted = note(**answer, news); !noted)
      return noted.error();
  }
}

/// Each command that we send has an answer of a kind of its own.
result<void> redis_dialect::note(const resp_value& answer, peer_news& news) {
  switch (answer.kind) {
  case '-':
    return failure{ec::io_error, "redis: " + std::string{answer.text}};
  case '$':
    ++news.stored;
    return {};
  case '*':
    return note_read(answer, news);
  default:
    ++news.ready;
    return {};
  }
}

/// [[stream, [[id, [field, event]], …]]], or null where none came.
result<void> redis_dialect::note_read(const resp_value& streams,
                                      peer_news& news) {
  for (auto& stream : streams.items) {
    if (stream.items.size() != 2)
      return not_resp();
    for (auto& entry : stream.items[1].items) {
      if (entry.items.size() != 2 || entry.items[1].items.size() != 2)
        return not_resp();
      last_id_ = entry.items[0].text;
      news.events.push_back(entry.items[1].items[1].text);
    }
  }
  news.reply += follow();
  return {};
}

} // namespace eventd::bench
