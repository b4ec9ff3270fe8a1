// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/observe/log.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <optional>

#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "runtime/gateway/problem.hpp"
#include "runtime/gateway/times.hpp"

namespace eventd::runtime {

namespace {

struct level_row {
  std::string_view name;
  spdlog::level::level_enum level;
};

constexpr auto levels = std::to_array<level_row>({
  {"trace", spdlog::level::trace},
  {"debug", spdlog::level::debug},
  {"info", spdlog::level::info},
  {"warn", spdlog::level::warn},
  {"error", spdlog::level::err},
  {"off", spdlog::level::off},
});

std::string_view name_of_level(spdlog::level::level_enum level) {
  for (const auto& row : levels)
    if (row.level == level)
      return row.name;
  return "error"; // "critical" is not used apart.
}

class line_formatter final : public spdlog::formatter {
public:
  explicit line_formatter(log_format format) : format_(format) {}

  void format(const spdlog::details::log_msg& what,
              spdlog::memory_buf_t& out) override {
    auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                what.time.time_since_epoch())
                .count();
    auto line = log_line(format_, ms, name_of_level(what.level),
                         {what.payload.data(), what.payload.size()});
    out.append(line.data(), line.data() + line.size());
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<line_formatter>(format_);
  }

private:
  log_format format_;
};

} // namespace

std::string log_line(log_format format, int64_t ms, std::string_view level,
                     std::string_view message) {
  std::string out;
  if (format == log_format::json) {
    out = "{\"ts\":\"" + to_rfc3339(ms) + "\",\"level\":\"";
    out.append(level).append("\",\"msg\":");
    append_json_string(out, message);
    out += "}\n";
    return out;
  }
  out = "ts=" + to_rfc3339(ms) + " level=";
  out.append(level).append(" msg=");
  append_json_string(out, message);
  out += '\n';
  return out;
}

result<void> set_up_log(const log_options& options) {
  std::optional<spdlog::level::level_enum> level;
  for (const auto& row : levels)
    if (row.name == options.level)
      level = row.level;
  if (!level)
    return failure{ec::invalid_config,
                   "log level must be trace, debug, info, warn, error or off, "
                   "not \""
                     + options.level + "\"",
                   "log-level"};
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("eventd", sink);
  logger->set_formatter(std::make_unique<line_formatter>(options.format));
  logger->set_level(*level);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

} // namespace eventd::runtime
