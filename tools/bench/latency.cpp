// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/latency.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace eventd::bench {

size_t latency_histogram::bucket_of(uint64_t ns) {
  // Below 64 ns a bucket is 1 ns wide; then 64 buckets share each doubling.
  if (ns < (uint64_t{1} << step_bits))
    return static_cast<size_t>(ns);
  auto shift = static_cast<unsigned>(std::bit_width(ns)) - step_bits - 1;
  auto step = (ns >> shift) - (uint64_t{1} << step_bits);
  return std::min<size_t>(((size_t{shift} + 1) << step_bits) + step,
                          buckets - 1);
}

uint64_t latency_histogram::upper_end(size_t bucket) {
  auto group = bucket >> step_bits;
  if (group == 0)
    return bucket;
  auto step = bucket & ((size_t{1} << step_bits) - 1);
  auto first = ((uint64_t{1} << step_bits) + step) << (group - 1);
  return first + (uint64_t{1} << (group - 1)) - 1;
}

void latency_histogram::record(int64_t ns) {
  ++counts_[bucket_of(static_cast<uint64_t>(std::max<int64_t>(ns, 0)))];
  ++count_;
}

void latency_histogram::merge(const latency_histogram& other) {
  for (size_t i = 0; i < buckets; ++i)
    counts_[i] += other.counts_[i];
  count_ += other.count_;
}

int64_t latency_histogram::quantile(double part) const {
  auto wanted
    = static_cast<uint64_t>(std::ceil(part * static_cast<double>(count_)));
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets && count_ > 0; ++i) {
    seen += counts_[i];
    if (seen >= std::max<uint64_t>(wanted, 1))
      return static_cast<int64_t>(upper_end(i));
  }
  return 0;
}

} // namespace eventd::bench
