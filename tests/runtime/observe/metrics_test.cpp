// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/observe/metrics.hpp"

#include <set>

#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"

using namespace eventd;
using namespace eventd::runtime;

namespace {

std::string line(const std::string& page, const std::string& begin) {
  auto at = page.find("\n" + begin);
  if (at == std::string::npos)
    return {};
  return page.substr(at + 1, page.find('\n', at + 1) - at - 1);
}

} // namespace

TEST_CASE("a histogram's buckets count up and end with all",
          "[observe][metrics]") {
  publish_stats publishes;
  actors::node_stats stats;
  stats.fsync_duration.record(100);        // 0.0001 s
  stats.fsync_duration.record(2'400);      // up to 0.0025 s
  stats.fsync_duration.record(40'000'000); // beyond the last
  auto page = render_metrics({"1", publishes, stats});
  std::string name = "eventd_log_fsync_duration_seconds";
  CHECK(line(page, name + "_bucket{le=\"0.0001\"}").ends_with(" 1"));
  CHECK(line(page, name + "_bucket{le=\"0.001\"}").ends_with(" 1"));
  CHECK(line(page, name + "_bucket{le=\"0.0025\"}").ends_with(" 2"));
  CHECK(line(page, name + "_bucket{le=\"30\"}").ends_with(" 2"));
  CHECK(line(page, name + "_bucket{le=\"+Inf\"}").ends_with(" 3"));
  CHECK(line(page, name + "_sum") == name + "_sum 40.0025");
  CHECK(line(page, name + "_count") == name + "_count 3");
}

TEST_CASE("every sample stands under its HELP and TYPE", "[observe][metrics]") {
  publish_stats publishes;
  publishes.of("prod/orders")->count(202);
  actors::node_stats stats;
  auto page = render_metrics({"1", publishes, stats});
  std::set<std::string> typed;
  size_t samples = 0;
  for (size_t at = 0; at < page.size();) {
    auto end = page.find('\n', at);
    auto text = page.substr(at, end - at);
    at = end + 1;
    if (text.starts_with("# TYPE ")) {
      auto name = text.substr(7, text.find(' ', 7) - 7);
      CHECK(typed.insert(name).second); // Never twice.
      if (text.ends_with(" counter"))
        CHECK(name.ends_with("_total"));
    } else if (!text.starts_with("#")) {
      auto name = text.substr(0, text.find_first_of("{ "));
      for (std::string suffix : {"_bucket", "_sum", "_count"})
        if (name.ends_with("seconds" + suffix))
          name.resize(name.size() - suffix.size());
      INFO(text);
      CHECK(typed.contains(name));
      ++samples;
    }
  }
  CHECK(samples > 30);
}

TEST_CASE("publish requests are counted by channel and status",
          "[observe][metrics]") {
  publish_stats publishes;
  auto orders = publishes.of("prod/orders");
  orders->count(202);
  orders->count(202);
  orders->count(429);
  orders->count(599); // Not listed: as 500.
  CHECK(publishes.of("prod/orders") == orders);
  actors::node_stats stats;
  auto page = render_metrics({"1", publishes, stats});
  auto of = [&](const char* code) {
    return line(page, "eventd_publish_total{channel=\"prod/orders\",code=\""
                        + std::string{code} + "\"}");
  };
  CHECK(of("202").ends_with(" 2"));
  CHECK(of("429").ends_with(" 1"));
  CHECK(of("500").ends_with(" 1"));
  CHECK(of("404").empty());
}

TEST_CASE("past the cap channels are counted together as other",
          "[observe][metrics]") {
  publish_stats publishes;
  for (size_t i = 0; i < limits::metric_channels_max; ++i)
    publishes.of("n/c" + std::to_string(i));
  auto beyond = publishes.of("n/one-more");
  CHECK(beyond == publishes.of("n/another"));
  CHECK(beyond != publishes.of("n/c0"));
  beyond->count(202);
  CHECK(publishes.snapshot().size() == limits::metric_channels_max + 1);
  actors::node_stats stats;
  auto page = render_metrics({"1", publishes, stats});
  CHECK(line(page, "eventd_publish_total{channel=\"other\",code=\"202\"}")
          .ends_with(" 1"));
}

TEST_CASE("labels are escaped and subscriptions show their lag",
          "[observe][metrics]") {
  CHECK(escape_label("a\"b\\c\nd") == "a\\\"b\\\\c\\nd");
  publish_stats publishes;
  actors::node_stats stats;
  stats.deliveries = 5;
  stats.deliveries_failed = 2;
  metrics_input input{"1\"", publishes, stats};
  actors::subscription_status x;
  x.namespace_name = "prod";
  x.name = "billing";
  x.channel = "orders";
  x.low = log_offset{3};
  x.end = log_offset{10};
  x.waiting = 4;
  input.subscriptions = {x};
  actors::channel_status channel;
  channel.info.namespace_name = "prod";
  channel.info.name = "orders";
  channel.end = log_offset{10};
  channel.bytes = 2'560;
  input.channels = {channel};
  auto page = "\n" + render_metrics(input);
  std::string labels
    = "{subscription=\"prod/billing\",channel=\"prod/orders\"} ";
  CHECK(page.find("eventd_subscription_lag_events" + labels + "7\n")
        != std::string::npos);
  CHECK(page.find("eventd_subscription_waiting_events" + labels + "4\n")
        != std::string::npos);
  CHECK(line(page, "eventd_channel_end_offset{channel=\"prod/orders\"}")
          .ends_with(" 10"));
  CHECK(line(page, "eventd_channel_stored_bytes").ends_with(" 2560"));
  CHECK(line(page, "eventd_delivery_attempts_total{result=\"success\"}")
          .ends_with(" 3"));
  CHECK(page.find("version=\"1\\\"\"") != std::string::npos);
}

TEST_CASE("the process has figures of its own", "[observe][metrics]") {
  auto x = read_process_figures();
  CHECK(x.resident_bytes > 1'000'000);
  CHECK(x.open_fds >= 3);
  CHECK(x.cpu_seconds >= 0);
}
