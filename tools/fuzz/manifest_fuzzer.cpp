// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/serialize.hpp>

#include "actors/resource/channel_kind.hpp"
#include "actors/resource/edit.hpp"
#include "actors/resource/kind.hpp"
#include "actors/resource/metadata.hpp"
#include "actors/resource/subscription_kind.hpp"
#include "runtime/gateway/api/api.hpp"
#include "runtime/gateway/api/yaml.hpp"
#include "runtime/gateway/url.hpp"
#include "storage/model/limits.hpp"

using namespace eventd;
using namespace eventd::actors;
using runtime::manifest_format;
using runtime::parse_manifests;

namespace {

constexpr std::string_view uid = "uid-1";
constexpr int64_t now_ms = 1'700'000'000'000;
constexpr uint64_t stored_version = 7;

/// Documents of one text that are stored, so that an input stays fast.
constexpr size_t documents_max = 4;

void require(bool x) {
  if (!x)
    std::abort();
}

// -- text to JSON -------------------------------------------------------------

struct shape {
  size_t height = 0; ///< Containers inside each other.
  size_t values = 0;
  bool has_double = false; ///< JSON does not promise to keep its last bit.
};

void measure(const json::value& x, size_t level, shape& out) {
  ++out.values;
  out.has_double = out.has_double || x.is_double();
  if (x.is_array() || x.is_object())
    out.height = std::max(out.height, ++level);
  if (x.is_array())
    for (const auto& y : x.get_array())
      measure(y, level, out);
  if (x.is_object())
    for (const auto& y : x.get_object())
      measure(y.value(), level, out);
}

bool has_double(const json::value& x) {
  shape out;
  measure(x, 0, out);
  return out.has_double;
}

/// One JSON value; none where aliases made it longer than a manifest may be.
std::optional<json::value> value_of(const std::string& text) {
  if (text.size() > limits::manifest_bytes_max)
    return {};
  auto all = parse_manifests(text, manifest_format::json);
  require(all && all->size() == 1);
  return all->front();
}

/// What was understood, whatever the text was written in, is JSON.
void check_json(const json::value& x) {
  auto again = value_of(json::serialize(x));
  require(!again || has_double(x) || *again == x);
}

std::vector<json::value> loaded(std::string_view text, manifest_format format) {
  auto all = parse_manifests(text, format);
  if (!all) {
    const auto& why = all.error();
    if (why != ec::payload_too_large) {
      require(why == ec::invalid_request && why.detail.starts_with("line "));
      require(why.field.find(':') != std::string::npos);
    }
    return {};
  }
  shape whole;
  for (const auto& x : *all) {
    measure(x, 0, whole);
    check_json(x);
  }
  require(whole.height <= limits::json_depth_max);
  require(whole.values <= limits::manifest_values_max);
  return std::move(*all);
}

// -- a request to the API -----------------------------------------------------

/// Method and target are what a first line `# METHOD TARGET` says, which YAML
/// passes over.
struct call {
  std::string_view method = "POST";
  std::string_view target
    = "/apis/messaging.knative.dev/v1/namespaces/prod/channels?dryRun=All";
};

call call_of(std::string_view text) {
  auto line = text.substr(0, text.find('\n'));
  if (!line.starts_with("# "))
    return {};
  line.remove_prefix(2);
  auto space = std::min(line.find(' '), line.size());
  return {line.substr(0, space), line.substr(std::min(space + 1, line.size()))};
}

void check_request(const resource_request& x) {
  require(find_kind(x.group, x.version, x.plural).has_value());
  switch (x.verb) {
  case resource_verb::list:
    require(x.name.empty());
    break;
  case resource_verb::create:
    require(x.name.empty() && !x.namespace_name.empty());
    break;
  case resource_verb::get:
  case resource_verb::replace:
  case resource_verb::apply:
  case resource_verb::remove:
    require(!x.name.empty() && !x.namespace_name.empty());
    break;
  }
  auto has_body = x.verb == resource_verb::create
                  || x.verb == resource_verb::replace
                  || x.verb == resource_verb::apply;
  require(has_body != x.body.empty());
  if (has_body)
    value_of(x.body);
}

void check_api(std::string_view text) {
  auto [method, target] = call_of(text);
  for (std::string_view type :
       {"", "application/json; charset=utf-8", "application/yaml",
        "application/apply-patch+yaml"}) {
    auto made = runtime::to_resource_request(method, target, type, text);
    if (made)
      check_request(*made);
    else
      require(!made.error().detail.empty());
    if (auto bare = runtime::to_resource_request(method, target, type, {}))
      check_request(*bare);
  }
}

// -- what is stored -----------------------------------------------------------

result<edit> edited(const resource_kind& kind, resource_verb verb,
                    const json::value& body, const json::object* current) {
  resource_request request;
  request.verb = verb;
  request.group = kind.group;
  request.version = kind.version;
  request.plural = kind.plural;
  if (const auto* document = body.if_object()) {
    request.namespace_name = string_at(*document, "metadata.namespace");
    if (verb != resource_verb::create)
      request.name = string_at(*document, "metadata.name");
  }
  request.body = json::serialize(body);
  auto wanted = prepare(request, uid);
  if (!wanted)
    return wanted.error();
  return plan(kind, verb, *wanted, {current, stored_version}, uid, now_ms);
}

void check_refused(const failure& why) {
  require(!why.detail.empty());
  require(why == ec::invalid_request || why == ec::invalid_resource
          || why == ec::immutable_field);
  require(why != ec::immutable_field || !why.field.empty());
}

/// What leads to a URL must lead to one that can be called, on one line.
void check_target(const resolution& x) {
  if (!x.ok() || x.uri.empty())
    return;
  require(x.uri.starts_with("http:"));
  auto url = runtime::parse_http_url(x.uri);
  require(url.has_value());
  auto is_visible = [](char c) { return c > 0x20 && c < 0x7f; };
  require(url->target.starts_with('/') && !url->authority.empty());
  for (const auto& part : {url->target, url->authority})
    require(std::all_of(part.begin(), part.end(), is_visible));
}

void check_policy(const delivery_policy& x) {
  constexpr uint32_t retry_max = std::numeric_limits<int32_t>::max();
  require(x.timeout_ms > 0);
  require(x.retry.value_or(0) <= retry_max);
  require(x.backoff_delay_ms.value_or(0) >= 0);
  require(x.retry_after_max_ms.value_or(0) >= 0);
}

void check_channel(const json::object& document) {
  auto read = read_channel(document);
  require(read.has_value());
  constexpr uint64_t most = std::numeric_limits<int64_t>::max();
  require(read->settings.retention_age_ms >= 0);
  require(read->settings.retention_bytes <= most);
  require(read->settings.retention_events <= most);
  require(read->settings.dedup_window_ms >= 0);
  check_policy(read->delivery.policy);
}

void check_subscription(const json::object& document,
                        const json::object* channel) {
  auto read = read_subscription(document);
  require(read.has_value());
  const auto& spec = read->spec;
  require(spec.max_in_flight >= 1
          && spec.max_in_flight <= limits::in_flight_max);
  require(spec.start_value >= 0 && !spec.channel.empty());
  check_policy(read->delivery.policy);
  std::optional<channel_manifest> its_channel;
  if (channel) {
    auto manifest = read_channel(*channel);
    require(manifest.has_value());
    its_channel = std::move(*manifest);
  }
  for (bool found : {true, false}) {
    // Only what could be stored can be found.
    auto made
      = resolve(*read, found && its_channel ? &its_channel->delivery : nullptr,
                [&](std::string_view name) { return found && is_label(name); });
    for (const auto* x : {&made.subscriber, &made.reply, &made.dead_letter})
      check_target(*x);
    require(found || !made.channel_exists);
  }
}

/// Sends back what was stored, as clients do that read it before.
void check_again(const resource_kind& kind, const json::object& stored) {
  require(admit(kind, stored, nullptr).has_value());
  require(packed_document{stored}.unpack() == stored);
  auto created = edited(kind, resource_verb::create, stored, &stored);
  require(!created && created.error() == ec::already_exists);
  auto marked = edited(kind, resource_verb::remove, stored, &stored);
  require(marked && marked->action == edit_action::remove);
  require(is_deleting(marked->document) && !is_deleting(stored));
  if (has_double(stored))
    return;
  auto applied = edited(kind, resource_verb::apply, stored, &stored);
  require(applied && applied->action == edit_action::none);
  auto seen = stored;
  seen["metadata"].get_object()["resourceVersion"]
    = std::to_string(stored_version);
  seen["status"] = "of another time";
  auto replaced = edited(kind, resource_verb::replace, seen, &stored);
  require(replaced && replaced->action == edit_action::none);
}

void check_pause(const json::object& stored) {
  const auto& kind = kind_of(kind_role::subscription);
  stored_document current{&stored, stored_version};
  auto paused = plan_pause("", "", true, current);
  auto resumed = plan_pause("", "", false, current);
  require(paused && resumed);
  for (const auto& x : {*paused, *resumed}) {
    require(admit(kind, x.document, &stored).has_value());
    auto more = x.action == edit_action::none ? 0U : 1U;
    require(generation_of(x.document) == generation_of(stored) + more);
  }
  require(read_subscription(paused->document)->spec.paused);
  require(!read_subscription(resumed->document)->spec.paused);
}

/// What one document makes of another that is stored under its name.
void check_update(const resource_kind& kind, json::object wanted,
                  const json::object& stored) {
  auto& names = wanted["metadata"].get_object();
  for (auto key : {"namespace", "name"})
    names[key] = string_at(stored, std::string{"metadata."} + key);
  auto made = edited(kind, resource_verb::apply, wanted, &stored);
  if (!made)
    return check_refused(made.error());
  const auto& document = made->document;
  require(admit(kind, document, &stored).has_value());
  for (auto path : {"metadata.uid", "metadata.name", "metadata.namespace",
                    "metadata.creationTimestamp"})
    require(string_at(document, path) == string_at(stored, path));
  auto before = generation_of(stored);
  auto after = generation_of(document);
  require(after == before
          || (made->action == edit_action::put && after == before + 1));
}

/// Creates what is a resource of this kind.
std::vector<json::object> created(const resource_kind& kind,
                                  const std::vector<json::value>& all) {
  std::vector<json::object> out;
  for (const auto& x : all) {
    if (out.size() == documents_max)
      break;
    auto made = edited(kind, resource_verb::create, x, nullptr);
    if (!made) {
      check_refused(made.error());
      continue;
    }
    const auto& document = made->document;
    require(made->created && made->action == edit_action::put);
    require(is_subdomain(string_at(document, "metadata.name")));
    require(is_label(string_at(document, "metadata.namespace")));
    require(string_at(document, "metadata.uid") == uid);
    check_again(kind, document);
    out.push_back(document);
  }
  for (const auto& x : out)
    for (const auto& y : out)
      check_update(kind, x, y);
  return out;
}

} // namespace

/// Called by libFuzzer with each input: no text crashes the loader, what it
/// makes is JSON within the limits, and a resource that was taken is valid,
/// stays the same when it is sent again, and keeps what can not change.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  check_api(text);
  loaded(text, manifest_format::json);
  loaded(text, manifest_format::yaml);
  auto all = loaded(text, manifest_format::guess);
  auto channels = created(kind_of(kind_role::channel), all);
  for (const auto& x : channels)
    check_channel(x);
  for (const auto& x : created(kind_of(kind_role::subscription), all)) {
    check_subscription(x, channels.empty() ? nullptr : &channels.front());
    check_pause(x);
  }
  return 0;
}
