// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "actors/resource/destination.hpp"

namespace eventd::runtime {

result<http_url> parse_http_url(std::string_view text) {
  auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed)
    return failure{ec::invalid_request, "not an absolute URL"};
  if (parsed->scheme_id() == boost::urls::scheme::https)
    return failure{ec::invalid_request, "https targets are not supported yet"};
  if (parsed->scheme_id() != boost::urls::scheme::http)
    return failure{ec::invalid_request, "only http URLs can be called"};
  if (parsed->has_userinfo() || parsed->has_fragment())
    return failure{ec::invalid_request,
                   "a URL to call has no user name and no fragment"};
  http_url out;
  out.host = std::string{parsed->host_address()};
  out.authority = std::string{parsed->encoded_host_and_port()};
  if (out.host.empty())
    return failure{ec::invalid_request, "the URL names no host"};
  if (parsed->has_port() && !parsed->port().empty()) {
    // Beyond 65535 `port_number` answers 0.
    out.port = parsed->port_number();
    if (out.port == 0)
      return failure{ec::invalid_request, "the URL's port is out of range"};
  }
  if (!actors::is_host_name(out.host))
    return failure{ec::invalid_request, "the URL's host is no host name"};
  out.target = std::string{parsed->encoded_target()};
  if (out.target.empty() || out.target[0] != '/')
    out.target.insert(0, "/");
  return out;
}

} // namespace eventd::runtime
