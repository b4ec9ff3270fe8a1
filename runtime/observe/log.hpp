// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <spdlog/common.h>

#include "storage/model/error.hpp"

namespace eventd::runtime {

enum class log_format : uint8_t {
  logfmt, ///< ts=2026-01-02T03:04:05.678Z level=info msg="ready"
  json,   ///< {"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"ready"}
};

struct log_options {
  std::string level = "info"; ///< trace, debug, info, warn, error or off.
  log_format format = log_format::logfmt;
};

/// Makes spdlog's default logger write one line a message on standard error,
/// whatever a message holds: control characters are escaped. Call once, before
/// other threads log. Blocking: each line is written before the call returns.
/// @errors `ec::invalid_config` for a level that is none
result<void> set_up_log(const log_options& options);

/// One line as `set_up_log` writes it, with its end. Pure.
/// @param ms since 1970 UTC
std::string log_line(log_format format, int64_t ms, std::string_view level,
                     std::string_view message);

} // namespace eventd::runtime
