// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/peer.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/bench/peer_nats.hpp"
#include "tools/bench/peer_redis.hpp"
#include "tools/bench/peer_run.hpp"
#include "tools/bench/plan_flags.hpp"
#include "tools/client/cloudevent.hpp"

namespace eventd::bench {

namespace {

using tools::exit_code;

constexpr auto stream = "bench";
constexpr size_t pipeline_max = 100'000;

struct peer_kind {
  const char* name;
  const char* address; ///< Default of --server.
  const char* description;
  std::unique_ptr<peer_dialect> (*make_dialect)();
};

const peer_kind redis{"redis", "127.0.0.1:6379", "Redis Streams",
                      []() -> std::unique_ptr<peer_dialect> {
                        return std::make_unique<redis_dialect>(stream);
                      }};
const peer_kind nats{"nats", "127.0.0.1:4222", "NATS JetStream",
                     []() -> std::unique_ptr<peer_dialect> {
                       return std::make_unique<nats_dialect>(
                         stream, "_INBOX." + tools::random_id());
                     }};

/// Checks the flags, and runs the measurement with them.
template <class Run>
exit_code run_checked(const plan_flags& flags, const peer_kind& kind, Run run) {
  auto plan = check(flags);
  if (!plan)
    return tools::report(plan.error());
  tools::catch_interrupts();
  peer to{kind.name, plan->maker.server, kind.make_dialect};
  return run(*plan, to);
}

void add_server_flags(CLI::App& command, plan_flags& out) {
  command.add_option("--server", out.server, "HOST:PORT")
    ->capture_default_str();
  command.add_option("--pid", out.plan.server_pid,
                     "Of the server, to tell its CPU time and memory");
}

void add_publish_flags(CLI::App& command, plan_flags& out) {
  auto& plan = out.plan;
  add_server_flags(command, out);
  command.add_option("--clients", plan.connections, "Connections")
    ->check(CLI::Range(1, 10'000))
    ->capture_default_str();
  command
    .add_option("--pipeline", plan.batch,
                "Events that each sends before it waits for all their answers")
    ->check(CLI::Range(size_t{1}, pipeline_max))
    ->capture_default_str();
  command.add_option("--threads", plan.threads, "Of the generator")
    ->check(CLI::Range(1, 64))
    ->capture_default_str();
  command
    .add_option("--size", plan.maker.event_bytes,
                "Of one event as JSON text. Unit: bytes")
    ->capture_default_str();
  add_time_flags(command, out);
}

std::shared_ptr<plan_flags> flags_for(const peer_kind& kind) {
  auto flags = std::make_shared<plan_flags>();
  flags->server = kind.address;
  flags->mode = "batch";
  flags->plan.batch = 1;
  return flags;
}

void add_publish(CLI::App& parent, const peer_kind& kind,
                 tools::action& chosen) {
  auto flags = flags_for(kind);
  auto command = parent.add_subcommand("publish", "Measure publishing");
  add_publish_flags(*command, *flags);
  command->add_option("--events", flags->plan.events_max,
                      "Stop after so many, instead of a time");
  command->callback([&chosen, flags, &kind] {
    chosen
      = [flags, &kind] { return run_checked(*flags, kind, run_peer_publish); };
  });
}

void add_latency(CLI::App& parent, const peer_kind& kind,
                 tools::action& chosen) {
  auto flags = flags_for(kind);
  flags->plan.connections = 16;
  flags->plan.rate_per_s = 1'000;
  auto command = parent.add_subcommand(
    "latency", "Measure from publish to a consumer that follows");
  add_publish_flags(*command, *flags);
  command->callback([&chosen, flags, &kind] {
    chosen
      = [flags, &kind] { return run_checked(*flags, kind, run_peer_latency); };
  });
}

void add_replay(CLI::App& parent, const peer_kind& kind,
                tools::action& chosen) {
  auto flags = flags_for(kind);
  auto command = parent.add_subcommand(
    "replay", "Measure reading what `publish` left, from the first event on");
  add_server_flags(*command, *flags);
  command->add_option("--events", flags->plan.events_max, "End after so many")
    ->check(CLI::PositiveNumber)
    ->required();
  command->callback([&chosen, flags, &kind] {
    chosen = [flags, &kind] {
      return run_checked(*flags, kind, [](auto& plan, auto& to) {
        return run_peer_replay(plan.events_max, to, plan.server_pid);
      });
    };
  });
}

void add_kind(CLI::App& parent, const peer_kind& kind, tools::action& chosen) {
  auto command = parent.add_subcommand(kind.name, kind.description);
  command->require_subcommand(1);
  add_publish(*command, kind, chosen);
  add_latency(*command, kind, chosen);
  add_replay(*command, kind, chosen);
}

} // namespace

void add_peer(CLI::App& app, tools::action& chosen) {
  auto command = app.add_subcommand(
    "peer", "Measure another event store, to compare with");
  command->require_subcommand(1);
  command->footer(
    "Examples:\n"
    "  eventd-bench peer redis publish --clients 64 --pipeline 64\n"
    "  eventd-bench peer nats latency --rate 1000 --duration 10");
  add_kind(*command, redis, chosen);
  add_kind(*command, nats, chosen);
}

} // namespace eventd::bench
