// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/node/file_limit.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include <sys/resource.h>

#include <spdlog/spdlog.h>

#include "storage/model/limits.hpp"

namespace eventd::runtime {

namespace {

/// What nearly every system gives to a process.
constexpr uint64_t files_usual = 1'024;

uint64_t other_files(uint64_t files, size_t connections) {
  return files > connections ? files - connections : 0;
}

} // namespace

uint64_t raise_file_limit() {
  rlimit now{};
  if (::getrlimit(RLIMIT_NOFILE, &now) != 0) {
    spdlog::warn("the limit of open files is not known: {}",
                 std::strerror(errno));
    return files_usual;
  }
  if (now.rlim_cur >= now.rlim_max)
    return now.rlim_cur;
  auto before = now.rlim_cur;
  now.rlim_cur = now.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &now) != 0) {
    spdlog::warn("the limit of open files stays {}: {}", before,
                 std::strerror(errno));
    return before;
  }
  spdlog::info("the limit of open files was {} and is now {}", before,
               now.rlim_cur);
  return now.rlim_cur;
}

size_t deliveries_for(uint64_t files, size_t connections, size_t io_threads) {
  return std::clamp<uint64_t>(other_files(files, connections) / 2
                                / std::max<size_t>(io_threads, 1),
                              1, limits::deliveries_max);
}

size_t idle_connections_for(uint64_t files, size_t connections,
                            size_t io_threads) {
  return std::min<uint64_t>(other_files(files, connections) / 4
                              / std::max<size_t>(io_threads, 1),
                            limits::idle_connections_max);
}

result<size_t> connections_for(uint64_t files, size_t asked) {
  auto others = std::max<uint64_t>(files / 4, limits::other_files_min);
  if (asked == 0 && files > others)
    return std::min<uint64_t>(files - others, limits::connections_max);
  if (files <= limits::other_files_min
      || asked > files - limits::other_files_min)
    return failure{ec::invalid_config,
                   "--connections-max: " + std::to_string(asked)
                     + " connections and "
                     + std::to_string(limits::other_files_min)
                     + " other files are more than the " + std::to_string(files)
                     + " that this process may have open: raise its hard "
                       "limit (ulimit -Hn, LimitNOFILE=)",
                   "connections-max"};
  return asked;
}

} // namespace eventd::runtime
