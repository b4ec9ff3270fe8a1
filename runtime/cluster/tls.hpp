// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "storage/model/error.hpp"

namespace eventd::runtime {

/// PEM files of one node.
struct tls_files {
  std::string cert; ///< Its certificate, with the chain below the CA.
  std::string key;  ///< Its private key, without a password.
  std::string ca;   ///< Who signs the nodes of this cluster, and nobody else.

  bool empty() const { return cert.empty() && key.empty() && ca.empty(); }
};

/// What both ends of a connection between nodes need: TLS 1.2 or newer, and
/// each side shows a certificate of the CA. Names in certificates are not
/// compared: whom the CA signed may be a node, and its hello says which.
/// Where a certificate limits its use, it must allow client and server.
/// Threads: any. Blocking: reads three files.
/// @errors `ec::invalid_config`: a file can not be used; says which
result<std::shared_ptr<boost::asio::ssl::context>>
load_tls(const tls_files& files);

} // namespace eventd::runtime
