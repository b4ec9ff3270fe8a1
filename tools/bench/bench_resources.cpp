// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/bench_resources.hpp"

#include <chrono>
#include <ranges>
#include <thread>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace eventd::bench {

namespace {

namespace json = boost::json;

constexpr auto api = "messaging.knative.dev/v1";
constexpr std::chrono::seconds ready_timeout{15};
constexpr std::chrono::milliseconds ready_poll{20};

std::string path_of(const tools::channel_name& channel, const char* plural,
                    const std::string& name) {
  return std::string{"/apis/"} + api + "/namespaces/" + channel.ns + "/"
         + plural + "/" + name;
}

bool is_ready(std::string_view text) {
  boost::system::error_code wrong;
  auto found = json::parse(json::string_view{text.data(), text.size()}, wrong);
  if (wrong || !found.is_object())
    return false;
  auto status = found.get_object().if_contains("status");
  if (!status || !status->is_object())
    return false;
  auto conditions = status->get_object().if_contains("conditions");
  if (!conditions || !conditions->is_array())
    return false;
  for (auto& x : conditions->get_array()) {
    auto each = x.if_object();
    if (each && each->contains("type") && each->contains("status")
        && each->at("type") == "Ready")
      return each->at("status") == "True";
  }
  return false;
}

} // namespace

std::vector<std::pair<std::string, std::string>>
bench_manifests(const tools::channel_name& channel, const resource_options& x) {
  std::vector<std::pair<std::string, std::string>> out;
  out.emplace_back(
    path_of(channel, "channels", channel.name),
    json::serialize(json::object{
      {"apiVersion", api},
      {"kind", "Channel"},
      {"metadata", {{"name", channel.name}, {"namespace", channel.ns}}}}));
  for (int i = 0; i < x.subscribers; ++i) {
    auto name = channel.name + "-" + std::to_string(i);
    json::object annotations{{"eventd.dev/ordering", x.ordering}};
    if (x.max_in_flight > 0)
      annotations["eventd.dev/max-in-flight"] = std::to_string(x.max_in_flight);
    out.emplace_back(
      path_of(channel, "subscriptions", name),
      json::serialize(json::object{
        {"apiVersion", api},
        {"kind", "Subscription"},
        {"metadata",
         {{"name", name},
          {"namespace", channel.ns},
          {"annotations", std::move(annotations)}}},
        {"spec",
         {{"channel",
           {{"apiVersion", api}, {"kind", "Channel"}, {"name", channel.name}}},
          {"subscriber",
           {{"uri", "http://" + x.sink + "/" + std::to_string(i)}}}}}}));
  }
  return out;
}

bench_resources::bench_resources(const tools::url& server,
                                 tools::channel_name channel,
                                 resource_options how)
  : client_(server), manifests_(bench_manifests(channel, how)) {}

result<void> bench_resources::create() {
  for (auto& [path, body] : manifests_) {
    auto answer
      = client_.call({"PATCH",
                      path,
                      {{"Content-Type", "application/apply-patch+yaml"}},
                      body});
    if (!answer)
      return answer.error();
  }
  for (auto& [path, body] : manifests_)
    if (auto ready = wait_until_ready(path); !ready)
      return ready;
  return {};
}

result<void> bench_resources::wait_until_ready(const std::string& path) {
  auto end = std::chrono::steady_clock::now() + ready_timeout;
  for (;;) {
    auto answer = client_.call({"GET", path, {}, {}});
    if (!answer)
      return answer.error();
    if (is_ready(answer->body))
      return {};
    if (std::chrono::steady_clock::now() > end)
      return failure{ec::timeout, path + " is not Ready"};
    std::this_thread::sleep_for(ready_poll);
  }
}

void bench_resources::remove() {
  for (auto& [path, body] : std::views::reverse(manifests_))
    (void)client_.call({"DELETE", path, {}, {}});
}

} // namespace eventd::bench
