// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/destination.hpp"

#include <algorithm>

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

namespace eventd::actors {

namespace {

namespace urls = boost::urls;

std::string describe(const reference& x) {
  return x.api_version + ' ' + x.kind + ' ' + x.namespace_name + '/' + x.name;
}

/// Checks what no request could carry to a subscriber.
void check_parts(strict_reader& fields, const urls::url_view& uri) {
  if (uri.has_userinfo())
    fields.refuse("uri", "can not hold a user name or password");
  else if (uri.has_fragment())
    fields.refuse("uri", "can not have a fragment");
  else if (uri.has_port() && !uri.port().empty() && uri.port_number() == 0)
    fields.refuse("uri", "the port must be 1 to 65535");
}

/// Checks a URI that stands without a reference.
void check_absolute(strict_reader& fields, const std::string& uri) {
  auto parsed = urls::parse_uri(uri);
  if (!parsed)
    fields.refuse("uri", "'" + uri
                           + "' must be an absolute URI when there is "
                             "no ref");
  else if (parsed->scheme() != "http" && parsed->scheme() != "https")
    fields.refuse("uri", "the scheme must be http or https");
  else if (parsed->encoded_host().empty())
    fields.refuse("uri", "'" + uri + "' has no host");
  else if (!is_host_name(parsed->host()))
    fields.refuse("uri", "the host of '" + uri + "' is no host name");
  else
    check_parts(fields, *parsed);
}

/// Checks a URI that stands beside a reference.
void check_relative(strict_reader& fields, const std::string& uri) {
  auto parsed = urls::parse_uri_reference(uri);
  if (!parsed)
    fields.refuse("uri", "'" + uri + "' is not a URI reference");
  else if (parsed->has_scheme() || parsed->has_authority())
    fields.refuse("uri", "must be relative when ref is set");
  else
    check_parts(fields, *parsed);
}

resolution resolve_uri(const destination& to) {
  if (to.uri.starts_with("https:"))
    return {{},
            "TLSNotSupported",
            "TLS not supported yet: can not send to " + to.uri};
  return {to.uri, {}, {}};
}

} // namespace

bool reference::is_channel() const {
  return api_version == "messaging.knative.dev/v1" && kind == "Channel";
}

reference read_reference(strict_reader fields, std::string_view own_namespace) {
  auto required = [&](std::string_view key) {
    auto x = fields.string(key);
    if (fields.present() && (!x || x->empty()))
      fields.refuse(key, "is required");
    return x.value_or("");
  };
  reference made;
  made.api_version = required("apiVersion");
  made.kind = required("kind");
  made.name = required("name");
  made.namespace_name = own_namespace;
  if (auto given = fields.string("namespace");
      given && !given->empty() && *given != own_namespace)
    fields.refuse("namespace", "must be '" + std::string{own_namespace}
                                 + "': a reference can not leave its "
                                   "namespace");
  fields.done();
  return made;
}

destination read_destination(strict_reader fields,
                             std::string_view own_namespace) {
  destination made;
  if (auto ref = fields.object("ref"); ref.present())
    made.ref = read_reference(ref, own_namespace);
  made.uri = fields.string("uri").value_or("");
  // Kept in the document for the day when we speak TLS; no effect before.
  fields.string("CACerts");
  made.audience = !fields.string("audience").value_or("").empty();
  fields.done();
  if (!fields.present())
    return made;
  if (!made.ref && made.uri.empty())
    fields.refuse("must have a ref or a uri");
  else if (!made.ref)
    check_absolute(fields, made.uri);
  else if (!made.uri.empty())
    check_relative(fields, made.uri);
  return made;
}

resolution resolve(const destination& to, const channel_exists& exists) {
  if (to.audience)
    return {
      {}, "OIDCNotSupported", "tokens for an audience are not supported yet"};
  if (!to.ref)
    return resolve_uri(to);
  if (!to.ref->is_channel())
    return {{},
            "RefNotSupported",
            "the address of " + describe(*to.ref)
              + " is not known; use a uri, or a ref to a "
                "messaging.knative.dev/v1 Channel"};
  if (!exists(to.ref->name))
    return {{}, "RefNotFound", describe(*to.ref) + " does not exist"};
  auto base = channel_url(to.ref->namespace_name, to.ref->name);
  if (to.uri.empty())
    return {base, {}, {}};
  urls::url target;
  auto joined = urls::resolve(
    urls::url_view{base}, urls::parse_uri_reference(to.uri).value(), target);
  if (!joined)
    return {{}, "BadURI", "'" + to.uri + "' can not be joined to " + base};
  if (auto path = target.encoded_path(); !path.empty() && path != "/")
    return {{}, "BadURI", "'" + to.uri + "': a Channel takes events at / only"};
  return {std::string{target.buffer()}, {}, {}};
}

bool is_host_name(std::string_view decoded) {
  return std::none_of(decoded.begin(), decoded.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
  });
}

std::string channel_url(std::string_view namespace_name,
                        std::string_view name) {
  return "http://" + std::string{name} + "-kn-channel."
         + std::string{namespace_name} + ".svc.cluster.local";
}

} // namespace eventd::actors
