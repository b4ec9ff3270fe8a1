// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/bench/ack_ledger.hpp"

#include <charconv>
#include <optional>

#include "tools/client/event_text.hpp"

namespace eventd::bench {

namespace {

/// Problems of one kind that are kept: the first say what a thousand would.
constexpr size_t problems_max = 1'000;

std::optional<std::string> id_of(std::string_view line) {
  auto members = tools::members_of(line);
  if (!members)
    return std::nullopt;
  for (auto& x : *members)
    if (x.key == "id" && x.value.size() >= 2 && x.value.front() == '"')
      return std::string{x.value.substr(1, x.value.size() - 2)};
  return std::nullopt;
}

} // namespace

result<ack_ledger> ack_ledger::parse(std::string_view text) {
  ack_ledger out;
  for (size_t number = 1; !text.empty(); ++number) {
    auto end = text.find('\n');
    if (end == std::string_view::npos)
      break;
    auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    uint64_t offset = 0;
    auto [rest, wrong]
      = std::from_chars(line.data(), line.data() + line.size(), offset);
    auto used = static_cast<size_t>(rest - line.data());
    if (wrong != std::errc{} || used + 1 >= line.size() || line[used] != ' ')
      return failure{ec::invalid_request,
                     "line " + std::to_string(number) + " is not 'offset id'"};
    entry fresh;
    fresh.offset = offset;
    auto id = std::string{line.substr(used + 1)};
    auto [at, is_new] = out.events_.try_emplace(std::move(id), fresh);
    if (!is_new && at->second.offset != offset)
      out.noted_.push_back(at->first + " was acknowledged at two offsets, "
                           + std::to_string(at->second.offset) + " and "
                           + std::to_string(offset));
  }
  return out;
}

void ack_ledger::note_read(std::string_view line) {
  auto note = [this](std::string text) {
    if (noted_.size() < problems_max)
      noted_.push_back(std::move(text));
  };
  std::string unmarked;
  auto marks = tools::append_unmarked(unmarked, line);
  auto id = id_of(line);
  if (!marks || !id)
    return note("a line is not an event: " + std::string{line.substr(0, 80)});
  if (marks->offset) {
    if (any_offset_ && *marks->offset != next_offset_)
      note("after offset " + std::to_string(next_offset_ - 1) + " comes "
           + std::to_string(*marks->offset));
    any_offset_ = true;
    next_offset_ = *marks->offset + 1;
  }
  auto found = events_.find(*id);
  if (found == events_.end())
    return;
  auto& x = found->second;
  ++x.reads;
  if (marks->offset && *marks->offset != x.offset) {
    x.wrong_offset = true;
    x.read_at = *marks->offset;
  }
}

void ack_ledger::note_delivered(std::string_view line) {
  auto id = id_of(line);
  if (!id) {
    if (noted_.size() < problems_max)
      noted_.push_back("a line is not a delivery: "
                       + std::string{line.substr(0, 80)});
    return;
  }
  if (auto found = events_.find(*id); found != events_.end())
    ++found->second.deliveries;
}

std::vector<std::string> ack_ledger::read_problems() const {
  auto out = noted_;
  for (auto& [id, x] : events_) {
    auto what = id + ", acknowledged at " + std::to_string(x.offset);
    if (out.size() >= problems_max)
      break;
    if (x.reads == 0)
      out.push_back(what + ", was not read");
    if (x.reads > 1)
      out.push_back(what + ", was read " + std::to_string(x.reads) + " times");
    if (x.wrong_offset)
      out.push_back(what + ", was read at " + std::to_string(x.read_at));
  }
  return out;
}

std::vector<std::string> ack_ledger::delivery_problems() const {
  auto out = noted_;
  for (auto& [id, x] : events_)
    if (x.deliveries == 0 && out.size() < problems_max)
      out.push_back(id + ", acknowledged at " + std::to_string(x.offset)
                    + ", was not delivered");
  return out;
}

} // namespace eventd::bench
