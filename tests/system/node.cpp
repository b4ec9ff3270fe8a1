// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/system/node.hpp"

#include <csignal>
#include <fstream>
#include <sstream>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch_test_macros.hpp>

#include "tools/client/address.hpp"
#include "tools/client/event_stream.hpp"
#include "tools/client/event_text.hpp"

namespace eventd::tests {

namespace {

namespace json = boost::json;
namespace http = boost::beast::http;

constexpr std::chrono::milliseconds stop_limit{10'000};

std::string namespace_of(const std::string& channel) {
  return channel.substr(0, channel.find('/'));
}

std::string name_of(const std::string& channel) {
  return channel.substr(channel.find('/') + 1);
}

std::string api_path(const std::string& ns, const std::string& plural) {
  return "/apis/messaging.knative.dev/v1/namespaces/" + ns + "/" + plural;
}

json::object annotations_of(const std::map<std::string, std::string>& own) {
  json::object out;
  for (auto& [key, value] : own)
    out["eventd.dev/" + key] = value;
  return out;
}

json::object manifest(const std::string& kind, const std::string& ns,
                      const std::string& name,
                      const std::map<std::string, std::string>& own) {
  return {{"apiVersion", "messaging.knative.dev/v1"},
          {"kind", kind},
          {"metadata", json::object{{"namespace", ns},
                                    {"name", name},
                                    {"annotations", annotations_of(own)}}}};
}

} // namespace

tools::http_request
channel_request(const std::string& channel,
                const std::map<std::string, std::string>& own) {
  auto body = manifest("Channel", namespace_of(channel), name_of(channel), own);
  return {"POST",
          api_path(namespace_of(channel), "channels"),
          {{"Content-Type", "application/json"}},
          json::serialize(body)};
}

tools::http_request subscription_request(const subscription& x) {
  auto ns = namespace_of(x.channel);
  auto body = manifest("Subscription", ns, x.name, x.own);
  json::object spec{
    {"channel", json::object{{"apiVersion", "messaging.knative.dev/v1"},
                             {"kind", "Channel"},
                             {"name", name_of(x.channel)}}},
    {"subscriber", json::object{{"uri", x.uri}}}};
  if (!x.delivery.empty())
    spec["delivery"] = x.delivery;
  body["spec"] = std::move(spec);
  return {"POST",
          api_path(ns, "subscriptions"),
          {{"Content-Type", "application/json"}},
          json::serialize(body)};
}

std::string resource_path(const std::string& plural, const std::string& name) {
  return api_path(namespace_of(name), plural) + "/" + name_of(name);
}

bool is_followed(const json::value& resource) {
  auto* status = resource.as_object().if_contains("status");
  auto* all = status ? status->as_object().if_contains("conditions") : nullptr;
  if (!all)
    return false;
  for (auto& x : all->as_array())
    if (text_at(x, "/type") == "AddedToChannel")
      return text_at(x, "/status") == "True";
  return false;
}

std::optional<stored_event> event_of(std::string_view line) {
  std::string plain;
  auto marks = tools::append_unmarked(plain, line);
  auto members = tools::members_of(line);
  if (!marks || !marks->offset || !members)
    return std::nullopt;
  stored_event x{*marks->offset, {}, std::string{line}};
  for (auto& member : *members)
    if (member.key == "id")
      x.id = member.value.substr(1, member.value.size() - 2);
  return x;
}

eventd_node::eventd_node(std::vector<std::string> flags)
  : port_(free_port()), flags_(std::move(flags)) {
  start();
}

void eventd_node::start() {
  std::vector<std::string> args{"--listen",
                                "127.0.0.1:" + std::to_string(port_),
                                "--data-dir", data_dir().string()};
  args.insert(args.end(), flags_.begin(), flags_.end());
  process_.emplace("eventd", args);
  auto address = process_->wait_for_line("ready ");
  INFO(process_->err());
  REQUIRE(address == url());
}

void eventd_node::kill() {
  process_->kill();
}

std::optional<int> eventd_node::stop() {
  process_->signal(SIGTERM);
  return process_->wait(stop_limit);
}

std::string eventd_node::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

tools::http_client eventd_node::client() const {
  return tools::http_client{*tools::parse_url(url())};
}

tools::http_answer eventd_node::send(const tools::http_request& what) const {
  auto given = client().send(what);
  INFO(what.method << " " << what.target);
  REQUIRE(given.has_value());
  return *given;
}

tools::http_answer eventd_node::get(const std::string& target) const {
  return send({"GET", target, {}, {}});
}

void eventd_node::create_channel(
  const std::string& channel,
  const std::map<std::string, std::string>& own) const {
  auto made = send(channel_request(channel, own));
  INFO(made.body);
  REQUIRE(made.status == 201);
}

void eventd_node::create_subscription(const subscription& x) const {
  auto ns = namespace_of(x.channel);
  auto made = send(subscription_request(x));
  INFO(made.body);
  REQUIRE(made.status == 201);
  auto now = json::value{};
  auto ready = eventually([&] {
    now = resource("subscriptions", ns + "/" + x.name);
    return is_followed(now);
  });
  INFO(json::serialize(now) << process_->err());
  REQUIRE(ready);
}

json::value eventd_node::resource(const std::string& plural,
                                  const std::string& name) const {
  auto found = get(resource_path(plural, name));
  INFO(found.body);
  REQUIRE(found.status == 200);
  return json::parse(found.body);
}

std::optional<uint64_t> eventd_node::figure(const std::string& name,
                                            const std::string& key) const {
  auto found = resource("subscriptions", name);
  boost::system::error_code none;
  auto* x = found.find_pointer("/status/eventd/" + key, none);
  return x ? std::optional{x->to_number<uint64_t>()} : std::nullopt;
}

uint64_t eventd_node::publish(const std::string& channel, const std::string& id,
                              const std::string& data) const {
  auto stored = send(binary_event(channel, id, data));
  INFO(stored.body);
  REQUIRE(stored.status == 202);
  return std::stoull(offset_of(stored));
}

std::vector<stored_event>
eventd_node::read_all(const std::string& channel) const {
  tools::event_stream stream{client()};
  auto opened = stream.open(*tools::parse_channel(channel), {});
  INFO((opened ? "" : opened.error().detail));
  REQUIRE(opened.has_value());
  std::vector<stored_event> out;
  for (;;) {
    auto lines = stream.next();
    REQUIRE(lines.has_value());
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

finished eventctl(const eventd_node& node, std::vector<std::string> args,
                  const std::string& input) {
  args.insert(args.begin(), {"--server", node.url()});
  return run("eventctl", args, input);
}

finished replay(const eventd_node& node, std::vector<std::string> args) {
  args.insert(args.begin(), {"--server", node.url()});
  return run("replay", args);
}

tools::http_request binary_event(const std::string& channel,
                                 const std::string& id,
                                 const std::string& data) {
  return {"POST",
          "/" + channel,
          {{"ce-specversion", "1.0"},
           {"ce-id", id},
           {"ce-source", "/tests/system"},
           {"ce-type", "dev.eventd.test"},
           {"Content-Type", "application/json"}},
          data};
}

std::string own_data(const std::string& id) {
  return '"' + id + '"';
}

bool has_own_data(const stored_event& x) {
  return x.line.find("\"data\":" + own_data(x.id)) != x.line.npos;
}

std::string event_json(const std::string& id, const std::string& data) {
  return R"({"specversion":"1.0","id":")" + id
         + R"(","source":"/tests/system","type":"dev.eventd.test",)"
           R"("datacontenttype":"application/json","data":)"
         + data + "}";
}

std::string offset_of(const tools::http_answer& given) {
  return std::string{given.header("Eventd-Offset")};
}

std::string text_at(const json::value& in, const std::string& pointer) {
  boost::system::error_code none;
  auto* found = in.find_pointer(pointer, none);
  if (!found)
    return {};
  return found->is_string() ? std::string{found->as_string().c_str()}
                            : json::serialize(*found);
}

std::string text_at(const std::string& json_text, const std::string& pointer) {
  boost::system::error_code wrong;
  auto value = json::parse(json_text, wrong);
  return wrong ? "not JSON: " + json_text : text_at(value, pointer);
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// -- raw_connection -----------------------------------------------------------

raw_connection::raw_connection(uint16_t port) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  timeval limit{10, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  REQUIRE(
    ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address)
    == 0);
}

raw_connection::~raw_connection() {
  ::close(socket_);
}

void raw_connection::send(std::string_view text) {
  while (!text.empty()) {
    auto n = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    REQUIRE(n > 0);
    text.remove_prefix(static_cast<size_t>(n));
  }
}

tools::http_answer raw_connection::read() {
  http::response_parser<http::string_body> parser;
  parser.eager(true);
  for (;;) {
    if (!rest_.empty()) {
      boost::system::error_code failed;
      auto used = parser.put(boost::asio::buffer(rest_), failed);
      rest_.erase(0, used);
      if (failed && failed != http::error::need_more)
        return {};
    }
    if (parser.is_done())
      break;
    char buffer[16'384];
    auto n = ::recv(socket_, buffer, sizeof buffer, 0);
    if (n <= 0)
      return {};
    rest_.append(buffer, static_cast<size_t>(n));
  }
  tools::http_answer out;
  out.status = parser.get().result_int();
  for (auto& field : parser.get())
    out.headers.emplace_back(std::string{field.name_string()},
                             std::string{field.value()});
  out.body = parser.get().body();
  return out;
}

} // namespace eventd::tests
