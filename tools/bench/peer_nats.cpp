// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/peer_nats.hpp"

#include <algorithm>
#include <charconv>

namespace eventd::bench {

namespace {

constexpr std::string_view line_end = "\r\n";

// Subjects below the inbox, by what they answer.
constexpr std::string_view stored = ".stored";        // A publish.
constexpr std::string_view done = ".done";            // A call of the API.
constexpr std::string_view dropped = ".dropped";      // One that may fail.
constexpr std::string_view pushed = ".pushed.events"; // What is followed.

// Subscriptions: the server pushes only to one without a wildcard, and its
// messages keep the subject that they were published to.
constexpr std::string_view answers_sid = "1";
constexpr std::string_view events_sid = "2";

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  auto word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

std::optional<size_t> number_of(std::string_view word) {
  size_t out = 0;
  auto [end, wrong]
    = std::from_chars(word.data(), word.data() + word.size(), out);
  if (word.empty() || wrong != std::errc{} || end != word.data() + word.size())
    return std::nullopt;
  return out;
}

/// Sizes at the end of a line: MSG subject sid [reply] size, and
/// HMSG subject sid [reply] header-size size.
struct sizes {
  std::optional<size_t> headers = 0;
  std::optional<size_t> all;
};

sizes sizes_of(std::string_view line, bool with_headers) {
  auto last_word = [&line] {
    auto space = line.rfind(' ');
    auto word = space == std::string_view::npos ? line : line.substr(space + 1);
    line = line.substr(0, space == std::string_view::npos ? 0 : space);
    return word;
  };
  sizes out;
  out.all = number_of(last_word());
  if (with_headers)
    out.headers = number_of(last_word());
  return out;
}

failure refused(std::string_view words) {
  return {ec::io_error, "nats: " + std::string{words}};
}

} // namespace

result<std::optional<nats_message>> parse_nats(std::string_view& input) {
  auto end = input.find(line_end);
  if (end == std::string_view::npos)
    return std::optional<nats_message>{};
  auto line = input.substr(0, end);
  auto rest = input.substr(end + line_end.size());
  nats_message x;
  x.verb = next_word(line);
  x.words = line.substr(std::min(line.find_first_not_of(' '), line.size()));
  if (x.verb == "MSG" || x.verb == "HMSG") {
    auto n = sizes_of(line, x.verb == "HMSG");
    if (!n.all || !n.headers || *n.headers > *n.all)
      return refused("a message without its size");
    if (rest.size() < *n.all + line_end.size())
      return std::optional<nats_message>{};
    x.subject = next_word(line);
    x.sid = next_word(line);
    x.headers = rest.substr(0, *n.headers);
    x.payload = rest.substr(*n.headers, *n.all - *n.headers);
    rest.remove_prefix(*n.all + line_end.size());
  }
  input = rest;
  return std::optional{x};
}

nats_dialect::nats_dialect(std::string stream, std::string inbox)
  : stream_(std::move(stream)), inbox_(std::move(inbox)),
    publish_head_("PUB " + stream_ + " " + inbox_ + std::string{stored} + " ") {
}

std::string nats_dialect::hello() {
  return R"(CONNECT {"verbose":false,"pedantic":false,"headers":true,)"
         R"("no_responders":true,"protocol":1,"lang":"c++","version":"1",)"
         R"("name":"eventd-bench"})"
         "\r\nSUB "
         + inbox_ + ".* " + std::string{answers_sid} + "\r\nSUB " + inbox_
         + std::string{pushed} + " " + std::string{events_sid} + "\r\nPING\r\n";
}

std::string nats_dialect::call(std::string_view what, std::string_view answer,
                               std::string_view body) const {
  auto out = "PUB $JS.API." + std::string{what} + "." + stream_ + " " + inbox_;
  out.append(answer).append(" ").append(std::to_string(body.size()));
  return out.append(line_end).append(body).append(line_end);
}

std::string nats_dialect::prepare() {
  // There may be none to delete; what counts is that the new one is made.
  return call("STREAM.DELETE", dropped, "")
         + call("STREAM.CREATE", done,
                R"({"name":")" + stream_ + R"(","subjects":[")" + stream_
                  + R"("],"storage":"file","retention":"limits",)"
                    R"("num_replicas":1,"max_consumers":-1,"max_msgs":-1,)"
                    R"("max_bytes":-1})");
}

void nats_dialect::append_publish(std::string& out, std::string_view event) {
  out.append(publish_head_).append(std::to_string(event.size()));
  out.append(line_end).append(event).append(line_end);
}

std::string nats_dialect::follow() {
  return call("CONSUMER.CREATE", done,
              R"({"stream_name":")" + stream_
                + R"(","config":{"deliver_subject":")" + inbox_
                + std::string{pushed}
                + R"(","deliver_policy":"all","ack_policy":"none",)"
                  R"("replay_policy":"instant"}})");
}

result<peer_news> nats_dialect::take(std::string_view bytes) {
  buffer_.erase(0, taken_);
  buffer_.append(bytes);
  peer_news news;
  std::string_view rest = buffer_;
  for (;;) {
    auto message = parse_nats(rest);
    if (!message)
      return message.error();
    taken_ = buffer_.size() - rest.size();
    if (!*message)
      return news;
    if (auto noted = note(**message, news); !noted)
      return noted.error();
  }
}

result<void> nats_dialect::note(const nats_message& message,
                                peer_news& news) const {
  if (message.verb == "MSG" || message.verb == "HMSG")
    return note_payload(message, news);
  if (message.verb == "PING")
    news.reply += "PONG\r\n";
  else if (message.verb == "PONG")
    ++news.ready;
  else if (message.verb == "-ERR")
    return refused(message.words);
  return {};
}

result<void> nats_dialect::note_payload(const nats_message& message,
                                        peer_news& news) const {
  if (message.sid == events_sid) {
    news.events.push_back(message.payload);
    return {};
  }
  auto kind
    = message.subject.substr(std::min(inbox_.size(), message.subject.size()));
  if (kind == dropped)
    return {};
  if (message.headers.starts_with("NATS/1.0 503"))
    return refused("no JetStream answers");
  if (message.payload.find(R"("error":)") != std::string_view::npos)
    return refused(message.payload);
  ++(kind == stored ? news.stored : news.ready);
  return {};
}

} // namespace eventd::bench
