// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/remove.hpp"

#include <iostream>
#include <memory>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/client/problem.hpp"
#include "tools/eventctl/kind.hpp"
#include "tools/eventctl/manifests.hpp"

namespace eventd::eventctl {

namespace {

using tools::exit_code;

struct delete_options {
  std::string kind;
  std::string name;
  std::vector<std::string> files;
  bool ignore_not_found = false;
};

result<std::vector<manifest>> wanted(const delete_options& x) {
  if (!x.files.empty())
    return load_manifests(x.files);
  auto of = kind_of_word(x.kind);
  if (!of)
    return of.error();
  return std::vector<manifest>{{*of, "", x.name, {}}};
}

exit_code remove_all(const globals& shared, const delete_options& x) {
  auto manifests = wanted(x);
  if (!manifests)
    return tools::report(manifests.error());
  auto server = client_of(shared);
  if (!server)
    return tools::report(server.error());
  size_t failed = 0;
  auto code = exit_code::ok;
  for (auto& each : *manifests) {
    auto answer = server->call({"DELETE", each.path(shared.ns), {}, {}});
    if (answer) {
      std::cout << each.qualified() << " deleted" << std::endl;
      continue;
    }
    if (answer.error() == ec::not_found && x.ignore_not_found)
      continue;
    std::cerr << "error: " << each.qualified() << ": "
              << tools::one_line(answer.error()) << '\n';
    code = tools::exit_code_of(answer.error().code);
    ++failed;
    if (code == exit_code::unreachable)
      return code;
  }
  return failed > 0 && failed < manifests->size() ? exit_code::partial : code;
}

} // namespace

void add_remove(CLI::App& app, const globals& shared, tools::action& chosen) {
  auto x = std::make_shared<delete_options>();
  auto command = app.add_subcommand("delete", "Delete resources");
  command->footer("Examples:\n  eventctl delete channel orders -n shop\n"
                  "  eventctl delete -f orders.yaml");
  command->add_option("KIND", x->kind, "channel (ch) or subscription (sub)");
  command->add_option("NAME", x->name, "Its name");
  command
    ->add_option(
      "-f,--filename", x->files,
      "Delete what this file describes; - for stdin; may be repeated")
    ->allow_extra_args(false);
  command->add_flag("--ignore-not-found", x->ignore_not_found,
                    "What is not there counts as deleted");
  command->callback([&shared, &chosen, x] {
    if (x->files.empty() == x->name.empty())
      throw CLI::ValidationError("give either KIND and NAME, or -f FILE");
    chosen = [&shared, x] { return remove_all(shared, *x); };
  });
}

} // namespace eventd::eventctl
