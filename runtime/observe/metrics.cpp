// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/observe/metrics.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include "storage/model/limits.hpp"

namespace eventd::runtime {

namespace {

using actors::channel_status;
using actors::histogram;
using actors::subscription_status;

constexpr std::string_view other_channels = "other";

/// Microseconds as seconds without a binary fraction's tail: 2500 is "0.0025".
std::string seconds(uint64_t us) {
  auto text = std::to_string(us / 1'000'000);
  auto fraction = std::to_string(1'000'000 + us % 1'000'000).substr(1);
  while (!fraction.empty() && fraction.back() == '0')
    fraction.pop_back();
  return fraction.empty() ? text : text + '.' + fraction;
}

/// Writes families one after the other.
class page {
public:
  void family(std::string_view name, std::string_view type,
              std::string_view help) {
    out_.append("# HELP ").append(name).append(" ").append(help);
    out_.append("\n# TYPE ").append(name).append(" ").append(type);
    out_ += '\n';
  }

  void sample(std::string_view name, std::string_view labels,
              const std::string& value) {
    out_ += name;
    if (!labels.empty())
      out_.append("{").append(labels).append("}");
    out_.append(" ").append(value) += '\n';
  }

  void one(std::string_view name, std::string_view type, std::string_view help,
           uint64_t value) {
    family(name, type, help);
    sample(name, {}, std::to_string(value));
  }

  void durations(const std::string& name, std::string_view help,
                 const histogram& x) {
    family(name, "histogram", help);
    uint64_t below = 0;
    for (size_t i = 0; i < histogram::bounds_us.size(); ++i) {
      below += x.bucket(i);
      sample(name + "_bucket", "le=\"" + seconds(histogram::bounds_us[i]) + '"',
             std::to_string(below));
    }
    below += x.bucket(histogram::bounds_us.size());
    sample(name + "_bucket", "le=\"+Inf\"", std::to_string(below));
    sample(name + "_sum", {}, seconds(x.sum_us()));
    sample(name + "_count", {}, std::to_string(below));
  }

  std::string take() { return std::move(out_); }

private:
  std::string out_;
};

uint64_t value(const actors::counter& x) {
  return x.load(std::memory_order_relaxed);
}

void publishes(page& out, const publish_stats& x) {
  out.family("eventd_publish_total", "counter",
             "Publish requests by channel and HTTP status.");
  for (const auto& [channel, counts] : x.snapshot()) {
    auto label = "channel=\"" + escape_label(channel) + "\",code=\"";
    for (size_t i = 0; i < channel_publishes::statuses.size(); ++i)
      if (auto n = counts->of(i); n > 0)
        out.sample("eventd_publish_total",
                   label + std::to_string(channel_publishes::statuses[i]) + '"',
                   std::to_string(n));
  }
  out.durations("eventd_publish_duration_seconds",
                "Publish requests from header to answer.", x.duration);
}

void node_figures(page& out, const actors::node_stats& x) {
  out.one("eventd_log_fsyncs_total", "counter", "Synced writes of the log.",
          value(x.fsyncs));
  out.durations("eventd_log_fsync_duration_seconds",
                "One synced write of the log.", x.fsync_duration);
  out.one("eventd_log_written_bytes_total", "counter",
          "Bytes that the log writer gave to the database.",
          value(x.log_bytes));
  out.one("eventd_log_entries_committed_total", "counter",
          "Raft entries applied.", value(x.entries_committed));
  out.one("eventd_events_committed_total", "counter", "Events applied.",
          value(x.events_committed));
  out.durations("eventd_commit_duration_seconds",
                "From proposal to applied entry.", x.commit_duration);
  out.one("eventd_actor_restarts_total", "counter",
          "Actors restarted after an unexpected end.", value(x.actor_restarts));
  // Failures are counted first, so that successes never seem to shrink.
  auto failed = value(x.deliveries_failed);
  auto all = std::max(value(x.deliveries), failed);
  out.family("eventd_delivery_attempts_total", "counter",
             "Delivery attempts by how they ended.");
  out.sample("eventd_delivery_attempts_total", "result=\"success\"",
             std::to_string(all - failed));
  out.sample("eventd_delivery_attempts_total", "result=\"failure\"",
             std::to_string(failed));
  out.durations("eventd_delivery_duration_seconds", "One delivery attempt.",
                x.delivery_duration);
  out.one("eventd_dead_letters_total", "counter",
          "Events handed to a dead letter sink.", value(x.dead_letters));
  out.one("eventd_undelivered_total", "counter",
          "Events given up without a dead letter sink.", value(x.undelivered));
  out.one("eventd_events_trimmed_total", "counter",
          "Events hidden by retention.", value(x.events_trimmed));
}

void damage_figures(page& out, const actors::node_stats& x) {
  out.one("eventd_corrupt_records_total", "counter",
          "Records that failed their check.", value(x.corrupt_records));
  out.one("eventd_mended_records_total", "counter",
          "Damaged records and rows written anew from another node.",
          value(x.mended_records));
  out.one("eventd_scrubbed_bytes_total", "counter",
          "Bytes looked at for damage in the background.",
          value(x.scrubbed_bytes));
  out.one("eventd_scrub_passes_total", "counter",
          "Times that all logs were looked at.", value(x.scrub_passes));
  out.one("eventd_damaged_families", "gauge",
          "Parts of the database that are not compacted, for damage.",
          value(x.damaged_families));
}

/// One gauge of every item, under its labels.
template <class T, class Get>
void gauges(page& out, std::string_view name, std::string_view help,
            const std::vector<std::pair<std::string, const T*>>& items,
            Get get) {
  out.family(name, "gauge", help);
  for (const auto& [labels, item] : items)
    out.sample(name, labels, std::to_string(get(*item)));
}

void channel_figures(page& out, const std::vector<channel_status>& all) {
  std::vector<std::pair<std::string, const channel_status*>> items;
  for (const auto& x : all) {
    if (items.size() >= limits::metric_channels_max)
      break;
    items.emplace_back(
      "channel=\"" + escape_label(x.info.namespace_name + '/' + x.info.name)
        + '"',
      &x);
  }
  gauges(out, "eventd_channel_end_offset", "Offset of the next event.", items,
         [](const auto& x) { return x.end.value; });
  gauges(out, "eventd_channel_earliest_offset", "First readable offset.", items,
         [](const auto& x) { return x.earliest.value; });
  gauges(out, "eventd_channel_stored_bytes", "Payload bytes readable.", items,
         [](const auto& x) { return x.bytes; });
}

void subscription_figures(page& out,
                          const std::vector<subscription_status>& all) {
  std::vector<std::pair<std::string, const subscription_status*>> items;
  for (const auto& x : all) {
    if (items.size() >= limits::metric_channels_max)
      break;
    items.emplace_back(
      "subscription=\"" + escape_label(x.namespace_name + '/' + x.name)
        + "\",channel=\"" + escape_label(x.namespace_name + '/' + x.channel)
        + '"',
      &x);
  }
  gauges(
    out, "eventd_subscription_lag_events",
    "Events stored and not yet delivered or given up.", items,
    [](const auto& x) { return x.end > x.low ? x.end - x.low : uint64_t{0}; });
  gauges(out, "eventd_subscription_in_flight_events", "Attempts on the wire.",
         items, [](const auto& x) { return x.in_flight; });
  gauges(out, "eventd_subscription_waiting_events",
         "Events that wait for another attempt.", items,
         [](const auto& x) { return x.waiting; });
  gauges(out, "eventd_subscription_paused", "1 while paused.", items,
         [](const auto& x) { return x.paused ? 1 : 0; });
}

void process(page& out, const metrics_input& x) {
  out.family("process_cpu_seconds_total", "counter",
             "User and system CPU time.");
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", x.process.cpu_seconds);
  out.sample("process_cpu_seconds_total", {}, text.data());
  out.one("process_resident_memory_bytes", "gauge", "Resident memory.",
          x.process.resident_bytes);
  out.one("process_open_fds", "gauge", "Open file descriptors.",
          x.process.open_fds);
  out.one("eventd_http_connections", "gauge", "Open HTTP connections.",
          x.connections);
  out.family("eventd_connections_refused_total", "counter",
             "Connections refused because of too many, in all or of one "
             "address.");
  out.sample("eventd_connections_refused_total", "reason=\"total\"",
             std::to_string(x.refused_for_all));
  out.sample("eventd_connections_refused_total", "reason=\"address\"",
             std::to_string(x.refused_for_address));
  out.one("eventd_http_in_flight_bytes", "gauge",
          "Bytes of request bodies being handled.", x.inflight_bytes);
}

} // namespace

void channel_publishes::count(unsigned status) {
  auto found = std::find(statuses.begin(), statuses.end(), status);
  if (found == statuses.end())
    found = std::find(statuses.begin(), statuses.end(), 500U);
  counts_[static_cast<size_t>(found - statuses.begin())].fetch_add(
    1, std::memory_order_relaxed);
}

std::shared_ptr<channel_publishes>
publish_stats::of(const std::string& channel) {
  std::lock_guard guard{mutex_};
  if (auto found = channels_.find(channel); found != channels_.end())
    return found->second;
  auto full = channels_.size() >= limits::metric_channels_max;
  auto& counts = channels_[full ? std::string{other_channels} : channel];
  if (!counts)
    counts = std::make_shared<channel_publishes>();
  return counts;
}

std::vector<publish_stats::entry> publish_stats::snapshot() const {
  std::lock_guard guard{mutex_};
  std::vector<entry> all{channels_.begin(), channels_.end()};
  std::sort(all.begin(), all.end());
  return all;
}

std::string escape_label(std::string_view text) {
  std::string out;
  for (auto c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\\' || c == '"')
      (out += '\\') += c;
    else
      out += c;
  }
  return out;
}

process_figures read_process_figures() {
  process_figures out;
  std::ifstream stat{"/proc/self/stat"};
  std::string line;
  std::getline(stat, line);
  // Fields 14, 15 and 24, counted after the name, which may hold spaces.
  if (auto name_end = line.rfind(')'); name_end != std::string::npos) {
    std::istringstream fields{line.substr(name_end + 1)};
    std::string word;
    auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    auto page_bytes = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
    for (int field = 3; field <= 24 && fields >> word; ++field) {
      if (field == 14 || field == 15)
        out.cpu_seconds += std::strtod(word.c_str(), nullptr) / ticks;
      else if (field == 24)
        out.resident_bytes
          = std::strtoull(word.c_str(), nullptr, 10) * page_bytes;
    }
  }
  std::error_code failed;
  std::filesystem::directory_iterator fds{"/proc/self/fd", failed};
  for (; !failed && fds != std::filesystem::directory_iterator{};
       fds.increment(failed))
    ++out.open_fds;
  return out;
}

std::string render_metrics(const metrics_input& x) {
  page out;
  out.family("eventd_build_info", "gauge", "1, with the version.");
  out.sample("eventd_build_info", "version=\"" + escape_label(x.version) + '"',
             "1");
  publishes(out, x.publishes);
  node_figures(out, x.stats);
  damage_figures(out, x.stats);
  channel_figures(out, x.channels);
  subscription_figures(out, x.subscriptions);
  process(out, x);
  return out.take();
}

} // namespace eventd::runtime
