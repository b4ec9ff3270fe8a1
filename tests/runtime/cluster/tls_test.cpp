// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/cluster/tls.hpp"

#include <fstream>

#include <catch2/catch_test_macros.hpp>

#include "tests/fixtures/print.hpp"
#include "tests/fixtures/temp_dir.hpp"
#include "tests/runtime/cluster/certificates.hpp"
#include "tests/runtime/cluster/link_node.hpp"

using namespace eventd;
using namespace eventd::runtime;
using namespace eventd::tests;

namespace {

/// A certificate for one node of each of two authorities.
struct tls_world {
  tls_world() {
    certificate_authority ours{"ours"};
    certificate_authority other{"other"};
    ours.write_ca(files / "ours.ca");
    other.write_ca(files / "other.ca");
    ours.issue("a", files / "a.crt", files / "a.key");
    ours.issue("b", files / "b.crt", files / "b.key");
    other.issue("x", files / "x.crt", files / "x.key");
  }

  tls_files named(const std::string& node, const std::string& ca) const {
    return {files / (node + ".crt"), files / (node + ".key"),
            files / (ca + ".ca")};
  }

  link_node::change with(const std::string& node,
                         const std::string& ca = "ours") const {
    return [x = named(node, ca)](transport_options& options) {
      options.tls_cert = x.cert;
      options.tls_key = x.key;
      options.tls_ca = x.ca;
    };
  }

  temp_dir files;
};

} // namespace

TEST_CASE_METHOD(tls_world, "nodes of one CA talk over TLS", "[runtime][tls]") {
  link_node a{1, with("a")};
  link_node b{2, with("b")};
  a.dial(2, b->port());
  REQUIRE(a.connects());
  const std::string large(size_t{3} << 20, 'x');
  REQUIRE(a.send(2, "small"));
  REQUIRE(a.send(2, large));
  REQUIRE(b.eventually([](const auto& x) { return x.received.size() == 2; }));
  auto told = b.told();
  CHECK(told.received[0].second == "small");
  CHECK((told.received[1].second == large));
  CHECK(told.warnings.empty());
  CHECK(a.told().warnings.empty());
}

TEST_CASE_METHOD(tls_world,
                 "a node whose certificate another CA signed is "
                 "refused",
                 "[runtime][tls]") {
  link_node b{2, with("b")};
  SECTION("and it refuses us") {
    link_node x{1, with("x", "other")};
    x.dial(2, b->port());
    CHECK(x.warns("the TLS handshake failed"));
    CHECK(b.warns("failed its TLS handshake"));
    CHECK(x.told().connected.empty());
  }
  SECTION("though it trusts ours") {
    link_node x{1, with("x", "ours")};
    x.dial(2, b->port());
    CHECK(b.warns("failed its TLS handshake"));
    CHECK(x.warns("can not be used"));
    CHECK(x.told().connected.empty());
  }
  SECTION("as the side that is dialed") {
    link_node x{1, with("x", "ours")};
    b.dial(1, x->port());
    CHECK(b.warns("the TLS handshake failed"));
    CHECK(b.told().connected.empty());
  }
  CHECK(b.told().received.empty());
}

TEST_CASE_METHOD(tls_world,
                 "plain bytes on a TLS port are refused and told "
                 "once",
                 "[runtime][tls]") {
  link_node b{2, with("b")};
  for (int i = 0; i < 3; ++i) {
    auto peer = raw_socket::connect(b->port());
    peer.send(encode_frame(frame_hello, encode(hello_of(1))));
    while (peer.receive()) {
    }
  }
  link_node plain{1};
  plain.dial(2, b->port());
  CHECK(plain.warns("can not be used"));
  CHECK(plain.is_refused(2, "one side uses TLS and the other does not"));
  CHECK(b.warns("was closed: one side uses TLS and the other does not"));
  CHECK(plain.told().connected.empty());
  CHECK(b.told().warnings.size() == 1);
}

TEST_CASE_METHOD(tls_world, "a TLS node can not talk to a plain one",
                 "[runtime][tls]") {
  link_node a{1, with("a")};
  link_node plain{2};
  a.dial(2, plain->port());
  CHECK(a.warns("the TLS handshake failed: one side uses TLS and the other "
                "does not"));
  CHECK(plain.warns("was closed: one side uses TLS and the other does not"));
  CHECK(a.told().connected.empty());
}

TEST_CASE_METHOD(tls_world, "a TLS file that can not be used is named",
                 "[runtime][tls]") {
  CHECK(load_tls(named("a", "ours")).has_value());
  auto refuses = [](const tls_files& x, const std::string& file) {
    auto out = load_tls(x);
    return !out && out.error() == ec::invalid_config
           && out.error().detail.find(file) != std::string::npos;
  };
  auto x = named("a", "ours");
  x.cert = files / "none.crt";
  CHECK(refuses(x, "none.crt"));
  x = named("a", "ours");
  x.key = files / "b.key";
  CHECK(refuses(x, "b.key"));
  x = named("a", "ours");
  x.ca = files / "empty.ca";
  std::ofstream{x.ca} << "nothing\n";
  CHECK(refuses(x, "empty.ca"));
  x = named("a", "ours");
  x.ca.clear();
  CHECK(refuses(x, "CA file"));
}

TEST_CASE_METHOD(tls_world, "a transport does not start without its TLS files",
                 "[runtime][tls]") {
  CHECK_THROWS_AS(
    (link_node{1, [](transport_options& x) { x.tls_cert = "/nowhere.crt"; }}),
    std::runtime_error);
}
