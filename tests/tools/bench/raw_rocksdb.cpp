// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <iostream>
#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include "tools/bench/measurement.hpp"
#include "tools/bench/publisher.hpp"
#include "tools/client/command_line.hpp"

// What the log's database does at best, to compare eventd with: one thread
// writes and syncs, and nothing is parsed, replicated or answered.

namespace {

using namespace eventd;
using tools::exit_code;

struct raw_flags {
  std::string path;
  size_t batch = 4'096;
  size_t size = 256;
  double seconds = 5;
};

exit_code refused(const rocksdb::Status& why) {
  return tools::report({ec::io_error, why.ToString()});
}

/// Puts `batch` events at a time, packed into one value, and syncs each.
exit_code measure(const raw_flags& x) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.error_if_exists = true;
  // As eventd has it: storage/rocks/database.cpp.
  options.compression = rocksdb::kNoCompression;
  rocksdb::DB* opened = nullptr;
  auto status = rocksdb::DB::Open(options, x.path, &opened);
  if (!status.ok())
    return refused(status);
  std::unique_ptr<rocksdb::DB> database{opened};
  rocksdb::WriteOptions synced;
  synced.sync = true;
  std::string value(x.batch * x.size, 'x');
  bench::measurement out;
  out.name = "raw";
  out.parameters = {{"store", "rocksdb"}, {"batch", x.batch}, {"size", x.size}};
  out.server_begin = bench::sample_process(getpid());
  auto begin = bench::steady_ns();
  auto end = begin + static_cast<int64_t>(x.seconds * 1e9);
  for (auto now = begin; now < end && !tools::interrupted();) {
    // Big-endian, so that keys are written in their order.
    char key[8];
    for (int i = 0; i < 8; ++i)
      key[i] = static_cast<char>(out.requests >> (56 - 8 * i));
    status = database->Put(synced, rocksdb::Slice{key, sizeof key}, value);
    if (!status.ok())
      return refused(status);
    auto done = bench::steady_ns();
    out.latency.record(done - now);
    now = done;
    ++out.requests;
    out.seconds = static_cast<double>(now - begin) / 1e9;
  }
  out.events = out.requests * x.batch;
  out.bytes = out.events * x.size;
  out.server_end = bench::sample_process(getpid());
  bench::print(out);
  return exit_code::ok;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures synced writes to RocksDB alone; one JSON line",
               "raw_rocksdb"};
  raw_flags x;
  app.add_option("--path", x.path, "Folder of the database, made here")
    ->required();
  app.add_option("--batch", x.batch, "Events of one value")
    ->check(CLI::Range(size_t{1}, size_t{1} << 20))
    ->capture_default_str();
  app.add_option("--size", x.size, "Of one event. Unit: bytes")
    ->check(CLI::Range(size_t{1}, size_t{1} << 20))
    ->capture_default_str();
  app.add_option("--duration", x.seconds, "Unit: s")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  tools::catch_interrupts();
  return tools::run_program(app, argc, argv, [&x] { return measure(x); });
}
