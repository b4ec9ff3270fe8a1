// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/observe/log.hpp"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <catch2/catch_test_macros.hpp>
#include <spdlog/spdlog.h>

using namespace eventd;
using namespace eventd::runtime;

TEST_CASE("a log line has time, level and message in both forms",
          "[observe][log]") {
  CHECK(log_line(log_format::logfmt, 1'767'323'045'678, "info", "ready")
        == "ts=2026-01-02T03:04:05.678Z level=info msg=\"ready\"\n");
  CHECK(log_line(log_format::json, 1'767'323'045'678, "warn", "slow")
        == "{\"ts\":\"2026-01-02T03:04:05.678Z\",\"level\":\"warn\","
           "\"msg\":\"slow\"}\n");
}

TEST_CASE("a message can not make a second line or move a terminal",
          "[observe][log]") {
  std::string nasty = "a\r\nlevel=error msg=\"forged\"\x1b[2J\xc2\x9b\x7f";
  for (auto format : {log_format::logfmt, log_format::json}) {
    auto line = log_line(format, 0, "info", nasty);
    CHECK(std::count(line.begin(), line.end(), '\n') == 1);
    CHECK(line.find('\x1b') == std::string::npos);
    CHECK(line.find('\x7f') == std::string::npos);
    CHECK(line.find("\xc2\x9b") == std::string::npos);
    CHECK(line.find("msg=\"forged\"") == std::string::npos);
  }
  auto parsed
    = boost::json::parse(log_line(log_format::json, 0, "info", nasty));
  CHECK(parsed.at("msg").as_string() == nasty);
}

TEST_CASE("a level that is none is refused and a right one is set",
          "[observe][log]") {
  auto before = spdlog::default_logger();
  auto bad = set_up_log({"loud", log_format::logfmt});
  REQUIRE_FALSE(bad.has_value());
  CHECK(bad.error() == ec::invalid_config);
  CHECK(spdlog::default_logger() == before);
  REQUIRE(set_up_log({"warn", log_format::json}).has_value());
  CHECK(spdlog::should_log(spdlog::level::warn));
  CHECK_FALSE(spdlog::should_log(spdlog::level::info));
  spdlog::set_default_logger(before);
}
