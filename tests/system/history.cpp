// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/system/history.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <ostream>
#include <regex>
#include <string_view>
#include <utility>

namespace eventd::tests {

namespace {

using time_point = std::chrono::steady_clock::time_point;

constexpr size_t anomaly_lines_max = 20;

/// What a subscriber gets again in its in-flight window and within the interval
/// in which cursors are committed is much less.
constexpr uint64_t reset_after = 10'000;
constexpr uint64_t reset_offset_max = 256;

const char* text_of(outcome x) {
  switch (x) {
  case outcome::invoke:
    return "invoke";
  case outcome::ok:
    return "ok";
  case outcome::info:
    return "info";
  default:
    return "fail";
  }
}

std::string process_of(const std::string& id) {
  return id.substr(0, id.find('-'));
}

/// @pre `id` is "process-counter"
uint64_t counter_of(const std::string& id) {
  return std::stoull(id.substr(id.find('-') + 1));
}

class judge_of_one {
public:
  judge_of_one(const history& what, const std::vector<sighting>& log)
    : what_(what), log_(log) {}

  verdict decide() {
    read_records();
    check_log();
    check_losses();
    check_offsets();
    check_reader("the last reader", log_);
    for (size_t i = 0; i < what_.readers.size(); ++i)
      check_reader("reader " + std::to_string(i), what_.readers[i]);
    return std::move(found_);
  }

private:
  void read_records() {
    for (auto& publisher : what_.publishers)
      for (auto& x : publisher)
        (x.what == outcome::invoke ? sent_
         : x.what == outcome::fail ? refused_
         : x.what == outcome::info ? unknown_
                                   : acknowledged_)
          .insert(x.id);
    found_.acknowledged = acknowledged_.size();
    found_.unknown = unknown_.size();
    found_.refused = refused_.size();
  }

  void check_log() {
    for (auto& x : log_) {
      if (!stored_.emplace(x.id, x.offset).second)
        note(found_.duplicates, "duplicate", x);
      if (!sent_.contains(x.id))
        note(found_.unexpected, "unexpected", x);
      if (refused_.contains(x.id))
        note(found_.aborted, "aborted read", x);
    }
  }

  /// Counters of one publisher's events that were acknowledged and are there.
  struct range {
    uint64_t first = std::numeric_limits<uint64_t>::max();
    uint64_t last = 0;
  };

  void check_losses() {
    std::map<std::string, range> there;
    for (auto& id : acknowledged_)
      if (stored_.contains(id)) {
        auto& x = there[process_of(id)];
        x.first = std::min(x.first, counter_of(id));
        x.last = std::max(x.last, counter_of(id));
      }
    for (auto& id : acknowledged_) {
      if (stored_.contains(id))
        continue;
      auto& x = there[process_of(id)];
      auto n = counter_of(id);
      if (n < x.first)
        note(found_.lost_prefix, "lost, prefix", {0, id});
      else if (n > x.last)
        note(found_.lost_postfix, "lost, postfix", {0, id});
      else
        note(found_.lost_middle, "lost, middle", {0, id});
    }
  }

  void check_offsets() {
    for (auto& x : log_)
      values_.emplace(x.offset, x.id);
    for (auto& publisher : what_.publishers)
      for (auto& x : publisher)
        if (x.what == outcome::ok)
          check_offset({x.offset, x.id});
    for (auto& reader : what_.readers)
      for (auto& x : reader)
        check_offset(x);
  }

  void check_offset(const sighting& x) {
    auto value = values_.emplace(x.offset, x.id).first;
    auto place = stored_.emplace(x.id, x.offset).first;
    if (value->second != x.id)
      note(found_.inconsistent, "offset has also " + value->second, x);
    else if (place->second != x.offset)
      note(found_.inconsistent,
           "event is also at " + std::to_string(place->second), x);
  }

  void check_reader(const std::string& who, const std::vector<sighting>& saw) {
    uint64_t next = 0;
    for (auto& x : saw) {
      if (x.offset < next)
        note(found_.nonmonotonic, who + " goes back", x);
      else if (x.offset > next)
        note(found_.skips, who + " skips from " + std::to_string(next), x);
      next = x.offset + 1;
    }
  }

  void note(size_t& count, const std::string& kind, const sighting& x) {
    ++count;
    if (++lines_ <= anomaly_lines_max)
      found_.anomalies
        += kind + ": " + x.id + " at offset " + std::to_string(x.offset) + "\n";
  }

  const history& what_;
  const std::vector<sighting>& log_;
  verdict found_;
  size_t lines_ = 0;
  std::set<std::string> sent_, acknowledged_, unknown_, refused_;
  std::map<std::string, uint64_t> stored_; ///< Event to its first offset.
  std::map<uint64_t, std::string> values_;
};

} // namespace

void history::append(history other) {
  for (auto& x : other.publishers)
    publishers.push_back(std::move(x));
  for (auto& x : other.readers)
    readers.push_back(std::move(x));
}

namespace {

void add_acks(const std::vector<record>& publisher,
              std::vector<time_point>& out) {
  for (auto& x : publisher)
    if (x.what == outcome::ok)
      out.push_back(x.at);
}

} // namespace

std::vector<time_point> history::acks() const {
  std::vector<time_point> out;
  for (auto& publisher : publishers)
    add_acks(publisher, out);
  std::sort(out.begin(), out.end());
  return out;
}

std::chrono::milliseconds history::client_gap(time_point from,
                                              time_point to) const {
  std::chrono::milliseconds longest{0};
  for (auto& publisher : publishers) {
    std::vector<time_point> acks;
    add_acks(publisher, acks);
    longest = std::max(longest, longest_gap(acks, from, to));
  }
  return longest;
}

std::set<std::string> history::acknowledged() const {
  std::set<std::string> out;
  for (auto& publisher : publishers)
    for (auto& x : publisher)
      if (x.what == outcome::ok)
        out.insert(x.id);
  return out;
}

void history::write(std::ostream& out) const {
  std::vector<const record*> all;
  for (auto& publisher : publishers)
    for (auto& x : publisher)
      all.push_back(&x);
  std::stable_sort(all.begin(), all.end(),
                   [](auto* a, auto* b) { return a->at < b->at; });
  for (auto* x : all) {
    auto since = std::chrono::duration_cast<std::chrono::microseconds>(
      x->at - all.front()->at);
    out << R"({"time_us":)" << since.count() << R"(,"process":)"
        << process_of(x->id) << R"(,"type":")" << text_of(x->what)
        << R"(","f":"publish","value":")" << x->id << '"';
    if (x->what == outcome::ok)
      out << R"(,"offset":)" << x->offset;
    out << "}\n";
  }
}

std::chrono::milliseconds longest_gap(const std::vector<time_point>& acks,
                                      time_point from, time_point to) {
  auto longest = time_point::duration::zero();
  auto last = from;
  for (auto at : acks) {
    if (at < from || at >= to)
      continue;
    longest = std::max(longest, at - last);
    last = at;
  }
  longest = std::max(longest, to - last);
  return std::chrono::duration_cast<std::chrono::milliseconds>(longest);
}

std::chrono::milliseconds latency(const history& what, double share,
                                  time_point from, time_point to) {
  std::vector<time_point::duration> took;
  for (auto& publisher : what.publishers) {
    std::map<std::string, time_point> sent;
    for (auto& x : publisher)
      if (x.what == outcome::invoke)
        sent.emplace(x.id, x.at);
      else if (x.what == outcome::ok && x.at >= from && x.at < to)
        took.push_back(x.at - sent.at(x.id));
  }
  if (took.empty())
    return {};
  auto at = static_cast<size_t>(share * static_cast<double>(took.size() - 1));
  auto nth = took.begin() + static_cast<std::ptrdiff_t>(at);
  std::nth_element(took.begin(), nth, took.end());
  return std::chrono::duration_cast<std::chrono::milliseconds>(*nth);
}

size_t zero_resets(const std::vector<std::string>& delivered,
                   const std::vector<sighting>& log) {
  std::map<std::string_view, uint64_t> offsets;
  for (auto& x : log)
    offsets.emplace(x.id, x.offset);
  size_t out = 0;
  uint64_t most = 0;
  for (auto& id : delivered) {
    auto at = offsets.find(id);
    if (at == offsets.end())
      continue;
    most = std::max(most, at->second);
    if (at->second >= reset_offset_max || most < reset_after)
      continue;
    ++out;
    most = 0;
  }
  return out;
}

std::string double_elections(const std::vector<std::string>& logs) {
  static const std::regex line{"shard ([0-9]+): elected in term ([0-9]+)"};
  std::map<std::pair<std::string, std::string>, size_t> won;
  std::string out;
  for (size_t n = 0; n < logs.size(); ++n)
    for (std::sregex_iterator x{logs[n].begin(), logs[n].end(), line}, end;
         x != end; ++x) {
      auto [first, is_new] = won.emplace(std::pair{(*x)[1], (*x)[2]}, n + 1);
      if (!is_new)
        out += "shard " + (*x)[1].str() + ", term " + (*x)[2].str() + ": nodes "
               + std::to_string(first->second) + " and " + std::to_string(n + 1)
               + "\n";
    }
  return out;
}

verdict judge(const history& what, const std::vector<sighting>& log) {
  return judge_of_one{what, log}.decide();
}

} // namespace eventd::tests
