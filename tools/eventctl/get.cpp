// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/get.hpp"

#include <chrono>
#include <iostream>
#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/parse.hpp>

#include "tools/eventctl/kind.hpp"
#include "tools/eventctl/table.hpp"
#include "tools/eventctl/yaml_text.hpp"

namespace eventd::eventctl {

namespace {

namespace json = boost::json;
using tools::exit_code;

struct get_options {
  std::string kind;
  std::string name;
  bool all_namespaces = false;
};

int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch())
    .count();
}

void print_table(const globals& shared, const kind& of,
                 const json::value& found, bool with_namespace) {
  std::vector<json::value> items;
  if (auto list = find_at(found, {"items"}); list && list->is_array())
    items.assign(list->get_array().begin(), list->get_array().end());
  else
    items.push_back(found);
  if (items.empty()) {
    std::cerr << "no " << of.plural << " found\n";
    return;
  }
  auto rows = rows_of(of.name, items, with_namespace, now_ms());
  std::cout << to_text(rows, colors_of(shared));
}

exit_code show(const globals& shared, const get_options& x) {
  auto of = kind_of_word(x.kind);
  if (!of)
    return tools::report(of.error());
  auto server = client_of(shared);
  if (!server)
    return tools::report(server.error());
  auto path = of->path(x.all_namespaces ? "" : shared.ns);
  if (!x.name.empty())
    path += "/" + tools::percent_encoded(x.name);
  auto answer
    = server->call({"GET", path, {{"Accept", "application/json"}}, {}});
  if (!answer)
    return tools::report(answer.error());
  boost::system::error_code wrong;
  auto found = json::parse(answer->body, wrong);
  if (wrong)
    return tools::report({ec::internal, "the server's answer is not JSON"});
  switch (format_of(shared)) {
  case output_format::json:
    std::cout << to_pretty_json(found);
    break;
  case output_format::yaml:
    std::cout << to_yaml(found);
    break;
  case output_format::table:
    print_table(shared, *of, found, x.all_namespaces);
  }
  std::cout.flush();
  return exit_code::ok;
}

} // namespace

void add_get(CLI::App& app, const globals& shared, tools::action& chosen) {
  auto x = std::make_shared<get_options>();
  auto command = app.add_subcommand("get", "List resources, or show one");
  command->footer("Examples:\n  eventctl get channels\n"
                  "  eventctl get sub billing -n shop -o yaml");
  command->add_option("KIND", x->kind, "channel (ch) or subscription (sub)")
    ->required();
  command->add_option("NAME", x->name, "Only this one");
  command->add_flag("-A,--all-namespaces", x->all_namespaces,
                    "Of all namespaces");
  command->callback([&shared, &chosen, x] {
    if (x->all_namespaces && !x->name.empty())
      throw CLI::ValidationError("a NAME is of one namespace: leave out -A");
    chosen = [&shared, x] { return show(shared, *x); };
  });
}

} // namespace eventd::eventctl
