// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/router.hpp"

#include <algorithm>
#include <array>

#include "runtime/gateway/api/api.hpp"

namespace eventd::runtime {

namespace {

constexpr auto reserved = std::to_array<std::string_view>(
  {"v1", "v2-beta", "v3", "api", "apis", "openapi", "healthz", "livez",
   "readyz", "startupz", "metrics", "version", "console", "nats"});

struct fixed_route {
  std::string_view path;
  route_kind kind;
};

constexpr auto fixed_routes = std::to_array<fixed_route>({
  {"/healthz", route_kind::healthz},
  {"/livez", route_kind::livez},
  {"/readyz", route_kind::readyz},
  {"/startupz", route_kind::startupz},
  {"/metrics", route_kind::metrics},
  {"/version", route_kind::version},
});

/// `allow` is a list such as "GET, HEAD".
bool allows(std::string_view allow, std::string_view method) {
  constexpr std::string_view comma = ", ";
  for (;;) {
    auto end = std::min(allow.find(comma), allow.size());
    if (allow.substr(0, end) == method)
      return true;
    if (end == allow.size())
      return false;
    allow.remove_prefix(end + comma.size());
  }
}

routed only(std::string_view allow, std::string_view method, routed x) {
  if (allows(allow, method))
    return x;
  x.kind = route_kind::wrong_method;
  x.allow = allow;
  return x;
}

routed channel_route(std::string_view method, routed x) {
  x.kind = method == "OPTIONS" ? route_kind::handshake : route_kind::publish;
  return only("POST, OPTIONS", method, std::move(x));
}

/// What is sent to a channel gets 400 where neither path nor host have the form
/// of one (Knative's channels do the same); what is asked for gets 404.
routed unknown_path(std::string_view method, routed x) {
  if (method == "POST" || method == "OPTIONS")
    x.kind = route_kind::bad_path;
  return x;
}

/// Takes the text up to the next slash from the front of `path`.
std::string_view take_segment(std::string_view& path) {
  auto slash = std::min(path.find('/'), path.size());
  auto segment = path.substr(0, slash);
  path.remove_prefix(std::min(slash + 1, path.size()));
  return segment;
}

/// `/v1/cluster`, `/v1/cluster/nodes[/{id}[/replace]]`
routed cluster_route(std::string_view method, std::string_view path, routed x) {
  constexpr std::string_view nodes = "/v1/cluster/nodes";
  auto found = [&](std::string_view allow) {
    x.kind = route_kind::cluster;
    return only(allow, method, std::move(x));
  };
  if (path == "/v1/cluster")
    return found("GET");
  if (path == nodes)
    return found("POST");
  if (!path.starts_with(nodes) || path[nodes.size()] != '/')
    return x;
  path.remove_prefix(nodes.size() + 1);
  x.name = take_segment(path);
  if (x.name.empty() || (!path.empty() && path != "replace"))
    return x;
  return found(path.empty() ? "DELETE" : "POST");
}

/// `/v1/namespaces/{ns}/channels|subscriptions/{name}/{verb}`
routed versioned_route(std::string_view method, std::string_view path,
                       routed x) {
  constexpr std::string_view prefix = "/v1/namespaces/";
  if (path.starts_with("/v1/cluster"))
    return cluster_route(method, path, std::move(x));
  if (!path.starts_with(prefix))
    return x;
  path.remove_prefix(prefix.size());
  auto space = take_segment(path);
  auto plural = take_segment(path);
  auto name = take_segment(path);
  if (space.empty() || name.empty())
    return x;
  x.owned_name.append(space).append("/").append(name);
  if (plural == "channels" && path == "events") {
    x.kind = route_kind::read;
    return only("GET", method, std::move(x));
  }
  if (plural != "subscriptions")
    return x;
  if (path == "pause")
    x.kind = route_kind::subscription_pause;
  else if (path == "resume")
    x.kind = route_kind::subscription_resume;
  else if (path == "seek")
    x.kind = route_kind::subscription_seek;
  else
    return x;
  return only("POST", method, std::move(x));
}

} // namespace

bool is_reserved_segment(std::string_view segment) {
  return std::find(reserved.begin(), reserved.end(), segment) != reserved.end();
}

std::optional<std::string> channel_of_host(std::string_view host) {
  constexpr std::string_view domain = ".svc.cluster.local";
  host = host.substr(0, std::min(host.find(':'), host.size()));
  if (host.size() > 253)
    return std::nullopt;
  std::string name{host};
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (!name.ends_with(domain))
    return std::nullopt;
  name.resize(name.size() - domain.size());
  auto dot = name.find('.');
  if (dot == std::string::npos || name.find('.', dot + 1) != std::string::npos)
    return std::nullopt;
  std::string_view service = std::string_view{name}.substr(0, dot);
  std::string_view space = std::string_view{name}.substr(dot + 1);
  for (std::string_view suffix : {"-kn-channel", "-channel"}) {
    if (!service.ends_with(suffix))
      continue;
    service.remove_suffix(suffix.size());
    if (service.empty() || space.empty())
      return std::nullopt;
    std::string key{space};
    return key.append("/").append(service);
  }
  return std::nullopt;
}

routed route(std::string_view method, std::string_view target,
             std::string_view host) {
  routed x;
  auto mark = std::min(target.find('?'), target.size());
  auto path = target.substr(0, mark);
  x.query = target.substr(std::min(mark + 1, target.size()));
  if (path == "/" || path == "*") {
    if (auto key = channel_of_host(host)) {
      x.owned_name = std::move(*key);
      return channel_route(method, std::move(x));
    }
    return unknown_path(method, std::move(x));
  }
  auto rest = path.substr(1);
  auto first = take_segment(rest);
  if (is_reserved_segment(first)) {
    for (const auto& fixed : fixed_routes) {
      if (path == fixed.path) {
        x.kind = fixed.kind;
        return only("GET, HEAD", method, std::move(x));
      }
    }
    if (is_api_path(path)) {
      x.kind = route_kind::resource;
      return x;
    }
    return versioned_route(method, path, std::move(x));
  }
  // /{namespace}/{name}, a slash at the end is let pass.
  auto name = take_segment(rest);
  if (first.empty() || name.empty() || !rest.empty())
    return unknown_path(method, std::move(x));
  x.name = path.substr(1, first.size() + 1 + name.size());
  return channel_route(method, std::move(x));
}

} // namespace eventd::runtime
