// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <catch2/catch_test_macros.hpp>

#include "storage/model/limits.hpp"
#include "tests/system/trial.hpp"

/// a node dies, or loses its power, at each step of what it writes
/// (tests/faulty/fault_file_system.hpp has the names), while it works.

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr int killed = 137;

/// How long a point may take to be reached.
constexpr std::chrono::milliseconds reach_max{20'000};

/// What leads a node to a point.
enum class way {
  load,     ///< It works.
  election, ///< The channel's leader dies.
  restart,  ///< It starts.
  peer,     ///< Another one starts.
  replaced, ///< Another one starts with an empty disk.
  wiped,    ///< It starts with an empty disk.
  diverged, ///< It starts with entries that the others do not have.
  created,  ///< A channel is made.
  reclaimed ///< A channel that holds much is removed.
};

struct failpoint {
  std::string name;
  way how;
};

/// The least that --raft-log-entries allows: the Raft start moves all the time,
/// and a node with an empty disk must copy.
const std::vector<std::string> short_log{"--raft-log-entries", "100"};

const std::string dead_channel = "test/dead";

/// Whether the third subscriber refuses an event for good.
bool is_poison(const std::string& id) {
  return id.ends_with("00");
}

class failpoint_world {
public:
  explicit failpoint_world(const std::string& name,
                           std::vector<std::string> flags = short_log)
    : trial_(name, {.flags = std::move(flags), .program = "eventd_faulty"}),
      nodes_(trial_.nodes()) {
    nodes_.create_channel(dead_channel);
    json::object dead{{"apiVersion", "messaging.knative.dev/v1"},
                      {"kind", "Channel"},
                      {"name", "dead"}};
    nodes_.create_subscription(
      {"third",
       trial_.channel(),
       sink_.url(),
       {{"retry", 0}, {"deadLetterSink", json::object{{"ref", dead}}}},
       {{"start", "earliest"}, {"max-in-flight", "256"}}});
  }

  /// A node dies there, and comes back.
  void die_at(const failpoint& x, bool cut) {
    // Only a leader has what nobody else has.
    auto n = x.how == way::diverged ? trial_.leader() : trial_.follower();
    auto line = (cut ? "cut-at " : "die ") + x.name + " 1";
    INFO(line << ", node " << n);
    lead_to(x.how, n, line);
    auto code = nodes_.wait_end(n, reach_max);
    {
      INFO(nodes_.last_words());
      REQUIRE(code == killed);
      CHECK(nodes_.log_of(n).find(" at " + x.name) != std::string::npos);
    }
    ++hits_;
    for (size_t i = 1; i <= nodes_.size(); ++i)
      if (!nodes_.is_running(i))
        nodes_.start(i);
    for (size_t i = 1; i <= nodes_.size(); ++i)
      nodes_.wait_ready(i);
    nodes_.wait_healthy(60s);
    CHECK(trial_.progresses(50, 10s));
  }

  void settle() {
    trial_.before_stop(
      [this](const std::set<std::string>& ids) { check_dead(ids); });
    trial_.settle();
    std::cout << "R-18: died at a failpoint " << hits_ << " times\n"
              << std::flush;
  }

private:
  void lead_to(way how, size_t n, const std::string& line) {
    switch (how) {
    case way::load:
      return nodes_.fault(n, line);
    case way::election:
      nodes_.fault(n, line);
      return nodes_.kill(trial_.leader());
    case way::created:
      nodes_.fault(n, line);
      return nodes_.create_channel("test/more" + std::to_string(++made_));
    case way::peer:
      nodes_.fault(n, line);
      return restart_other(n, false);
    case way::replaced:
      nodes_.fault(n, line);
      return restart_other(n, true);
    case way::reclaimed:
      return fill_and_remove(n, line);
    case way::diverged:
      return diverge(n, line);
    case way::restart:
    case way::wiped:
      nodes_.kill(n);
      if (how == way::wiped)
        nodes_.wipe(n);
      return nodes_.start(n, line);
    }
  }

  void restart_other(size_t n, bool wipe) {
    auto other = nodes_.other_than({n, trial_.leader()});
    nodes_.kill(other);
    if (wipe)
      nodes_.wipe(other);
    nodes_.start(other);
  }

  /// `n` leads, and hears of events that nobody else does.
  void diverge(size_t n, const std::string& line) {
    std::vector<size_t> others;
    for (size_t i = 1; i <= nodes_.size(); ++i)
      if (i != n)
        others.push_back(i);
    // The followers are gone first, so that whom `n` leads goes on with it.
    for (auto i : others)
      nodes_.kill(i);
    std::this_thread::sleep_for(100ms);
    nodes_.kill(n);
    for (auto i : others)
      nodes_.start(i);
    CHECK(trial_.progresses(100, 10s));
    nodes_.start(n, line);
  }

  void fill_and_remove(size_t n, const std::string& line) {
    auto name = "test/large" + std::to_string(++made_);
    nodes_.create_channel(name);
    // As large as a body may be, and more in all than a reclaim waits for.
    auto data = "\"" + std::string(limits::body_bytes_default - 2, 'x') + "\"";
    for (int i = 0; i < 24; ++i) {
      auto sent = nodes_.send(binary_event(name, std::to_string(i), data));
      INFO(sent.body);
      REQUIRE(sent.status == 202);
    }
    nodes_.fault(n, line);
    auto gone
      = nodes_.send({"DELETE", resource_path("channels", name), {}, {}});
    INFO(gone.body);
    REQUIRE(gone.status == 200);
  }

  /// What was refused for good is in the dead letter channel, all of it.
  void check_dead(const std::set<std::string>& ids) {
    std::set<std::string> wanted;
    std::copy_if(ids.begin(), ids.end(), std::inserter(wanted, wanted.end()),
                 is_poison);
    CHECK(!wanted.empty());
    auto missing = [&] {
      auto left = wanted;
      for (auto& x : nodes_.read_all(dead_channel))
        left.erase(x.id);
      return left.size();
    };
    size_t lost = 0;
    eventually([&] { return (lost = missing()) == 0; }, 60s);
    CHECK(lost == 0);
    std::cout << "R-18: " << wanted.size() << " dead letters, lost " << lost
              << '\n';
  }

  http_sink sink_{
    [](auto& x, size_t) { return answer(is_poison(x.id) ? 400 : 202); }, false};
  trial trial_;
  cluster& nodes_;
  size_t hits_ = 0;
  size_t made_ = 0;
};

const std::vector<failpoint> all_points{
  {"events/append", way::load},       {"events/sync", way::load},
  {"events/synced", way::load},       {"applied/append", way::load},
  {"applied/synced", way::load},      {"cursor/append", way::load},
  {"cursor/sync", way::load},         {"cursor/synced", way::load},
  {"dead-letter/append", way::load},  {"dead-letter/sync", way::load},
  {"dead-letter/synced", way::load},  {"start/append", way::load},
  {"start/sync", way::load},          {"start/synced", way::load},
  {"vote/append", way::election},     {"vote/sync", way::election},
  {"vote/synced", way::election},     {"barrier/append", way::election},
  {"barrier/sync", way::election},    {"barrier/synced", way::election},
  {"identity/append", way::restart},  {"identity/sync", way::restart},
  {"identity/synced", way::restart},  {"wal/create", way::restart},
  {"table/create", way::restart},     {"table/sync", way::restart},
  {"table/synced", way::restart},     {"manifest/create", way::restart},
  {"manifest/sync", way::restart},    {"manifest/synced", way::restart},
  {"other/sync", way::restart},       {"other/synced", way::restart},
  {"file/rename", way::restart},      {"file/delete", way::restart},
  {"folder/sync", way::restart},      {"folder/synced", way::restart},
  {"peer-boot/append", way::peer},    {"peer-boot/sync", way::peer},
  {"peer-boot/synced", way::peer},    {"members/append", way::replaced},
  {"members/sync", way::replaced},    {"members/synced", way::replaced},
  {"bootstrap/append", way::wiped},   {"bootstrap/sync", way::wiped},
  {"bootstrap/synced", way::wiped},   {"copy/append", way::wiped},
  {"copy/synced", way::wiped},        {"install/append", way::wiped},
  {"install/sync", way::wiped},       {"install/synced", way::wiped},
  {"truncate/append", way::diverged}, {"truncate/sync", way::diverged},
  {"truncate/synced", way::diverged}, {"channel/append", way::created},
  {"channel/sync", way::created},     {"channel/synced", way::created},
  {"resource/append", way::created},  {"resource/sync", way::created},
  {"resource/synced", way::created},
};

/// Compactions run beside all else.
const std::vector<failpoint> reclaim_points{
  {"table/create", way::reclaimed},    {"table/sync", way::reclaimed},
  {"table/synced", way::reclaimed},    {"manifest/sync", way::reclaimed},
  {"manifest/synced", way::reclaimed}, {"file/delete", way::reclaimed},
};

/// Dies at those that a log of one's own leads to, or at all others.
void die_at_some(failpoint_world& world, const std::vector<failpoint>& points,
                 bool cut, bool diverged) {
  for (auto& x : points)
    if ((x.how == way::diverged) == diverged)
      world.die_at(x, cut);
  world.settle();
}

void die_everywhere(const std::vector<failpoint>& points, bool cut) {
  const std::string name
    = cut ? "R-18 loss of power at failpoints" : "R-18 SIGKILL at failpoints";
  {
    failpoint_world world{name};
    die_at_some(world, points, cut, false);
  }
  if (std::none_of(points.begin(), points.end(),
                   [](auto& x) { return x.how == way::diverged; }))
    return;
  // With a short log it would copy the others' state instead of truncating.
  failpoint_world world{name + ", long log", {}};
  die_at_some(world, points, cut, true);
}

} // namespace

TEST_CASE("R-18: a node that loses its power at a failpoint loses nothing",
          "[system][cluster][disk]") {
  failpoint_world world{"R-18 death at some failpoints"};
  world.die_at({"events/sync", way::load}, true);
  world.die_at({"cursor/synced", way::load}, false);
  world.die_at({"vote/synced", way::election}, true);
  world.die_at({"start/sync", way::load}, true);
  world.die_at({"install/synced", way::wiped}, false);
  world.settle();
}

TEST_CASE("R-18, loss of power at each failpoint", "[system][cluster][.soak]") {
  die_everywhere(all_points, true);
}

TEST_CASE("R-18, SIGKILL at each failpoint", "[system][cluster][.soak]") {
  die_everywhere(all_points, false);
}

TEST_CASE("R-18, loss of power at each failpoint, once more",
          "[system][cluster][.soak]") {
  die_everywhere(all_points, true);
}

TEST_CASE("R-18, three times at each failpoint of a reclaim",
          "[system][cluster][.soak]") {
  for (auto cut : {true, false, true})
    die_everywhere(reclaim_points, cut);
}

} // namespace eventd::tests
