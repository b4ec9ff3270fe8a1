// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/replay.hpp"

#include <algorithm>
#include <chrono>
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/bench/measurement.hpp"
#include "tools/bench/publisher.hpp"
#include "tools/client/event_stream.hpp"

namespace eventd::bench {

namespace {

using tools::exit_code;

struct replay_flags {
  std::string server;
  std::string channel = "default/bench";
  tools::event_range range;
  int pid = 0;
};

exit_code measure(const replay_flags& x) {
  auto server = tools::parse_url(tools::server_or_default(x.server));
  if (!server)
    return tools::report(server.error());
  auto channel = tools::parse_channel(x.channel);
  if (!channel)
    return tools::report(channel.error());
  tools::catch_interrupts();
  tools::client_options how;
  how.stop = &tools::interrupted();
  tools::event_stream stream{tools::http_client{*server, how}};
  measurement out;
  out.name = "replay";
  if (x.pid > 0)
    out.server_begin = sample_process(x.pid);
  auto begin = steady_ns();
  auto begun = stream.open(*channel, x.range);
  if (!begun)
    return tools::report(begun.error());
  for (;;) {
    auto lines = stream.next();
    if (!lines)
      return tools::report(lines.error());
    if (lines->empty())
      break;
    out.bytes += lines->size();
    out.events
      += static_cast<uint64_t>(std::count(lines->begin(), lines->end(), '\n'));
  }
  out.seconds = static_cast<double>(steady_ns() - begin) / 1e9;
  if (x.pid > 0)
    out.server_end = sample_process(x.pid);
  print(out);
  return exit_code::ok;
}

} // namespace

void add_replay(CLI::App& app, tools::action& chosen) {
  auto x = std::make_shared<replay_flags>();
  auto command = app.add_subcommand(
    "replay", "Measure reading a channel as NDJSON, which is thrown away");
  command->footer("Example:\n  eventd-bench replay --channel default/bench");
  command->add_option("--server", x->server,
                      "URL; else EVENTD_SERVER, else http://127.0.0.1:8080");
  command->add_option("--channel", x->channel, "NAMESPACE/NAME")
    ->capture_default_str();
  command->add_option("--from", x->range.from, "First event");
  command->add_option("--to", x->range.to, "End, exclusive");
  command->add_option("--pid", x->pid,
                      "Of the server, to tell its CPU time and memory");
  command->callback([&chosen, x] { chosen = [x] { return measure(*x); }; });
}

} // namespace eventd::bench
