// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/replay/options.hpp"

#include <algorithm>

#include "tools/client/command_line.hpp"
#include "tools/client/event_text.hpp"

namespace eventd::replay {

namespace {

bool is_digits(std::string_view x) {
  return !x.empty() && std::all_of(x.begin(), x.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
}

bool is_position(std::string_view x) {
  return x == "earliest" || x == "latest" || is_digits(x)
         || tools::parse_time_ms(x).has_value();
}

/// Takes `EPOCH:OFFSET` apart, as a resume token and an SSE id are written.
void split_epoch(options& out) {
  auto colon = out.from.find(':');
  if (colon == std::string::npos || !is_digits(out.from.substr(0, colon))
      || !is_digits(out.from.substr(colon + 1)))
    return;
  out.epoch = out.from.substr(0, colon);
  out.from.erase(0, colon + 1);
}

result<void> read_target(const raw_options& raw, options& out) {
  auto n = int(!raw.sink.empty()) + int(!raw.into.empty())
           + int(!raw.output.empty());
  if (n != 1)
    return failure{ec::invalid_config,
                   "one of --sink, --into and --output must be given, and only "
                   "one"};
  if (!raw.sink.empty()) {
    auto url = tools::parse_url(raw.sink);
    if (!url)
      return url.error();
    out.sink = std::move(*url);
  }
  if (!raw.into.empty()) {
    auto channel = tools::parse_channel(raw.into);
    if (!channel)
      return channel.error();
    if (channel->text() == raw.channel)
      return failure{ec::invalid_config,
                     "--into names the channel that is read: the replay would "
                     "feed itself"};
    out.into = std::move(*channel);
  }
  out.output = raw.output;
  return {};
}

} // namespace

result<options> check(const raw_options& raw) {
  options out;
  auto channel = tools::parse_channel(raw.channel);
  if (!channel)
    return channel.error();
  out.channel = std::move(*channel);
  auto speed = parse_speed(raw.speed);
  if (!speed)
    return speed.error();
  out.speed = *speed;
  if (auto target = read_target(raw, out); !target)
    return target.error();
  if (!raw.from.empty())
    out.from = raw.from;
  split_epoch(out);
  out.to = raw.to;
  for (auto& x : {out.from, out.to})
    if (!x.empty() && !is_position(x))
      return failure{ec::invalid_config,
                     "'" + x + "' is not a position: earliest, latest, an "
                       + "offset or a time such as 2026-01-31T12:00:00Z"};
  if (!raw.data_dir.empty() && !raw.server.empty())
    return failure{ec::invalid_config,
                   "--server and --data-dir exclude each other"};
  if (!raw.data_dir.empty() && out.into)
    return failure{ec::invalid_config,
                   "--into publishes to a running server and so can not be "
                   "used with --data-dir: use --sink with the channel's URL"};
  out.data_dir = raw.data_dir;
  if (out.data_dir.empty())
    out.server = tools::server_or_default(raw.server);
  out.resume = raw.resume;
  return out;
}

} // namespace eventd::replay
