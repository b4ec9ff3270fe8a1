// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/system/trial.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string_view>

#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "tools/client/event_text.hpp"

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds drain_limit{60'000};
constexpr std::chrono::milliseconds consumer_limit{10'000};

/// `replay` of a stopped node that is no longer sure of its log's end.
constexpr int partly_done = 6;

/// How many events a stopped node may not know to be committed: what came in
/// after it last heard how far the others are.
constexpr size_t tail_events_max = 1'000;

std::vector<sighting> sightings_of(const std::vector<stored_event>& log) {
  std::vector<sighting> out;
  for (auto& x : log)
    out.push_back(
      {x.offset, has_own_data(x) ? x.id : "not as it was sent: " + x.line});
  return out;
}

size_t missing(const http_sink& sink, const std::set<std::string>& wanted) {
  auto ids = sink.ids();
  std::set<std::string> came{ids.begin(), ids.end()};
  return static_cast<size_t>(std::count_if(
    wanted.begin(), wanted.end(), [&](auto& x) { return !came.contains(x); }));
}

/// Lines of the nodes' logs that tell of a broken program.
std::string crash_lines(const std::string& logs) {
  std::string out;
  for (std::string_view rest = logs; !rest.empty();) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    for (auto sign : {"assert", "Assert", "Sanitizer", "terminate called",
                      "runtime error", "Segmentation"})
      if (line.find(sign) != line.npos) {
        out += std::string{line} + "\n";
        break;
      }
  }
  return out;
}

} // namespace

trial::trial(std::string fault, trial_options options)
  : fault_(std::move(fault)), fills_disks_(options.fills_disks) {
  if (options.own_net)
    network_ = std::make_unique<own_network>();
  auto look = [this](const delivery& x, size_t) {
    if (x.body != own_data(x.id))
      ++damaged_deliveries_;
    return answer(202);
  };
  first_ = std::make_unique<http_sink>(look, false);
  second_ = std::make_unique<http_sink>(look, false);
  nodes_
    = std::make_unique<cluster>(options.nodes, options.flags, options.prepare,
                                options.program, options.data_root);
  nodes_->create_channel(channel_);
  nodes_->create_subscription(
    {"first",
     channel_,
     first_->url(),
     {},
     {{"start", "earliest"}, {"max-in-flight", "256"}}});
  nodes_->create_subscription(
    {"second",
     channel_,
     second_->url(),
     {},
     {{"start", "earliest"}, {"max-in-flight", "256"}}});
  load_options how;
  how.again = options.again;
  begun_ = clock::now();
  work_ = std::make_unique<load>(nodes_->urls(), channel_, how);
  INFO(nodes_->last_words());
  REQUIRE(progresses(100, patience));
}

bool trial::progresses(size_t events, std::chrono::milliseconds limit) const {
  auto wanted = work_->acknowledged() + events;
  return eventually([&] { return work_->acknowledged() >= wanted; }, limit);
}

verdict trial::settle() {
  CHECK(progresses(1, consumer_limit));
  auto ended = clock::now();
  work_->stop_publishers();
  nodes_->wait_healthy(drain_limit, 0);
  auto log = nodes_->read_all(channel_);
  CHECK(work_->readers_reach(log.size(), consumer_limit));
  work_->stop_readers();
  auto all = work_->take();
  acks_ = all.acks();
  gap_ = longest_gap(acks_, begun_, ended);
  client_gap_ = all.client_gap(begun_, ended);
  all_ = all;
  all.append(std::move(more_));
  auto found = judge(all, sightings_of(log));
  std::cout << fault_ << ": acknowledged " << found.acknowledged << ", lost "
            << found.lost() << ", duplicates " << found.duplicates
            << ", longest gap " << gap_.count() << " ms, of one client "
            << client_gap_.count() << " ms\n"
            << std::flush;
  if (!found.clean())
    save(all);
  {
    INFO("prefix " << found.lost_prefix << ", middle " << found.lost_middle
                   << ", postfix " << found.lost_postfix << "\n"
                   << found.anomalies << nodes_->last_words());
    CHECK(found.clean());
  }
  {
    INFO(work_->strange_answer());
    CHECK(work_->strange() == 0);
    CHECK((fills_disks_ || work_->full() == 0));
  }
  tally(found);
  check_subscribers(all.acknowledged(), sightings_of(log));
  if (check_more_)
    check_more_(all.acknowledged());
  check_replicas(log);
  CHECK(crash_lines(nodes_->logs()) == "");
  std::vector<std::string> logs;
  for (size_t n = 1; n <= nodes_->size(); ++n)
    logs.push_back(nodes_->log_of(n));
  CHECK(double_elections(logs) == "");
  return found;
}

void trial::check_subscribers(const std::set<std::string>& acknowledged,
                              const std::vector<sighting>& log) const {
  for (auto* sink : {first_.get(), second_.get()}) {
    // It moves at once, and then has its time.
    auto more = std::min(sink->distinct() + 1, acknowledged.size());
    CHECK(sink->wait_distinct(more, consumer_limit));
    sink->wait_distinct(acknowledged.size(), drain_limit);
    CHECK(eventually([&] { return missing(*sink, acknowledged) == 0; },
                     consumer_limit));
    CHECK(zero_resets(sink->ids(), log) == 0);
  }
  CHECK(damaged_deliveries_ == 0);
}

/// Stops the nodes, and compares what each holds with what was read.
void trial::check_replicas(const std::vector<stored_event>& log) {
  std::string wanted;
  size_t ends_enough = 0;
  for (size_t i = 0; i < log.size(); ++i) {
    if (i + tail_events_max <= log.size())
      ends_enough = wanted.size();
    REQUIRE(tools::append_unmarked(wanted, log[i].line).has_value());
    wanted += '\n';
  }
  for (size_t n = 1; n <= nodes_->size(); ++n) {
    if (!nodes_->is_running(n))
      continue;
    INFO("node " << n);
    CHECK(nodes_->stop(n) == 0);
    auto file = nodes_->file("replica" + std::to_string(n)).string();
    auto read = run("replay",
                    {"--data-dir", nodes_->data_dir(n).string(), "--channel",
                     channel_, "--output", file},
                    {}, {}, drain_limit);
    INFO(read.err);
    CHECK((read.code == 0 || read.code == partly_done));
    auto held = file_text(file);
    INFO("holds " << held.size() << " bytes of " << wanted.size());
    auto same = std::string_view{wanted}.starts_with(held);
    CHECK(same);
    CHECK(held.size() >= ends_enough);
  }
}

/// For the sum over all trials: tests/system/sum_trials.
void trial::tally(const verdict& found) const {
  const char* path = std::getenv("EVENTD_TRIALS_FILE");
  if (path == nullptr)
    return;
  std::ofstream out{path, std::ios::app};
  out << fault_ << '\t' << found.acknowledged << '\t' << found.lost() << '\t'
      << (found.clean() ? "clean" : "not clean") << std::endl;
  CHECK(out.good());
}

void trial::save(const history& all) const {
  const char* folder = std::getenv("EVENTD_HISTORY_DIR");
  auto path = (folder ? std::filesystem::path{folder}
                      : std::filesystem::temp_directory_path())
              / ("eventd-history-" + std::to_string(::getpid()) + ".ndjson");
  std::ofstream out{path};
  all.write(out);
  std::cout << "the history is in " << path.string() << '\n';
}

} // namespace eventd::tests
