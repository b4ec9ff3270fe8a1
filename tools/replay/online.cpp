// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <chrono>
#include <thread>

#include "tools/client/command_line.hpp"
#include "tools/client/event_stream.hpp"
#include "tools/client/event_text.hpp"
#include "tools/replay/event_source.hpp"

namespace eventd::replay {

namespace {

/// Connections that broke one after the other without an event between.
constexpr int attempts_max = 8;
constexpr std::chrono::milliseconds pause_first{100};

class online_source final : public event_source {
public:
  explicit online_source(const options& from)
    : options_(from), stream_(connect(from)) {}

  result<source_span> open(const std::string& from, const std::string& to,
                           const std::string& epoch) override {
    range_.from = from;
    range_.to = to;
    range_.epoch = epoch;
    auto begun = begin();
    if (!begun)
      return begun.error();
    range_.epoch = begun->epoch;
    auto first = number(from);
    if (from == "earliest")
      first = begun->earliest;
    if (from == "latest")
      first = begun->end;
    auto end = begun->end;
    if (auto asked = number(to); asked && end)
      end = std::min(*asked, *end);
    // Without `--to` the replay ends where the log ended when it began, also
    // when events arrive meanwhile.
    end_ = end;
    end_is_exact_ = to.empty() || number(to);
    next_ = first;
    return source_span{begun->epoch, first, end};
  }

  result<std::string_view> next_page() override {
    auto pause = pause_first;
    for (int attempt = 0;; ++attempt) {
      auto page = finished() ? std::string_view{} : stream_.next();
      if (page && !(page->empty() && ends_early())) {
        auto lines = up_to_end(*page);
        note_last(lines);
        return lines;
      }
      auto why = page ? early_end() : page.error();
      auto broken = why == ec::unreachable || why == ec::timeout;
      if (!broken || attempt == attempts_max || tools::interrupted())
        return why;
      if (next_) {
        range_.from = std::to_string(*next_);
        std::this_thread::sleep_for(pause);
        pause *= 2;
      }
      if (auto begun = begin(); !begun && !(begun.error() == ec::unreachable))
        return begun.error();
    }
  }

private:
  static tools::event_stream connect(const options& from) {
    tools::client_options how;
    how.stop = &tools::interrupted();
    // `check` has read the URL once.
    return tools::event_stream{
      tools::http_client{*tools::parse_url(from.server), how}};
  }

  static std::optional<uint64_t> number(const std::string& text) {
    if (text.empty() || text.find_first_not_of("0123456789") != text.npos)
      return std::nullopt;
    return std::stoull(text);
  }

  result<tools::stream_position> begin() {
    return stream_.open(options_.channel, range_);
  }

  bool finished() const { return end_ && next_ && *next_ >= *end_; }

  bool ends_early() const {
    return end_is_exact_ && end_ && next_ && *next_ < *end_;
  }

  failure early_end() const {
    return {ec::unreachable, "the server ended at offset "
                               + std::to_string(*next_) + ", before "
                               + std::to_string(*end_)};
  }

  static std::optional<uint64_t> offset_of(std::string_view line) {
    std::string unused;
    auto marks = tools::append_unmarked(unused, line);
    return marks ? marks->offset : std::nullopt;
  }

  /// Drops lines at or beyond the end, from the back.
  std::string_view up_to_end(std::string_view lines) const {
    while (end_ && !lines.empty()) {
      auto last = last_line(lines);
      auto offset = offset_of(last);
      if (!offset || *offset < *end_)
        break;
      lines.remove_suffix(last.size() + 1);
    }
    return lines;
  }

  static std::string_view last_line(std::string_view lines) {
    lines.remove_suffix(1);
    auto before = lines.rfind('\n');
    return before == std::string_view::npos ? lines : lines.substr(before + 1);
  }

  void note_last(std::string_view lines) {
    if (lines.empty())
      return;
    if (auto offset = offset_of(last_line(lines)))
      next_ = *offset + 1;
  }

  options options_;
  tools::event_stream stream_;
  tools::event_range range_;
  std::optional<uint64_t> next_; ///< First offset that was not read yet.
  std::optional<uint64_t> end_;
  bool end_is_exact_ = false; ///< `end_` does not come from a time.
};

} // namespace

std::unique_ptr<event_source> make_online_source(const options& from) {
  return std::make_unique<online_source>(from);
}

} // namespace eventd::replay
