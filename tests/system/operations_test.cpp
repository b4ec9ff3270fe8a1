// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "tests/system/node.hpp"
#include "tests/system/sink.hpp"

namespace eventd::tests {

namespace {

/// Reads Prometheus' text format 0.0.4 and notes what a scraper would refuse.
class metrics_page {
public:
  explicit metrics_page(const std::string& text) {
    if (!text.ends_with('\n'))
      complain("the last line has no end");
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);)
      line.starts_with('#') ? comment(line) : sample(line);
    for (auto& [series, counts] : buckets_)
      check_buckets(series, counts);
  }

  const std::vector<std::string>& complaints() const { return complaints_; }

  /// Value of a series as it is written, or -1.
  double value(const std::string& series) const {
    auto found = values_.find(series);
    return found == values_.end() ? -1 : found->second;
  }

private:
  void complain(const std::string& what) { complaints_.push_back(what); }

  void comment(const std::string& line) {
    static const std::regex form{
      "# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)"};
    std::smatch found;
    if (!std::regex_match(line, found, form))
      return complain("not a comment: " + line);
    if (found[1] == "HELP")
      return;
    family_ = found[2];
    type_ = found[3];
    if (!families_.insert(family_).second)
      complain("a family twice: " + family_);
    if (type_ != "counter" && type_ != "gauge" && type_ != "histogram")
      complain("not a type: " + line);
    if ((type_ == "counter") != family_.ends_with("_total"))
      complain("counters, and only they, end in _total: " + family_);
  }

  void sample(const std::string& line) {
    static const std::regex form{
      R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-z_]+="([^"\\]|\\.)*",?)*\})? )re"
      R"re(([0-9.e+-]+|\+Inf|NaN))re"};
    std::smatch found;
    if (!std::regex_match(line, found, form))
      return complain("not a sample: " + line);
    std::string name = found[1];
    std::string labels = found[2];
    if (name.rfind(family_, 0) != 0
        || (type_ != "histogram" && name != family_))
      complain("outside its family: " + line);
    auto number = std::strtod(std::string{found[5]}.c_str(), nullptr);
    if (!values_.emplace(name + labels, number).second)
      complain("a series twice: " + name + labels);
    if (name.ends_with("_bucket"))
      buckets_[family_].push_back(number);
  }

  void check_buckets(const std::string& family,
                     const std::vector<double>& counts) {
    for (size_t i = 1; i < counts.size(); ++i)
      if (counts[i] < counts[i - 1])
        complain("buckets that shrink: " + family);
    if (value(family + "_bucket{le=\"+Inf\"}") != value(family + "_count")
        || value(family + "_sum") < 0)
      complain("a histogram that does not add up: " + family);
  }

  std::string family_;
  std::string type_;
  std::set<std::string> families_;
  std::map<std::string, double> values_;
  std::map<std::string, std::vector<double>> buckets_;
  std::vector<std::string> complaints_;
};

} // namespace

TEST_CASE("metrics are what Prometheus reads, and count what happened",
          "[system][operations]") {
  eventd_node node;
  http_sink good;
  http_sink bad{[](auto&, size_t) { return answer(400); }};
  node.create_channel("test/a");
  node.create_subscription(
    {"good", "test/a", good.url(), {}, {{"start", "earliest"}}});
  node.create_subscription(
    {"bad", "test/a", bad.url(), {}, {{"start", "earliest"}}});
  for (int i = 0; i < 5; ++i)
    node.publish("test/a", std::to_string(i));
  auto no_id = binary_event("test/a", "");
  CHECK(node.send(no_id).status == 400);
  REQUIRE(good.wait_count(5));
  REQUIRE(bad.wait_count(5));
  auto is_done = [&] {
    metrics_page now{node.get("/metrics").body};
    // What actors report of themselves comes up to a second later.
    return now.value("eventd_undelivered_total") == 5
           && now.value(R"(eventd_channel_end_offset{channel="test/a"})") == 5
           && now.value("eventd_subscription_lag_events{subscription="
                        R"("test/bad",channel="test/a"})")
                == 0;
  };
  CHECK(eventually(is_done));
  auto answer = node.get("/metrics");
  CHECK(answer.header("Content-Type").starts_with("text/plain; version=0.0.4"));
  metrics_page page{answer.body};
  CHECK(page.complaints() == std::vector<std::string>{});
  CHECK(page.value(R"(eventd_publish_total{channel="test/a",code="202"})")
        == 5);
  CHECK(page.value(R"(eventd_publish_total{channel="test/a",code="400"})")
        == 1);
  CHECK(page.value("eventd_publish_duration_seconds_count") == 6);
  CHECK(page.value("eventd_log_fsyncs_total") >= 5);
  CHECK(page.value("eventd_commit_duration_seconds_count") >= 5);
  CHECK(page.value("eventd_events_committed_total") == 5);
  CHECK(page.value(R"(eventd_delivery_attempts_total{result="success"})") == 5);
  CHECK(page.value(R"(eventd_delivery_attempts_total{result="failure"})") == 5);
  CHECK(page.value("eventd_delivery_duration_seconds_count") == 10);
  CHECK(page.value(R"(eventd_channel_end_offset{channel="test/a"})") == 5);
  CHECK(page.value(R"(eventd_channel_stored_bytes{channel="test/a"})") > 0);
  for (auto* name : {"good", "bad"})
    CHECK(page.value("eventd_subscription_lag_events{subscription=\"test/"
                     + std::string{name} + "\",channel=\"test/a\"}")
          == 0);
  CHECK(page.value("process_resident_memory_bytes") > 1e6);
  CHECK(page.value("process_open_fds") > 5);
}

TEST_CASE("a node tells its health, and its versions", "[system][operations]") {
  eventd_node node;
  for (auto* path : {"/healthz", "/livez", "/readyz", "/startupz"}) {
    CHECK(node.get(path).status == 200);
    CHECK(node.send({"POST", path, {}, {}}).status == 405);
  }
  auto version = node.get("/version");
  CHECK(version.status == 200);
  CHECK_FALSE(text_at(version.body, "/eventd").empty());
  CHECK_FALSE(text_at(version.body, "/rocksdb").empty());
  CHECK(node.get("/").status == 404);
  CHECK(node.get("/v1/none").status == 404);
}

TEST_CASE("logs are JSON, one object a line, where that is asked for",
          "[system][operations]") {
  eventd_node node{{"--log-format", "json", "--log-level", "debug"}};
  CHECK(node.stop() == 0);
  std::istringstream lines{node.running().err()};
  size_t n = 0;
  for (std::string line; std::getline(lines, line); ++n)
    CHECK_FALSE(text_at(line, "/level").empty());
  CHECK(n > 0);
}

} // namespace eventd::tests
