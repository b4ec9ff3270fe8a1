// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/raft/configuration.hpp"

#include <memory>

#include "storage/raft/shim.h"

namespace eventd::storage {

namespace {

struct configuration_deleter {
  void operator()(shim_configuration* x) const { shim_configuration_free(x); }
};

using configuration_ptr
  = std::unique_ptr<shim_configuration, configuration_deleter>;

} // namespace

result<std::string>
encode_configuration(const std::vector<raft_server>& servers) {
  configuration_ptr all{shim_configuration_new()};
  if (!all)
    return failure{ec::raft_failed, "libraft has no memory"};
  for (const auto& x : servers)
    if (shim_configuration_add(all.get(), x.id, x.address.c_str(),
                               static_cast<int>(x.role))
        != 0)
      return failure{ec::raft_failed, "the configuration can not hold server "
                                        + std::to_string(x.id) + " at '"
                                        + x.address + "'"};
  void* data = nullptr;
  size_t size = 0;
  if (shim_configuration_encode(all.get(), &data, &size) != 0)
    return failure{ec::raft_failed, "libraft can not encode a configuration"};
  std::string out{static_cast<const char*>(data), size};
  shim_free_bytes(data);
  return out;
}

result<std::vector<raft_server>>
decode_configuration(std::string_view configuration) {
  configuration_ptr all{
    shim_configuration_decode(configuration.data(), configuration.size())};
  if (!all)
    return failure{ec::corrupt_record, "not a configuration of libraft"};
  std::vector<raft_server> out;
  shim_server x;
  for (unsigned i = 0; shim_configuration_at(all.get(), i, &x); ++i)
    out.push_back({x.id, x.address, static_cast<raft_server_role>(x.role)});
  return out;
}

} // namespace eventd::storage
