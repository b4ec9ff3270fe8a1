// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "storage/model/error.hpp"

/// Names that a user types: where a server is, and which channel is meant.
/// Pure; any thread; never blocks.
namespace eventd::tools {

/// An `http://` URL taken apart.
struct url {
  std::string host;         ///< Without brackets, as a resolver takes it.
  std::string port;         ///< "80" where the URL names none.
  std::string authority;    ///< As the `Host` header wants it.
  std::string target = "/"; ///< Path and query, at least "/".
};

/// Takes `http://HOST[:PORT][/PATH]` apart; the scheme may be left out.
/// "127.0.0.1:8080" is host 127.0.0.1, port 8080, target "/".
/// @errors `ec::invalid_config`: not a URL, or `https`, which is not spoken.
result<url> parse_url(std::string_view text);

/// A channel as the command line names it: NAMESPACE/NAME.
struct channel_name {
  std::string ns;
  std::string name;

  std::string text() const { return ns + "/" + name; }

  /// Path of the channel's events, for reads.
  std::string events_path() const;

  /// Path that publishes.
  std::string publish_path() const { return "/" + ns + "/" + name; }
};

/// Takes NAMESPACE/NAME apart.
/// @errors `ec::invalid_config`: not two DNS labels with a slash between.
result<channel_name> parse_channel(std::string_view text);

/// `text` as a value in a URL's query or a segment of its path.
std::string percent_encoded(std::string_view text);

} // namespace eventd::tools
