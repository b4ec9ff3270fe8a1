// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/system/cluster.hpp"

#include <algorithm>
#include <csignal>
#include <functional>
#include <thread>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tools/client/address.hpp"
#include "tools/client/event_stream.hpp"

namespace eventd::tests {

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

/// A node takes 10 s at most to hand over and to drain.
constexpr std::chrono::milliseconds stop_limit{15'000};
constexpr std::chrono::milliseconds look_interval{25};
constexpr size_t last_words_bytes = 2'000;

uint64_t number_at(const json::value& in, const std::string& pointer) {
  auto text = text_at(in, pointer);
  return text.empty() ? 0 : std::stoull(text);
}

const json::array& list_at(const json::value& in, const char* key) {
  static const json::array none;
  auto* x = in.is_object() ? in.as_object().if_contains(key) : nullptr;
  return x && x->is_array() ? x->as_array() : none;
}

const json::value* find(const json::array& list, const std::string& key,
                        uint64_t wanted) {
  for (auto& x : list)
    if (number_at(x, "/" + key) == wanted)
      return &x;
  return nullptr;
}

bool is_level(const json::value& shard, uint64_t lag_max) {
  if (text_at(shard, "/health") != "ok")
    return false;
  auto& replicas = list_at(shard, "replicas");
  return !replicas.empty()
         && std::all_of(replicas.begin(), replicas.end(), [&](auto& x) {
              return text_at(x, "/role") == "voter"
                     && number_at(x, "/lag") <= lag_max;
            });
}

/// Like `eventually`, for what costs the nodes some work to answer.
bool in_time(const std::function<bool()>& condition,
             std::chrono::milliseconds limit = patience) {
  return eventually(
    [&] {
      if (condition())
        return true;
      std::this_thread::sleep_for(look_interval);
      return false;
    },
    limit);
}

std::optional<std::vector<stored_event>> read_once(tools::http_client from,
                                                   const std::string& channel) {
  tools::event_stream stream{std::move(from)};
  if (!stream.open(*tools::parse_channel(channel), {}))
    return std::nullopt;
  std::vector<stored_event> out;
  for (;;) {
    auto lines = stream.next();
    if (!lines)
      return std::nullopt;
    if (lines->empty())
      return out;
    for (auto rest = *lines; !rest.empty();) {
      auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(line.size() + 1);
      auto x = event_of(line);
      REQUIRE(x.has_value());
      out.push_back(std::move(*x));
    }
  }
}

} // namespace

cluster::cluster(size_t nodes, std::vector<std::string> flags,
                 const std::function<void(cluster&)>& prepare,
                 std::string program, std::filesystem::path data_root)
  : flags_(std::move(flags)), program_(std::move(program)),
    data_root_(data_root.empty() ? file("") : std::move(data_root)) {
  for (size_t n = 1; n <= nodes; ++n)
    add_place();
  if (prepare)
    prepare(*this);
  for (size_t n = 1; n <= nodes; ++n)
    start(n);
  for (size_t n = 1; n <= nodes; ++n)
    wait_ready(n);
  wait_healthy();
}

size_t cluster::add_place() {
  auto n = static_cast<uint32_t>(size() + 1);
  auto port = free_port(n);
  auto link_port = free_port(n);
  while (link_port == port)
    link_port = free_port(n);
  members_.push_back({.port = port, .link_port = link_port});
  return n;
}

void cluster::start(size_t n, const std::string& faults) {
  auto& how = at(n).how;
  auto peers = how.peers;
  for (size_t i = 1; i <= size() && how.peers.empty(); ++i)
    peers += (i == 1 ? "" : ",") + peer(i);
  auto own = peer(n);
  std::vector<std::string> args{"--listen",
                                url(n).substr(std::string{"http://"}.size()),
                                "--data-dir", data_dir(n).string()};
  if (!how.alone)
    args.insert(args.end(), {"--node-id", std::to_string(n), "--cluster-listen",
                             own.substr(own.find('=') + 1), "--peers", peers});
  args.insert(args.end(), flags_.begin(), flags_.end());
  args.insert(args.end(), how.flags.begin(), how.flags.end());
  at(n).log = log_of(n);
  at(n).paused = false;
  at(n).running
    = std::make_unique<process>(how.program.empty() ? program_ : how.program,
                                args, "", environment(n, faults));
}

void cluster::wait_ready(size_t n, std::chrono::milliseconds limit) {
  auto address = at(n).running->wait_for_line("ready ", limit);
  std::string seen;
  for (size_t i = 1; i <= size() && !address; ++i)
    if (auto x = view(i))
      seen += json::serialize(*x) + "\n";
  INFO("node " << n << "\n" << seen << last_words());
  REQUIRE(address == url(n));
}

bool cluster::is_healthy(uint64_t lag_max) const {
  for (size_t n = 1; n <= size(); ++n) {
    if (!is_running(n) || at(n).how.alone)
      continue;
    auto now = view(n);
    if (!now)
      return false;
    auto& shards = list_at(*now, "shards");
    // Who does not lead a shard may know less of it than who does.
    for (auto& x : shards)
      if (number_at(x, "/leader") == 0
          || (number_at(x, "/leader") == n && !is_level(x, lag_max)))
        return false;
    if (shards.empty())
      return false;
  }
  return true;
}

void cluster::wait_healthy(std::chrono::milliseconds limit, uint64_t lag_max) {
  auto healthy = in_time([&] { return is_healthy(lag_max); }, limit);
  std::string seen;
  for (size_t n = 1; n <= size() && !healthy; ++n)
    if (auto x = view(n))
      seen += json::serialize(*x) + "\n";
  INFO(seen << last_words());
  REQUIRE(healthy);
}

void cluster::kill(size_t n) {
  at(n).running->kill();
}

void cluster::pause(size_t n) {
  at(n).running->signal(SIGSTOP);
  at(n).paused = true;
}

void cluster::go_on(size_t n) {
  at(n).running->signal(SIGCONT);
  at(n).paused = false;
}

std::optional<int> cluster::stop(size_t n) {
  at(n).running->signal(SIGTERM);
  return at(n).running->wait(stop_limit);
}

void cluster::wipe(size_t n) {
  REQUIRE_FALSE(is_running(n));
  std::filesystem::remove_all(data_dir(n));
}

bool cluster::is_running(size_t n) const {
  auto& x = at(n).running;
  return x && !x->wait(0ms);
}

std::string cluster::peer(size_t n) const {
  return std::to_string(n) + "=" + link(n).host + ":"
         + std::to_string(link(n).port);
}

std::string cluster::url(size_t n) const {
  return "http://127.0.0." + std::to_string(n) + ":"
         + std::to_string(at(n).port);
}

std::vector<std::string> cluster::urls() const {
  std::vector<std::string> out;
  for (size_t n = 1; n <= size(); ++n)
    out.push_back(url(n));
  return out;
}

link_end cluster::link(size_t n) const {
  return {"127.0.0." + std::to_string(n), at(n).link_port};
}

std::filesystem::path cluster::data_dir(size_t n) const {
  return data_root_ / ("data" + std::to_string(n));
}

tools::http_client cluster::client(size_t n) const {
  return tools::http_client{*tools::parse_url(url(n)), {2s, 2s, nullptr}};
}

std::optional<json::value> cluster::view(size_t n) const {
  if (!is_running(n) || at(n).paused)
    return std::nullopt;
  auto given = client(n).send({"GET", "/v1/cluster", {}, {}});
  if (!given || given->status != 200)
    return std::nullopt;
  boost::system::error_code wrong;
  auto out = json::parse(given->body, wrong);
  return wrong ? std::nullopt : std::optional{std::move(out)};
}

bool cluster::sees(size_t n, size_t other) const {
  auto now = view(n);
  auto* found = now ? find(list_at(*now, "nodes"), "id", other) : nullptr;
  return found && text_at(*found, "/connected") == "true";
}

std::string cluster::server(size_t n) const {
  for (size_t i = 1; i <= size(); ++i)
    if (auto now = view(i))
      if (auto* found = find(list_at(*now, "nodes"), "id", n))
        return text_at(*found, "/server");
  return {};
}

size_t cluster::leader_of(uint64_t shard) const {
  uint64_t leader = 0;
  auto found = in_time([&] {
    uint64_t best = 0;
    leader = 0;
    for (size_t n = 1; n <= size(); ++n) {
      auto now = view(n);
      auto* x = now ? find(list_at(*now, "shards"), "shard", shard) : nullptr;
      if (!x || number_at(*x, "/leader") == 0 || number_at(*x, "/term") < best)
        continue;
      best = number_at(*x, "/term");
      leader = number_at(*x, "/leader");
    }
    // One that just died may still be told of.
    return leader != 0 && leader <= size() && is_running(leader);
  });
  INFO("shard " << shard << "\n" << last_words());
  REQUIRE(found);
  return leader;
}

uint64_t cluster::shard_of(const std::string& channel) const {
  return shards_.at(channel);
}

size_t cluster::leader_of_channel(const std::string& channel) const {
  return leader_of(shard_of(channel));
}

size_t cluster::other_than(std::vector<size_t> nodes) const {
  for (size_t n = 1; n <= size(); ++n)
    if (is_running(n) && !at(n).paused
        && std::find(nodes.begin(), nodes.end(), n) == nodes.end())
      return n;
  FAIL("no other node runs");
  return 0;
}

tools::http_answer cluster::send(const tools::http_request& what) const {
  tools::http_answer out;
  auto answered = in_time([&] {
    for (size_t n = 1; n <= size(); ++n) {
      if (!is_running(n) || at(n).paused)
        continue;
      auto given
        = tools::http_client{*tools::parse_url(url(n)), {2s, 7s, nullptr}}.send(
          what);
      if (given && given->status < 500) {
        out = std::move(*given);
        return true;
      }
    }
    return false;
  });
  INFO(what.method << " " << what.target << "\n" << last_words());
  REQUIRE(answered);
  return out;
}

void cluster::create_channel(const std::string& channel,
                             const std::map<std::string, std::string>& own) {
  auto made = send(channel_request(channel, own));
  INFO(made.body);
  // 409 where the answer to the first try was lost.
  REQUIRE((made.status == 201 || made.status == 409));
  auto path = resource_path("channels", channel);
  std::string shard;
  REQUIRE(in_time([&] {
    shard = text_at(send({"GET", path, {}, {}}).body, "/status/eventd/shard");
    return !shard.empty();
  }));
  shards_[channel] = std::stoull(shard);
}

void cluster::create_subscription(const subscription& x) const {
  auto made = send(subscription_request(x));
  INFO(made.body);
  REQUIRE((made.status == 201 || made.status == 409));
  auto ns = x.channel.substr(0, x.channel.find('/'));
  auto path = resource_path("subscriptions", ns + "/" + x.name);
  REQUIRE(in_time([&] {
    auto now = send({"GET", path, {}, {}});
    return now.status == 200 && is_followed(json::parse(now.body));
  }));
}

std::vector<stored_event> cluster::read_all(const std::string& channel) const {
  std::optional<std::vector<stored_event>> out;
  auto read = in_time([&] {
    for (size_t n = 1; n <= size() && !out; ++n)
      if (is_running(n) && !at(n).paused)
        out = read_once(client(n), channel);
    return out.has_value();
  });
  INFO(last_words());
  REQUIRE(read);
  return std::move(*out);
}

finished cluster::eventctl(size_t n, std::vector<std::string> args,
                           std::chrono::milliseconds limit) const {
  args.insert(args.begin(), {"--server", url(n)});
  return run("eventctl", args, {}, {}, limit);
}

std::string cluster::log_of(size_t n) const {
  auto& x = at(n);
  return x.log + (x.running ? x.running->err() : std::string{});
}

std::string cluster::logs() const {
  std::string out;
  for (size_t n = 1; n <= size(); ++n)
    out += log_of(n);
  return out;
}

std::string cluster::last_words() const {
  std::string out;
  for (size_t n = 1; n <= size(); ++n) {
    auto text = log_of(n);
    auto cut = text.size() - std::min(text.size(), last_words_bytes);
    out += "--- node " + std::to_string(n) + "\n" + text.substr(cut);
  }
  return out;
}

} // namespace eventd::tests
