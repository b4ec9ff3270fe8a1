// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/globals.hpp"

#include <cstdlib>

#include <unistd.h>

#include "tools/client/command_line.hpp"

namespace eventd::eventctl {

result<tools::http_client> client_of(const globals& x,
                                     tools::client_options how) {
  auto to = tools::parse_url(tools::server_or_default(x.server));
  if (!to)
    return to.error();
  how.stop = &tools::interrupted();
  return tools::http_client{std::move(*to), how};
}

output_format format_of(const globals& x) {
  if (x.output == "yaml")
    return output_format::yaml;
  if (x.output == "json" || (x.output.empty() && !isatty(STDOUT_FILENO)))
    return output_format::json;
  return output_format::table;
}

bool colors_of(const globals& x) {
  auto refused = std::getenv("NO_COLOR");
  return !x.no_color && (refused == nullptr || *refused == '\0')
         && isatty(STDOUT_FILENO) != 0;
}

} // namespace eventd::eventctl
