// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/describe.hpp"

#include <chrono>
#include <iostream>
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/parse.hpp>

#include "tools/eventctl/description.hpp"
#include "tools/eventctl/kind.hpp"

namespace eventd::eventctl {

namespace {

using tools::exit_code;

exit_code describe(const globals& shared, const std::string& word,
                   const std::string& name) {
  using namespace std::chrono;
  auto of = kind_of_word(word);
  if (!of)
    return tools::report(of.error());
  auto server = client_of(shared);
  if (!server)
    return tools::report(server.error());
  auto answer
    = server->call({"GET",
                    of->path(shared.ns) + "/" + tools::percent_encoded(name),
                    {{"Accept", "application/json"}},
                    {}});
  if (!answer)
    return tools::report(answer.error());
  boost::system::error_code wrong;
  auto found = boost::json::parse(answer->body, wrong);
  if (wrong)
    return tools::report({ec::internal, "the server's answer is not JSON"});
  auto now
    = duration_cast<milliseconds>(system_clock::now().time_since_epoch());
  std::cout << description_of(found, now.count(), colors_of(shared))
            << std::flush;
  return exit_code::ok;
}

} // namespace

void add_describe(CLI::App& app, const globals& shared, tools::action& chosen) {
  auto word = std::make_shared<std::string>();
  auto name = std::make_shared<std::string>();
  auto command = app.add_subcommand("describe", "Tell all about one resource");
  command->footer("Example:\n  eventctl describe subscription billing -n shop");
  command->add_option("KIND", *word, "channel (ch) or subscription (sub)")
    ->required();
  command->add_option("NAME", *name, "Its name")->required();
  command->callback([&shared, &chosen, word, name] {
    chosen = [&shared, word, name] { return describe(shared, *word, *name); };
  });
}

} // namespace eventd::eventctl
