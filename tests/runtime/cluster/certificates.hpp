// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace eventd::tests {

/// Signs certificates for tests; they are valid for an hour.
class certificate_authority {
public:
  explicit certificate_authority(const std::string& name)
    : key_(make_key()), cert_(make_cert(name, key_.get(), nullptr)) {}

  void write_ca(const std::string& path) const { write(path, cert_.get()); }

  /// A new key, and a certificate of it that this authority signed.
  void issue(const std::string& name, const std::string& cert_path,
             const std::string& key_path) const {
    auto key = make_key();
    auto cert = make_cert(name, key.get(), this);
    write(cert_path, cert.get());
    file out{open(key_path), &std::fclose};
    require(PEM_write_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0,
                                 nullptr, nullptr));
  }

private:
  using key_ptr = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
  using cert_ptr = std::unique_ptr<X509, void (*)(X509*)>;
  using file = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

  static void require(bool x) {
    if (!x)
      throw std::runtime_error("no certificate for the test");
  }

  static std::FILE* open(const std::string& path) {
    auto* out = std::fopen(path.c_str(), "w");
    require(out != nullptr);
    return out;
  }

  static void write(const std::string& path, X509* cert) {
    file out{open(path), &std::fclose};
    require(PEM_write_X509(out.get(), cert) == 1);
  }

  static key_ptr make_key() {
    key_ptr out{EVP_EC_gen("P-256"), &EVP_PKEY_free};
    require(out != nullptr);
    return out;
  }

  /// Of an authority where `by` is null, which signs itself.
  static cert_ptr make_cert(const std::string& name, EVP_PKEY* key,
                            const certificate_authority* by) {
    cert_ptr out{X509_new(), &X509_free};
    auto* x = out.get();
    require(x != nullptr);
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), by ? 2 : 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3'600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3'600);
    X509_NAME_add_entry_by_txt(
      X509_get_subject_name(x), "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    auto* issuer = by ? by->cert_.get() : x;
    X509_set_issuer_name(x, X509_get_subject_name(issuer));
    X509_set_pubkey(x, key);
    if (!by) {
      std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> ca{
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints,
                            "critical,CA:TRUE"),
        &X509_EXTENSION_free};
      require(ca != nullptr);
      X509_add_ext(x, ca.get(), -1);
    }
    require(X509_sign(x, by ? by->key_.get() : key, EVP_sha256()) != 0);
    return out;
  }

  key_ptr key_;
  cert_ptr cert_;
};

} // namespace eventd::tests
