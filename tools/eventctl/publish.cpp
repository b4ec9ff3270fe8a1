// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/publish.hpp"

#include <charconv>
#include <iostream>
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/client/address.hpp"
#include "tools/client/cloudevent.hpp"
#include "tools/client/problem.hpp"
#include "tools/eventctl/batches.hpp"

namespace eventd::eventctl {

namespace {

using tools::exit_code;

struct publish_options {
  std::string channel;
  tools::event_fields event;
  std::string data;
  std::string ndjson;
  bool structured = false;
};

std::optional<uint64_t> number_of(std::string_view text) {
  uint64_t x = 0;
  auto end = text.data() + text.size();
  if (text.empty() || std::from_chars(text.data(), end, x).ptr != end)
    return std::nullopt;
  return x;
}

/// Prints the offset of each event that was stored now.
void print_offsets(const tools::http_answer& answer) {
  auto first = number_of(answer.header("Eventd-Offset"));
  auto count = number_of(answer.header("Eventd-Count")).value_or(1);
  auto twice = number_of(answer.header("Eventd-Duplicates")).value_or(0);
  if (twice > 0)
    std::cerr << twice << " stored before, not again\n";
  if (!first)
    return;
  // The only event of a request was stored before: that copy's offset.
  if (count == 0 && twice == 1)
    count = 1;
  for (uint64_t i = 0; i < count; ++i)
    std::cout << *first + i << '\n';
  std::cout.flush();
}

result<std::string> data_of(const std::string& text) {
  if (text == "-")
    return tools::read_file("-");
  if (text.starts_with("@"))
    return tools::read_file(text.substr(1));
  return text;
}

exit_code publish_one(tools::http_client& server, const std::string& path,
                      const publish_options& x) {
  auto event = x.event;
  auto data = data_of(x.data);
  if (!data)
    return tools::report(data.error());
  event.data = std::move(*data);
  if (event.id.empty())
    event.id = tools::random_id();
  auto text = tools::json_of(event);
  auto request
    = x.structured
        ? result<tools::http_request>{tools::structured_request(path, text)}
        : tools::binary_request(path, text);
  if (!request)
    return tools::report(request.error());
  auto answer = server.call(*request);
  if (!answer)
    return tools::report(answer.error());
  print_offsets(*answer);
  return exit_code::ok;
}

exit_code publish_lines(tools::http_client& server, const std::string& path,
                        const std::string& file) {
  auto text = tools::read_file(file);
  if (!text)
    return tools::report(text.error());
  bool some = false;
  for (auto& batch : batches_of(*text)) {
    auto answer = server.call(tools::batch_request(path, batch.joined));
    if (!answer) {
      std::cerr << "error: " << file << ": lines " << batch.first_line << " to "
                << batch.last_line
                << " were not stored: " << tools::one_line(answer.error())
                << '\n';
      return some ? exit_code::partial
                  : tools::exit_code_of(answer.error().code);
    }
    some = true;
    print_offsets(*answer);
  }
  return exit_code::ok;
}

exit_code publish(const globals& shared, const publish_options& x) {
  auto channel = tools::parse_channel(x.channel);
  if (!channel)
    return tools::report(channel.error());
  auto server = client_of(shared);
  if (!server)
    return tools::report(server.error());
  return x.ndjson.empty()
           ? publish_one(*server, channel->publish_path(), x)
           : publish_lines(*server, channel->publish_path(), x.ndjson);
}

} // namespace

void add_publish(CLI::App& app, const globals& shared, tools::action& chosen) {
  auto x = std::make_shared<publish_options>();
  x->event.type = "dev.eventd.message";
  x->event.source = "/eventctl";
  auto command = app.add_subcommand(
    "publish", "Send events to a channel; prints their offsets");
  command->footer(
    "Examples:\n"
    "  eventctl publish default/orders --type order.placed --data '{\"n\":1}'\n"
    "  eventctl publish default/orders --data @photo.jpg "
    "--content-type image/jpeg\n"
    "  eventctl publish default/orders --ndjson events.ndjson");
  command->add_option("CHANNEL", x->channel, "NAMESPACE/NAME")->required();
  command->add_option("--type", x->event.type, "What happened")
    ->capture_default_str();
  command->add_option("--source", x->event.source, "Where it happened")
    ->capture_default_str();
  command->add_option("--id", x->event.id,
                      "Unique in the source; default: "
                      "random");
  command->add_option("--subject", x->event.subject, "What it happened to");
  command->add_option("--data", x->data, "TEXT, @FILE, or - for stdin");
  command->add_option("--content-type", x->event.content_type,
                      "Of the data; default: guessed");
  command->add_flag("--structured", x->structured,
                    "Send the event as one JSON object");
  command->add_option("--ndjson", x->ndjson,
                      "Send each line of this file, an event in JSON, in "
                      "batches; - for stdin");
  command->callback([&shared, &chosen, x] {
    chosen = [&shared, x] { return publish(shared, *x); };
  });
}

} // namespace eventd::eventctl
