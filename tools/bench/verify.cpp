// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/verify.hpp"

#include <iostream>
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/bench/ack_ledger.hpp"
#include "tools/client/event_stream.hpp"

namespace eventd::bench {

namespace {

using tools::exit_code;

struct verify_flags {
  std::string acked;
  std::string server;
  std::string channel;
  std::string input;
  std::string delivered;
};

template <class Function>
void each_line(std::string_view text, Function call) {
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.empty())
      call(line);
  }
}

result<void> note_channel(ack_ledger& ledger, const verify_flags& x) {
  auto server = tools::parse_url(tools::server_or_default(x.server));
  if (!server)
    return server.error();
  auto channel = tools::parse_channel(x.channel);
  if (!channel)
    return channel.error();
  tools::event_stream stream{tools::http_client{*server}};
  auto begun = stream.open(*channel, {});
  if (!begun)
    return begun.error();
  for (;;) {
    auto lines = stream.next();
    if (!lines)
      return lines.error();
    if (lines->empty())
      return {};
    each_line(*lines, [&](auto line) { ledger.note_read(line); });
  }
}

result<std::vector<std::string>> compare(ack_ledger& ledger,
                                         const verify_flags& x) {
  if (!x.channel.empty()) {
    if (auto noted = note_channel(ledger, x); !noted)
      return noted.error();
    return ledger.read_problems();
  }
  auto text = tools::read_file(x.input.empty() ? x.delivered : x.input);
  if (!text)
    return text.error();
  if (x.input.empty()) {
    each_line(*text, [&](auto line) { ledger.note_delivered(line); });
    return ledger.delivery_problems();
  }
  each_line(*text, [&](auto line) { ledger.note_read(line); });
  return ledger.read_problems();
}

exit_code verify(const verify_flags& x) {
  auto text = tools::read_file(x.acked);
  if (!text)
    return tools::report(text.error());
  auto ledger = ack_ledger::parse(*text);
  if (!ledger)
    return tools::report(
      {ledger.error().code, x.acked + ": " + ledger.error().detail});
  auto problems = compare(*ledger, x);
  if (!problems)
    return tools::report(problems.error());
  for (auto& problem : *problems)
    std::cout << problem << '\n';
  std::cout.flush();
  std::cerr << ledger->acked() << " acknowledged events, "
            << (problems->empty()
                  ? "all there\n"
                  : std::to_string(problems->size()) + " problems\n");
  return problems->empty() ? exit_code::ok : exit_code::error;
}

} // namespace

void add_verify(CLI::App& app, tools::action& chosen) {
  auto x = std::make_shared<verify_flags>();
  auto command = app.add_subcommand(
    "verify", "Check that all that was acknowledged is there, once, in place");
  command->footer(
    "Examples:\n"
    "  eventd-bench verify --acked acked.txt --channel default/bench\n"
    "  eventd-bench verify --acked acked.txt --delivered sink.ndjson");
  command
    ->add_option("--acked", x->acked,
                 "Lines \"offset id\", as publish --acked writes them")
    ->required();
  command->add_option("--server", x->server,
                      "URL; else EVENTD_SERVER, else http://127.0.0.1:8080");
  auto what = command->add_option_group("what", "What is compared with it");
  what->add_option("--channel", x->channel, "A channel, read now");
  what->add_option("--input", x->input, "NDJSON that was read; - for stdin");
  what->add_option("--delivered", x->delivered,
                   "Output of a sink, where each event must be at least once");
  what->require_option(1);
  command->callback([&chosen, x] { chosen = [x] { return verify(*x); }; });
}

} // namespace eventd::bench
