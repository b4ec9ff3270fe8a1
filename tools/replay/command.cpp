// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/replay/command.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/replay/options.hpp"
#include "tools/replay/runner.hpp"

namespace eventd::replay {

namespace {

constexpr auto examples = R"(Examples:
  replay --channel default/orders --output orders.ndjson --resume orders.token
  replay --channel default/orders --from 2026-01-31T12:00:00Z --speed 10x \
         --sink http://127.0.0.1:9000/
  replay --channel default/orders --from 100 --to 200 --into default/copy
  replay --data-dir ./eventd-data --channel default/orders --output -

Exit codes: 0 all was delivered, 1 error, 2 usage, 3 not found, 4 refused,
5 unreachable, 6 interrupted or some events were not delivered.)";

} // namespace

void add_replay(CLI::App& app, tools::action& chosen) {
  auto raw = std::make_shared<raw_options>();
  app.footer(examples);
  app.add_option("--server", raw->server,
                 "URL of eventd; else EVENTD_SERVER, else "
                 "http://127.0.0.1:8080");
  app.add_option("--data-dir", raw->data_dir,
                 "Read the files of a stopped node instead");
  app.add_option("--channel", raw->channel, "Channel to read: NAMESPACE/NAME")
    ->required();
  app.add_option("--from", raw->from,
                 "First event: earliest (default), latest, OFFSET, "
                 "EPOCH:OFFSET or an RFC 3339 time");
  app.add_option("--to", raw->to,
                 "End, exclusive: OFFSET or time; default: the end of the log "
                 "at the start");
  app
    .add_option("--speed", raw->speed,
                "max, original, FACTORx (2x, 0.5x) or N/s")
    ->capture_default_str();
  app.add_option("--sink", raw->sink, "POST each event to this URL");
  app.add_option("--into", raw->into,
                 "Publish to this channel of the same server");
  app.add_option("--output", raw->output,
                 "Write NDJSON to this file, - for stdout");
  app.add_option("--resume", raw->resume,
                 "File of the resume token: kept while there is more to do, "
                 "continued from where it exists");
  app.callback([raw, &chosen] {
    chosen = [raw] {
      auto checked = check(*raw);
      if (!checked)
        return tools::report(checked.error());
      return run(*checked);
    };
  });
}

} // namespace eventd::replay
