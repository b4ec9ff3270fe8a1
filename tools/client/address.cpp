// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/client/address.hpp"

#include <algorithm>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace eventd::tools {

namespace {

bool is_label(std::string_view x) {
  auto plain
    = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !x.empty() && x.size() <= 253 && plain(x.front()) && plain(x.back())
         && std::all_of(x.begin(), x.end(), [&](char c) {
              return plain(c) || c == '-' || c == '.';
            });
}

} // namespace

result<url> parse_url(std::string_view text) {
  std::string whole{text};
  if (whole.find("://") == std::string::npos)
    whole.insert(0, "http://");
  auto parsed = boost::urls::parse_uri(whole);
  if (!parsed || parsed->encoded_host().empty())
    return failure{ec::invalid_config, "'" + std::string{text}
                                         + "' is not a URL such as "
                                         + "http://127.0.0.1:8080"};
  if (parsed->scheme() != "http")
    return failure{ec::invalid_config, "'" + std::string{text} + "': only "
                                         + "http:// is spoken here, not "
                                         + std::string{parsed->scheme()}};
  url x;
  x.host = parsed->host_address();
  x.port = parsed->has_port() && !parsed->port().empty()
             ? std::string{parsed->port()}
             : "80";
  x.authority = std::string{parsed->encoded_host_and_port()};
  x.target = std::string{parsed->encoded_target()};
  if (x.target.empty() || x.target.front() != '/')
    x.target.insert(0, "/");
  return x;
}

std::string channel_name::events_path() const {
  return "/v1/namespaces/" + ns + "/channels/" + name + "/events";
}

result<channel_name> parse_channel(std::string_view text) {
  auto slash = text.find('/');
  if (slash == std::string_view::npos || !is_label(text.substr(0, slash))
      || !is_label(text.substr(slash + 1)))
    return failure{ec::invalid_config,
                   "'" + std::string{text} + "' is not a channel: write "
                     + "NAMESPACE/NAME, as in " + "default/orders"};
  return channel_name{std::string{text.substr(0, slash)},
                      std::string{text.substr(slash + 1)}};
}

std::string percent_encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (auto c : text) {
    auto plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                 || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'
                 || c == '~';
    if (plain) {
      out.push_back(c);
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

} // namespace eventd::tools
