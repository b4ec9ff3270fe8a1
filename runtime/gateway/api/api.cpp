// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/api/api.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>

#include "actors/resource/kind.hpp"
#include "runtime/gateway/api/yaml.hpp"

namespace eventd::runtime {

namespace {

using actors::resource_request;
using actors::resource_verb;

int hex(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  auto lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Undoes percent-encoding; none if it is broken.
std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size())
      return {};
    auto high = hex(text[i + 1]);
    auto low = hex(text[i + 2]);
    if (high < 0 || low < 0)
      return {};
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

/// The decoded segments of a path; one empty segment at the end is left out.
std::optional<std::vector<std::string>> split(std::string_view path) {
  std::vector<std::string> made;
  path.remove_prefix(1);
  for (;;) {
    auto slash = path.find('/');
    auto part = decode(path.substr(0, slash));
    if (!part)
      return {};
    if (slash == path.npos && part->empty())
      return made;
    made.push_back(std::move(*part));
    if (slash == path.npos)
      return made;
    path.remove_prefix(slash + 1);
  }
}

failure unknown_path(std::string_view path) {
  std::string known;
  for (auto& row : actors::kinds())
    known += (known.empty() ? "" : ", ") + row.api_version() + '/'
             + std::string{row.plural};
  return {ec::not_found, "'" + std::string{path}
                           + "' is not a path of the resource API: "
                             "/apis/{group}/{version}/namespaces/{namespace}/"
                             "{plural}[/{name}[/status]]; the kinds are: "
                           + known};
}

/// What the path names.
struct place {
  resource_request request; ///< Group, version, plural, namespace, name.
  bool status = false;
};

result<place> read_path(std::string_view path) {
  auto parts = split(path);
  if (!parts)
    return failure{ec::invalid_request,
                   "the path has a percent sign without two hex digits"};
  auto& x = *parts;
  if (x.size() < 4 || x[0] != "apis")
    return unknown_path(path);
  place made;
  made.request.group = x[1];
  made.request.version = x[2];
  bool has_namespace = x[3] == "namespaces";
  if (has_namespace ? x.size() < 6 || x.size() > 8 : x.size() != 4)
    return unknown_path(path);
  made.request.plural = has_namespace ? x[5] : x[3];
  if (has_namespace) {
    made.request.namespace_name = x[4];
    made.request.name = x.size() > 6 ? x[6] : "";
    made.status = x.size() == 8;
    // An empty name in the path is not the collection.
    if (x[4].empty() || (x.size() > 6 && x[6].empty())
        || (made.status && x[7] != "status"))
      return unknown_path(path);
  }
  auto kind = actors::find_kind(made.request.group, made.request.version,
                                made.request.plural);
  if (!kind)
    return kind.error();
  return made;
}

/// Reads one `key=value` of the query.
result<void> read_parameter(std::string_view text, resource_request& out) {
  auto equals = text.find('=');
  auto key = decode(text.substr(0, equals));
  auto value = decode(equals == text.npos ? std::string_view{}
                                          : text.substr(equals + 1));
  if (!key || !value)
    return failure{ec::invalid_request,
                   "the query has a percent sign without two hex digits"};
  auto refuse = [&](const std::string& why) {
    return failure{ec::invalid_request, "query parameter " + *key + ": " + why,
                   *key};
  };
  if (*key == "dryRun") {
    if (*value != "All")
      return refuse("'" + *value + "' must be All");
    out.dry_run = true;
    return {};
  }
  if (*key == "fieldValidation" && *value != "Strict")
    return refuse("'" + *value
                  + "' must be Strict: unknown fields are always "
                    "refused");
  if (*key == "fieldManager" || *key == "fieldValidation")
    return {};
  return refuse("is not known; known are dryRun, fieldManager, "
                "fieldValidation");
}

result<void> read_query(std::string_view query, resource_request& out) {
  while (!query.empty()) {
    auto end = query.find('&');
    if (auto part = query.substr(0, end); !part.empty())
      if (auto ok = read_parameter(part, out); !ok)
        return ok;
    query = end == query.npos ? std::string_view{} : query.substr(end + 1);
  }
  return {};
}

/// The verb of a method at a place.
result<resource_verb> read_method(std::string_view method, const place& at) {
  auto refuse = [&](const char* allowed) {
    return failure{ec::method_not_allowed,
                   std::string{method} + " is not allowed here", allowed};
  };
  const auto& x = at.request;
  if (method == "GET")
    return x.name.empty() ? resource_verb::list : resource_verb::get;
  if (at.status)
    return refuse("GET");
  if (x.namespace_name.empty())
    return refuse("GET");
  if (x.name.empty())
    return method == "POST" ? result<resource_verb>{resource_verb::create}
                            : refuse("GET, POST");
  if (method == "PUT")
    return resource_verb::replace;
  if (method == "PATCH")
    return resource_verb::apply;
  if (method == "DELETE")
    return resource_verb::remove;
  return refuse("GET, PUT, PATCH, DELETE");
}

/// The media type alone, in lower case.
std::string media_type(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  auto end = type.find_last_not_of(" \t");
  std::string made{type.substr(0, end == type.npos ? 0 : end + 1)};
  made.erase(0, made.find_first_not_of(" \t"));
  std::transform(made.begin(), made.end(), made.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return made;
}

result<manifest_format> read_format(resource_verb verb,
                                    std::string_view content_type) {
  auto type = media_type(content_type);
  if (verb == resource_verb::apply) {
    if (type == "application/apply-patch+yaml")
      return manifest_format::guess;
    return failure{ec::unsupported_media,
                   "PATCH takes application/apply-patch+yaml only, not '" + type
                     + "'; use PUT to replace the object",
                   "Content-Type"};
  }
  if (type.empty())
    return manifest_format::guess;
  if (type == "application/json")
    return manifest_format::json;
  if (type == "application/yaml" || type == "application/x-yaml"
      || type == "text/yaml")
    return manifest_format::yaml;
  return failure{ec::unsupported_media,
                 "'" + type
                   + "' is not spoken here; use application/json or "
                     "application/yaml",
                 "Content-Type"};
}

/// Reads exactly one document into JSON text.
result<std::string> read_body(manifest_format format, std::string_view body) {
  auto all = parse_manifests(body, format);
  if (!all)
    return all.error();
  if (all->size() != 1)
    return failure{ec::invalid_request,
                   "the body must hold one document, it holds "
                     + std::to_string(all->size())};
  return boost::json::serialize(all->front());
}

} // namespace

bool is_api_path(std::string_view path) {
  return path == "/api" || path == "/apis" || path.starts_with("/api/")
         || path.starts_with("/apis/");
}

result<resource_request> to_resource_request(std::string_view method,
                                             std::string_view target,
                                             std::string_view content_type,
                                             std::string_view body) {
  auto mark = target.find('?');
  auto path = target.substr(0, mark);
  if (!is_api_path(path))
    return unknown_path(path);
  auto at = read_path(path);
  if (!at)
    return at.error();
  auto verb = read_method(method, *at);
  if (!verb)
    return verb.error();
  auto made = std::move(at->request);
  made.verb = *verb;
  if (mark != target.npos)
    if (auto ok = read_query(target.substr(mark + 1), made); !ok)
      return ok.error();
  bool has_body = *verb == resource_verb::create
                  || *verb == resource_verb::replace
                  || *verb == resource_verb::apply;
  if (!has_body) {
    if (!body.empty())
      return failure{ec::invalid_request,
                     std::string{method} + " takes no body here"};
    return made;
  }
  auto format = read_format(*verb, content_type);
  if (!format)
    return format.error();
  auto text = read_body(*format, body);
  if (!text)
    return text.error();
  made.body = std::move(*text);
  return made;
}

} // namespace eventd::runtime
