// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/replay/resume_token.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include "tools/client/command_line.hpp"

namespace eventd::replay {

namespace {

namespace json = boost::json;

constexpr int64_t version = 1;

struct fd_owner {
  int fd;
  ~fd_owner() {
    if (fd >= 0)
      ::close(fd);
  }
};

} // namespace

std::string to_json(const resume_token& x) {
  return json::serialize(json::object{{"version", version},
                                      {"source", x.source},
                                      {"channel", x.channel},
                                      {"epoch", x.epoch},
                                      {"next", x.next},
                                      {"to", x.to},
                                      {"target", x.target},
                                      {"output_bytes", x.output_bytes},
                                      {"events", x.done.events},
                                      {"bytes", x.done.bytes},
                                      {"failures", x.done.failures}});
}

result<resume_token> token_from_json(std::string_view text) {
  boost::system::error_code wrong;
  auto parsed = json::parse(json::string_view{text.data(), text.size()}, wrong);
  if (wrong || !parsed.is_object())
    return failure{ec::invalid_config, "the resume token is not JSON"};
  auto& from = parsed.get_object();
  std::string bad;
  auto string_at = [&](const char* key) -> std::string {
    if (auto x = from.if_contains(key); x && x->is_string())
      return std::string{std::string_view{x->get_string()}};
    bad = key;
    return {};
  };
  auto number_at = [&](const char* key) -> uint64_t {
    if (auto x = from.if_contains(key)) {
      boost::system::error_code inexact;
      auto value = x->to_number<uint64_t>(inexact);
      if (!inexact)
        return value;
    }
    bad = key;
    return 0;
  };
  if (number_at("version") != version)
    return failure{ec::invalid_config, "the resume token is not of version 1"};
  resume_token x;
  x.source = string_at("source");
  x.channel = string_at("channel");
  x.epoch = string_at("epoch");
  x.next = number_at("next");
  x.to = string_at("to");
  x.target = string_at("target");
  x.output_bytes = number_at("output_bytes");
  x.done.events = number_at("events");
  x.done.bytes = number_at("bytes");
  x.done.failures = number_at("failures");
  if (!bad.empty())
    return failure{ec::invalid_config, "the resume token has no good " + bad,
                   bad};
  return x;
}

std::string target_name(const options& x) {
  if (x.sink)
    return "sink:http://" + x.sink->authority + x.sink->target;
  if (x.into)
    return "channel:" + x.into->text();
  return "file:" + x.output;
}

result<void> check_matches(const resume_token& token, const options& now) {
  auto differs = [](const char* what, const std::string& a,
                    const std::string& b) {
    return failure{ec::invalid_config,
                   std::string{"the resume token is of another "} + what + ": "
                     + a + ", not " + b + "; remove the file to begin anew"};
  };
  auto& source = now.data_dir.empty() ? now.server : now.data_dir;
  if (token.channel != now.channel.text())
    return differs("channel", token.channel, now.channel.text());
  if (token.source != source)
    return differs("source", token.source, source);
  if (token.target != target_name(now))
    return differs("target", token.target, target_name(now));
  return {};
}

result<std::optional<resume_token>> load_token(const std::string& path) {
  auto text = tools::read_file(path);
  if (!text && text.error() == ec::not_found)
    return std::optional<resume_token>{};
  if (!text)
    return text.error();
  auto token = token_from_json(*text);
  if (!token)
    return failure{token.error().code, path + ": " + token.error().detail};
  return std::optional{std::move(*token)};
}

result<void> save_token(const std::string& path, const resume_token& token) {
  auto wrong = [&] {
    return failure{ec::io_error, path + ": " + std::strerror(errno)};
  };
  auto fresh = path + ".new";
  auto text = to_json(token) + "\n";
  {
    fd_owner file{
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (file.fd < 0)
      return wrong();
    auto n = ::write(file.fd, text.data(), text.size());
    if (n != static_cast<ssize_t>(text.size()) || ::fdatasync(file.fd) != 0)
      return wrong();
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0)
    return wrong();
  return {};
}

} // namespace eventd::replay
