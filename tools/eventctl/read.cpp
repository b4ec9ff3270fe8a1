// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/read.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "storage/model/limits.hpp"
#include "tools/client/event_stream.hpp"
#include "tools/client/event_text.hpp"

namespace eventd::eventctl {

namespace {

using tools::exit_code;

struct read_options {
  std::string channel;
  tools::event_range range;
  bool follow = false;
};

/// One wait of `--follow`; the server would allow somewhat more.
constexpr uint64_t follow_wait_s = limits::wait_ms_max / 2'000;

/// Where the next request of `--follow` begins, after these lines.
void advance(tools::event_range& range, std::string_view lines) {
  lines.remove_suffix(1);
  auto before = lines.rfind('\n');
  auto last
    = before == std::string_view::npos ? lines : lines.substr(before + 1);
  std::string unused;
  auto marks = tools::append_unmarked(unused, last);
  if (marks && marks->offset)
    range.from = std::to_string(*marks->offset + 1);
}

/// Prints one answer to its end.
result<void> print_answer(tools::event_stream& stream,
                          tools::event_range& range) {
  for (;;) {
    auto lines = stream.next();
    if (!lines)
      return lines.error();
    if (lines->empty())
      return {};
    if (std::fwrite(lines->data(), 1, lines->size(), stdout) != lines->size()
        || std::fflush(stdout) != 0)
      return failure{ec::io_error,
                     std::string{"stdout: "} + std::strerror(errno)};
    advance(range, *lines);
  }
}

result<void> print_all(tools::event_stream& stream,
                       const tools::channel_name& channel,
                       const read_options& x) {
  auto range = x.range;
  if (x.follow && !range.wait_s)
    range.wait_s = follow_wait_s;
  do {
    auto begun = stream.open(channel, range);
    if (!begun)
      return begun.error();
    range.epoch = begun->epoch;
    // Nothing may be lost between two answers when nothing came in the first.
    if ((range.from == "latest" || range.from.empty()) && x.follow)
      if (auto at = range.from.empty() ? begun->earliest : begun->end)
        range.from = std::to_string(*at);
    if (auto printed = print_answer(stream, range); !printed)
      return printed;
  } while (x.follow);
  return {};
}

exit_code read(const globals& shared, const read_options& x) {
  auto channel = tools::parse_channel(x.channel);
  if (!channel)
    return tools::report(channel.error());
  auto server = client_of(shared);
  if (!server)
    return tools::report(server.error());
  tools::catch_interrupts();
  tools::event_stream stream{std::move(*server)};
  auto done = print_all(stream, *channel, x);
  // Ctrl-C is how following ends.
  if (!done && !(x.follow && tools::interrupted()))
    return tools::report(done.error());
  return exit_code::ok;
}

} // namespace

void add_read(CLI::App& app, const globals& shared, tools::action& chosen) {
  auto x = std::make_shared<read_options>();
  auto command
    = app.add_subcommand("read", "Print events of a channel, one JSON a line");
  command->footer("Examples:\n"
                  "  eventctl read default/orders --from 100 --limit 10\n"
                  "  eventctl read default/orders --from latest --follow");
  command->add_option("CHANNEL", x->channel, "NAMESPACE/NAME")->required();
  command->add_option("--from", x->range.from,
                      "earliest (default), latest, OFFSET or RFC 3339 time");
  command->add_option("--to", x->range.to, "End, exclusive");
  command->add_option("--limit", x->range.limit, "At most this many events");
  command->add_option("--wait", x->range.wait_s,
                      "Wait for new events at the end. Unit: s");
  command->add_flag("-f,--follow", x->follow, "Wait for new events for ever")
    ->excludes("--limit")
    ->excludes("--to");
  command->callback([&shared, &chosen, x] {
    chosen = [&shared, x] { return read(shared, *x); };
  });
}

} // namespace eventd::eventctl
