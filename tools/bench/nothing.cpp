// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/nothing.hpp"

#include <iostream>
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/bench/http_server.hpp"

namespace eventd::bench {

void add_nothing(CLI::App& app, tools::action& chosen) {
  auto where = std::make_shared<std::string>("127.0.0.1:8090");
  auto threads = std::make_shared<int>(1);
  auto command = app.add_subcommand(
    "nothing", "Serve a Beast server that answers 202 and does nothing");
  command->footer("Example:\n  eventd-bench nothing --listen 127.0.0.1:8090 &\n"
                  "  eventd-bench publish --server http://127.0.0.1:8090 "
                  "--pid $!");
  command->add_option("--listen", *where, "HOST:PORT")->capture_default_str();
  command->add_option("--threads", *threads, "As many as eventd's gateway has")
    ->check(CLI::Range(1, 64))
    ->capture_default_str();
  command->callback([&chosen, where, threads] {
    chosen = [where, threads] {
      auto server = http_server::listen(
        *where, [](const server_request&) { return server_reply{}; });
      if (!server)
        return tools::report(server.error());
      std::cerr << "ready " << (*server)->address() << std::endl;
      (*server)->run(*threads, true);
      return tools::exit_code::ok;
    };
  });
}

} // namespace eventd::bench
