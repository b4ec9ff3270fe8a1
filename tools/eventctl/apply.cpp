// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/apply.hpp"

#include <iostream>
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tools/client/problem.hpp"
#include "tools/eventctl/change.hpp"
#include "tools/eventctl/manifests.hpp"

namespace eventd::eventctl {

namespace {

using tools::exit_code;

/// Sends one document; answers the word that tells what became of it.
result<change> apply_one(tools::http_client& server, const manifest& x,
                         const std::string& ns) {
  auto path = x.path(ns);
  auto before
    = server.send({"GET", path, {{"Accept", "application/json"}}, {}});
  if (!before)
    return before.error();
  auto answer = server.call({"PATCH",
                             path,
                             {{"Content-Type", "application/apply-patch+yaml"},
                              {"Accept", "application/json"}},
                             boost::json::serialize(x.body)});
  if (!answer)
    return answer.error();
  return change_of(before->ok() ? before->body : "", answer->status,
                   answer->body);
}

exit_code apply_all(const globals& shared,
                    const std::vector<std::string>& files) {
  auto manifests = load_manifests(files);
  if (!manifests)
    return tools::report(manifests.error());
  auto server = client_of(shared);
  if (!server)
    return tools::report(server.error());
  size_t failed = 0;
  auto code = exit_code::ok;
  for (auto& x : *manifests) {
    auto done = apply_one(*server, x, shared.ns);
    if (done) {
      std::cout << x.qualified() << ' ' << word_of(*done) << std::endl;
      continue;
    }
    auto why = done.error();
    why.detail = x.qualified() + ": " + tools::one_line(why);
    std::cerr << "error: " << why.detail << '\n';
    code = tools::exit_code_of(why.code);
    ++failed;
    // The next document would wait for the same dead server.
    if (code == exit_code::unreachable)
      break;
  }
  return failed > 0 && failed < manifests->size()
             && code != exit_code::unreachable
           ? exit_code::partial
           : code;
}

} // namespace

void add_apply(CLI::App& app, const globals& shared, tools::action& chosen) {
  auto files = std::make_shared<std::vector<std::string>>();
  auto command
    = app.add_subcommand("apply", "Create or change what manifests describe");
  command->footer("Examples:\n  eventctl apply -f orders.yaml\n"
                  "  cat *.yaml | eventctl apply -f -");
  command
    ->add_option("-f,--filename", *files,
                 "File with one or more documents, YAML or JSON; - for stdin; "
                 "may be repeated")
    ->required()
    ->allow_extra_args(false);
  command->callback([&shared, &chosen, files] {
    chosen = [&shared, files] { return apply_all(shared, *files); };
  });
}

} // namespace eventd::eventctl
