// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tests/system/load.hpp"

#include <algorithm>
#include <mutex>

#include "tests/system/node.hpp"
#include "tools/client/address.hpp"
#include "tools/client/http_client.hpp"

namespace eventd::tests {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr size_t batch_events = 100;

/// The status that says for sure that an event was not taken for want of space.
constexpr unsigned disk_full = 507;

/// Every n-th request of the first publisher is one that must be refused.
constexpr uint64_t refused_each = 50;

/// How long an address that failed is left alone.
constexpr std::chrono::milliseconds avoid_for{500};
constexpr std::chrono::milliseconds failure_pause{10};
constexpr std::chrono::milliseconds last_tries{15'000};
constexpr std::chrono::milliseconds read_pause{50};
constexpr uint64_t page_events = 1'000;

/// A request waits 5 s at the server during a failover.
constexpr tools::client_options patience_of_client{1'000ms, 7'000ms, nullptr};

/// Connections to all addresses.
class addresses {
public:
  addresses(const std::vector<std::string>& urls, size_t preferred)
    : preferred_(preferred % urls.size()), avoid_until_(urls.size()) {
    for (auto& x : urls)
      clients_.emplace_back(*tools::parse_url(x), patience_of_client);
  }

  result<tools::http_answer> send(const tools::http_request& what) {
    current_ = choose();
    return clients_[current_].send(what);
  }

  /// What `send` chose last is not to be chosen for a while.
  void failed() {
    avoid_until_[current_] = clock::now() + avoid_for;
    std::this_thread::sleep_for(failure_pause);
  }

private:
  size_t choose() const {
    auto now = clock::now();
    for (size_t i = 0; i < clients_.size(); ++i)
      if (auto n = (preferred_ + i) % clients_.size(); avoid_until_[n] <= now)
        return n;
    return (current_ + 1) % clients_.size();
  }

  size_t preferred_;
  size_t current_ = 0;
  std::vector<tools::http_client> clients_;
  std::vector<clock::time_point> avoid_until_;
};

} // namespace

class load::publisher {
public:
  publisher(const std::vector<std::string>& urls, std::string channel,
            size_t number, const load_options& options)
    : to_(urls, number), channel_(std::move(channel)),
      process_(options.first_process + number),
      again_(options.again == retries::all
             || (options.again == retries::every_second && number % 2 == 0)),
      sends_bad_(number == 0),
      batched_(options.publishers > 1 && number + 1 == options.publishers) {}

  void run(const std::atomic<bool>& done) {
    while (!done) {
      auto bad = sends_bad_ && ++requests_ % refused_each == 0;
      std::vector<std::string> ids;
      for (size_t i = 0; i < (batched_ ? batch_events : 1); ++i)
        ids.push_back(std::to_string(process_) + "-"
                      + std::to_string(counter_++));
      note(outcome::invoke, ids);
      settle(ids, bad, done);
    }
  }

  size_t acknowledged() const { return acknowledged_; }
  size_t unanswered() const { return unanswered_; }
  size_t strange() const { return strange_; }
  size_t full() const { return full_; }

  std::string strange_answer() const {
    std::lock_guard hold{lock_};
    return strange_answer_;
  }

  std::vector<record> take() { return std::move(records_); }

private:
  /// Sends until what became of the events is known, or is left open.
  void settle(const std::vector<std::string>& ids, bool bad,
              const std::atomic<bool>& done) {
    std::optional<clock::time_point> end;
    auto first = true;
    for (auto what = request(ids, bad);; first = false) {
      auto given = to_.send(what);
      auto meaning = meaning_of(given, bad);
      // For this sending only, not for one before it.
      if (meaning == outcome::fail && !first && !bad)
        meaning = outcome::info;
      if (meaning == outcome::ok)
        return acknowledge(ids, *given);
      if (meaning == outcome::fail) {
        if (!bad)
          to_.failed();
        return note(outcome::fail, ids);
      }
      ++unanswered_;
      to_.failed();
      if (done && !end)
        end = clock::now() + last_tries;
      if (!again_ || (end && clock::now() >= *end))
        return note(outcome::info, ids);
    }
  }

  outcome meaning_of(const result<tools::http_answer>& given, bool bad) {
    if (!given || given->status == 429 || given->status == 503)
      return outcome::info;
    if (given->status == disk_full && !bad) {
      ++full_;
      return outcome::fail;
    }
    if (given->status != (bad ? 400u : 202u)) {
      ++strange_;
      std::lock_guard hold{lock_};
      strange_answer_ = std::to_string(given->status) + " " + given->body;
    }
    if (given->status == 202)
      return outcome::ok;
    return given->status < 500 ? outcome::fail : outcome::info;
  }

  void acknowledge(const std::vector<std::string>& ids,
                   const tools::http_answer& given) {
    // The events of one request stay together, whichever sending stored them.
    auto text = offset_of(given);
    if (text.empty() || text.find_first_not_of("0123456789") != text.npos) {
      ++strange_;
      std::lock_guard hold{lock_};
      strange_answer_ = "202 with the offset '" + text + "'";
      return note(outcome::info, ids);
    }
    note(outcome::ok, ids, std::stoull(text));
    acknowledged_ += ids.size();
  }

  void note(outcome what, const std::vector<std::string>& ids,
            uint64_t first = 0) {
    auto now = clock::now();
    for (size_t i = 0; i < ids.size(); ++i)
      records_.push_back({now, what, ids[i], first + i});
  }

  tools::http_request request(const std::vector<std::string>& ids,
                              bool bad) const {
    if (!batched_) {
      auto out = binary_event(channel_, ids.front(), own_data(ids.front()));
      if (bad)
        std::erase_if(out.headers,
                      [](auto& x) { return x.first == "ce-type"; });
      return out;
    }
    std::string joined;
    for (auto& id : ids)
      joined += (joined.empty() ? "[" : ",") + event_json(id, own_data(id));
    return {"POST",
            "/" + channel_,
            {{"Content-Type", "application/cloudevents-batch+json"}},
            joined + "]"};
  }

  addresses to_;
  std::string channel_;
  size_t process_;
  bool again_;
  bool sends_bad_;
  bool batched_;
  uint64_t requests_ = 0;
  uint64_t counter_ = 0;
  std::vector<record> records_;
  std::atomic<size_t> acknowledged_ = 0;
  std::atomic<size_t> unanswered_ = 0;
  std::atomic<size_t> strange_ = 0;
  std::atomic<size_t> full_ = 0;
  mutable std::mutex lock_;
  std::string strange_answer_;
};

class load::reader {
public:
  reader(const std::vector<std::string>& urls, const std::string& channel,
         size_t number)
    : from_(urls, number), path_(tools::parse_channel(channel)->events_path()) {
  }

  void run(const std::atomic<bool>& done) {
    while (!done) {
      auto given
        = from_.send({"GET",
                      path_ + "?from=" + std::to_string(next_)
                        + "&limit=" + std::to_string(page_events) + "&wait=1",
                      {{"Accept", "application/x-ndjson"}},
                      {}});
      auto begin = next_.load();
      if (given && given->status == 200)
        take_lines(given->body);
      else
        from_.failed();
      // Who is behind does not rest.
      if (next_ < begin + page_events)
        std::this_thread::sleep_for(read_pause);
    }
  }

  uint64_t next() const { return next_; }
  std::vector<sighting> take() { return std::move(seen_); }

private:
  void take_lines(std::string_view rest) {
    while (!rest.empty()) {
      auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      auto x = event_of(line);
      // What is no event, or has other data, is not what anyone sent.
      if (!x)
        seen_.push_back({next_, "not an event: " + std::string{line}});
      else if (!has_own_data(*x))
        seen_.push_back({x->offset, "not as it was sent: " + x->line});
      else
        seen_.push_back({x->offset, x->id});
      next_ = seen_.back().offset + 1;
    }
  }

  addresses from_;
  std::string path_;
  std::atomic<uint64_t> next_ = 0;
  std::vector<sighting> seen_;
};

load::load(std::vector<std::string> urls, std::string channel,
           load_options options) {
  for (size_t i = 0; i < options.publishers; ++i)
    publishers_.push_back(
      std::make_unique<publisher>(urls, channel, i, options));
  for (size_t i = 0; i < options.readers; ++i)
    readers_.push_back(std::make_unique<reader>(urls, channel, i));
  for (auto& x : publishers_)
    publisher_threads_.emplace_back([this, &x] { x->run(publishers_done_); });
  for (auto& x : readers_)
    reader_threads_.emplace_back([this, &x] { x->run(readers_done_); });
}

load::~load() {
  stop_publishers();
  stop_readers();
}

void load::stop_publishers() {
  publishers_done_ = true;
  for (auto& x : publisher_threads_)
    x.join();
  publisher_threads_.clear();
}

void load::stop_readers() {
  readers_done_ = true;
  for (auto& x : reader_threads_)
    x.join();
  reader_threads_.clear();
}

size_t load::acknowledged() const {
  size_t all = 0;
  for (auto& x : publishers_)
    all += x->acknowledged();
  return all;
}

size_t load::unanswered() const {
  size_t all = 0;
  for (auto& x : publishers_)
    all += x->unanswered();
  return all;
}

size_t load::strange() const {
  size_t all = 0;
  for (auto& x : publishers_)
    all += x->strange();
  return all;
}

size_t load::full() const {
  size_t all = 0;
  for (auto& x : publishers_)
    all += x->full();
  return all;
}

std::string load::strange_answer() const {
  for (auto& x : publishers_)
    if (auto text = x->strange_answer(); !text.empty())
      return text;
  return {};
}

bool load::readers_reach(uint64_t end, std::chrono::milliseconds limit) const {
  return eventually(
    [&] {
      return std::all_of(readers_.begin(), readers_.end(),
                         [&](auto& x) { return x->next() >= end; });
    },
    limit);
}

history load::take() {
  history out;
  for (auto& x : publishers_)
    out.publishers.push_back(x->take());
  for (auto& x : readers_)
    out.readers.push_back(x->take());
  return out;
}

} // namespace eventd::tests
