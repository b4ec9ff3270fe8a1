// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/tls.hpp"

#include <openssl/ssl.h>

namespace eventd::runtime {

namespace ssl = boost::asio::ssl;

result<std::shared_ptr<ssl::context>> load_tls(const tls_files& files) {
  auto out = std::make_shared<ssl::context>(ssl::context::tls);
  auto* raw = out->native_handle();
  boost::system::error_code failed;
  auto refuse = [&](const char* what, const std::string& file) {
    return failure{ec::invalid_config,
                   std::string{"the "} + what + " " + file
                     + " can not be used: " + failed.message()};
  };
  // Without this a key with a password would ask for it on the terminal.
  out->set_password_callback(
    [](size_t, ssl::context::password_purpose) { return std::string{}; },
    failed);
  if (!failed)
    out->use_certificate_chain_file(files.cert, failed);
  if (failed)
    return refuse("certificate", files.cert);
  out->use_private_key_file(files.key, ssl::context::pem, failed);
  if (failed)
    return refuse("key", files.key);
  if (SSL_CTX_check_private_key(raw) != 1)
    return failure{ec::invalid_config,
                   "the key " + files.key
                     + " does not belong to the certificate " + files.cert};
  out->load_verify_file(files.ca, failed);
  if (failed)
    return refuse("CA file", files.ca);
  out->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert,
                       failed);
  if (failed || SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) != 1)
    return failure{ec::internal, "TLS can not be set up"};
  // Connections are few and long: each is verified anew, none is resumed.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION
                             | SSL_OP_NO_COMPRESSION);
  return out;
}

} // namespace eventd::runtime
