// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/sink.hpp"

#include <fstream>
#include <iostream>
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/bench/delivery_line.hpp"
#include "tools/bench/http_server.hpp"

namespace eventd::bench {

namespace {

using tools::exit_code;

struct sink_flags {
  std::string listen = "127.0.0.1:9000";
  unsigned status = 200;
  int64_t delay_ms = 0;
  std::string output;
  bool print = false;
};

exit_code serve(const sink_flags& x) {
  std::ofstream file;
  if (!x.output.empty()) {
    file.open(x.output, std::ios::app);
    if (!file)
      return tools::report({ec::io_error, x.output + ": can not be written"});
  }
  auto handler = [&x, &file](const server_request& request) {
    // A reader may look at the file at any time, and we may be killed: each
    // delivery is written before it is answered.
    if (file.is_open())
      file << delivery_line(request, x.status) + "\n" << std::flush;
    if (x.print) {
      auto event = event_of(request);
      std::cout << event.id + " " + event.type + "\n" << std::flush;
    }
    return server_reply{x.status, x.delay_ms};
  };
  auto server = http_server::listen(x.listen, handler);
  if (!server)
    return tools::report(server.error());
  std::cerr << "ready " << (*server)->address() << std::endl;
  (*server)->run(1, true);
  if (file.is_open() && !file.good())
    return tools::report({ec::io_error, x.output + ": can not be written"});
  return exit_code::ok;
}

} // namespace

void add_sink(CLI::App& app, tools::action& chosen) {
  auto x = std::make_shared<sink_flags>();
  auto command = app.add_subcommand("sink", "Serve a subscriber");
  command->footer(
    "Example:\n  eventd-bench sink --listen 127.0.0.1:9000 --print");
  command->add_option("--listen", x->listen, "HOST:PORT; port 0: a free one")
    ->capture_default_str();
  command->add_option("--status", x->status, "What each delivery is answered")
    ->check(CLI::Range(200, 599))
    ->capture_default_str();
  command->add_option("--delay", x->delay_ms, "Before the answer. Unit: ms")
    ->check(CLI::NonNegativeNumber)
    ->capture_default_str();
  command->add_option("--output", x->output,
                      "Append each delivery as a line of JSON");
  command->add_flag("--print", x->print, "Print id and type of each event");
  command->callback([&chosen, x] { chosen = [x] { return serve(*x); }; });
}

} // namespace eventd::bench
