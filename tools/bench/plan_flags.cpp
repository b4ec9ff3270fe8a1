// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/plan_flags.hpp"

#include <iostream>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "storage/model/limits.hpp"
#include "tools/client/cloudevent.hpp"
#include "tools/client/command_line.hpp"

namespace eventd::bench {

namespace {

constexpr int connections_max = 10'000;
constexpr int threads_max = 64;

} // namespace

void add_plan_flags(CLI::App& command, plan_flags& out) {
  auto& plan = out.plan;
  command.add_option("--server", out.server,
                     "URL; else EVENTD_SERVER, else http://127.0.0.1:8080");
  command.add_option("--channel", out.channel, "NAMESPACE/NAME")
    ->capture_default_str();
  command.add_option("--connections", plan.connections, "Requests in flight")
    ->check(CLI::Range(1, connections_max))
    ->capture_default_str();
  command.add_option("--threads", plan.threads, "Of the generator")
    ->check(CLI::Range(1, threads_max))
    ->capture_default_str();
  command
    .add_option("--size", plan.maker.event_bytes,
                "Of one event as JSON text. Unit: bytes")
    ->capture_default_str();
  command.add_option("--mode", out.mode, "binary, structured or batch")
    ->capture_default_str();
  command.add_option("--batch", plan.batch, "Events of a batch")
    ->check(CLI::Range(size_t{1}, limits::batch_events_max))
    ->capture_default_str();
  command.add_option("--pid", plan.server_pid,
                     "Of the server, to tell its CPU time and memory");
  command.add_option("--acked", plan.acked_file,
                     "Append a line \"offset id\" for each stored event");
}

void add_time_flags(CLI::App& command, plan_flags& out) {
  auto& plan = out.plan;
  command
    .add_option("--rate", plan.rate_per_s,
                "Events per second; 0: as fast as they are taken")
    ->check(CLI::NonNegativeNumber)
    ->capture_default_str();
  command
    .add_option_function<double>(
      "--duration",
      [&plan](double s) { plan.duration_ms = static_cast<int64_t>(s * 1'000); },
      "What is measured. Unit: s [5]")
    ->check(CLI::PositiveNumber);
  command
    .add_option_function<double>(
      "--warmup",
      [&plan](double s) { plan.warmup_ms = static_cast<int64_t>(s * 1'000); },
      "Before that. Unit: s [1]")
    ->check(CLI::NonNegativeNumber);
}

result<publish_plan> check(const plan_flags& x) {
  auto plan = x.plan;
  auto server = tools::parse_url(tools::server_or_default(x.server));
  if (!server)
    return server.error();
  auto channel = tools::parse_channel(x.channel);
  if (!channel)
    return channel.error();
  auto mode = parse_mode(x.mode);
  if (!mode)
    return mode.error();
  plan.maker.server = *server;
  plan.maker.path = channel->publish_path();
  plan.maker.mode = *mode;
  // Ids of an earlier run would be duplicates, and not be stored.
  plan.maker.id_prefix = tools::random_id().substr(0, 8) + "-";
  // The attributes need some room: what is told is the size that is sent.
  std::string text;
  request_maker{plan.maker}.append_event(text, 0, std::nullopt);
  plan.maker.event_bytes = text.size();
  return plan;
}

void describe(const publish_plan& plan, measurement& out) {
  auto mode = plan.maker.mode;
  out.parameters.emplace_back("mode", mode == content_mode::binary ? "binary"
                                      : mode == content_mode::batch
                                        ? "batch"
                                        : "structured");
  if (mode == content_mode::batch)
    out.parameters.emplace_back("batch", plan.batch);
  out.parameters.emplace_back("size", plan.maker.event_bytes);
  if (plan.maker.channels > 1)
    out.parameters.emplace_back("channels", plan.maker.channels);
  out.parameters.emplace_back("connections", plan.connections);
  out.parameters.emplace_back("threads", plan.threads);
  out.parameters.emplace_back("rate", plan.rate_per_s);
}

tools::exit_code conclude(const publish_outcome& x) {
  print(x.figures);
  if (x.figures.errors == 0 && x.last_error.empty())
    return tools::exit_code::ok;
  std::cerr << "error: " << x.figures.errors
            << " requests failed, the last: " << x.last_error << '\n';
  return x.acked == 0 ? tools::exit_code::error : tools::exit_code::partial;
}

} // namespace eventd::bench
