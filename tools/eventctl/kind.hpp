// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "storage/model/error.hpp"

/// Kinds of resources and where their paths are. Pure; any thread.
namespace eventd::eventctl {

/// A kind as the resource API knows it.
struct kind {
  std::string api_version; ///< "messaging.knative.dev/v1".
  std::string name;        ///< "Channel".
  std::string plural;      ///< "channels".

  /// "channel.messaging.knative.dev", as printed before a slash and a name.
  std::string qualified() const;

  /// "/apis/messaging.knative.dev/v1/namespaces/default/channels"; without a
  /// namespace all of them.
  std::string path(std::string_view ns) const;
};

/// Finds a kind by singular, plural or short name, in any case: "Channel",
/// "channels", "ch", "sub".
/// @errors `ec::invalid_config`, with what would have been understood.
result<kind> kind_of_word(std::string_view word);

/// What a manifest describes, and where it is to be sent.
struct manifest {
  eventctl::kind kind;
  std::string ns; ///< Empty where the manifest names none.
  std::string name;
  boost::json::value body;

  std::string qualified() const { return kind.qualified() + "/" + name; }
  std::string path(std::string_view default_ns) const;
};

/// Reads apiVersion, kind and metadata of a document.
/// @errors `ec::invalid_resource`, with the path of what is missing.
result<manifest> open_manifest(boost::json::value document);

} // namespace eventd::eventctl
