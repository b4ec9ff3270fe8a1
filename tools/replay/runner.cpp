// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/replay/runner.hpp"

#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <thread>

#include <unistd.h>

#include "tools/client/command_line.hpp"
#include "tools/client/event_text.hpp"
#include "tools/client/problem.hpp"
#include "tools/replay/event_source.hpp"
#include "tools/replay/event_target.hpp"
#include "tools/replay/progress.hpp"
#include "tools/replay/resume_token.hpp"

namespace eventd::replay {

namespace {

using tools::exit_code;
using steady = std::chrono::steady_clock;

/// Between two resume tokens: what a crash of the tool makes it do again.
constexpr int64_t token_interval_ms = 3'000;
constexpr std::chrono::milliseconds sleep_slice{100};

/// One replay while it runs.
class replay_run {
public:
  explicit replay_run(const options& what)
    : options_(what), pacer_(what.speed), terminal_(isatty(STDERR_FILENO) != 0),
      clock_(terminal_) {}

  exit_code run() {
    if (auto prepared = prepare(); !prepared)
      return tools::report(prepared.error());
    auto outcome = replay_all();
    auto settled = target_->settle();
    if (outcome && !settled)
      outcome = settled.error();
    if (outcome && target_->first_open())
      outcome = failure{ec::unreachable,
                        "the target did not answer for the last events"};
    clear_line();
    // Where a file could not be written the last token that was saved holds.
    if ((settled || options_.output.empty())
        && (!outcome || target_->done().failures > 0))
      if (auto saved = save(); !saved)
        tools::report(saved.error());
    return conclude(outcome);
  }

private:
  result<void> prepare() {
    token_.source
      = options_.data_dir.empty() ? options_.server : options_.data_dir;
    token_.channel = options_.channel.text();
    token_.target = target_name(options_);
    auto from = options_.from;
    token_.to = options_.to;
    token_.epoch = options_.epoch;
    std::optional<uint64_t> output_bytes;
    auto token = options_.resume.empty() ? std::optional<resume_token>{}
                                         : load_token(options_.resume);
    if (!token)
      return token.error();
    if (*token) {
      if (auto matches = check_matches(**token, options_); !matches)
        return matches;
      token_ = **token;
      from = std::to_string(token_.next);
      output_bytes = token_.output_bytes;
      std::cerr << "resumes at offset " << token_.next << '\n';
    }
    if (auto opened = open_source(from); !opened)
      return opened;
    auto target = make_target(options_, token_.done, output_bytes);
    if (!target)
      return target.error();
    target_ = std::move(*target);
    if (auto there = target_->check(); !there)
      return there;
    start_ = steady::now();
    return {};
  }

  result<void> open_source(const std::string& from) {
    if (options_.data_dir.empty()) {
      source_ = make_online_source(options_);
    } else {
      auto offline = make_offline_source(options_);
      if (!offline)
        return offline.error();
      source_ = std::move(*offline);
    }
    auto span = source_->open(from, token_.to, token_.epoch);
    if (!span)
      return span.error();
    token_.epoch = span->epoch;
    if (span->first)
      token_.next = *span->first;
    if (token_.to.empty() && span->end)
      token_.to = std::to_string(*span->end);
    if (span->first && span->end && *span->first <= *span->end)
      total_ = *span->end - *span->first;
    return {};
  }

  result<void> replay_all() {
    while (!tools::interrupted()) {
      auto page = source_->next_page();
      if (!page)
        return page.error();
      if (page->empty())
        return {};
      if (auto done = replay_page(*page); !done)
        return done;
      if (auto told = tell(); !told)
        return told;
    }
    return failure{ec::shutting_down, "interrupted"};
  }

  result<void> replay_page(std::string_view lines) {
    while (!lines.empty()) {
      auto line = lines.substr(0, lines.find('\n'));
      lines.remove_prefix(line.size() + 1);
      event_.clear();
      auto marks = tools::append_unmarked(event_, line);
      if (!marks)
        return marks.error();
      if (!pacer_.unpaced())
        if (auto waited = wait_for(*marks); !waited)
          return waited;
      auto taken = target_->take(event_, marks->offset.value_or(token_.next));
      if (!taken)
        return taken;
      ++taken_;
      if (marks->offset)
        token_.next = *marks->offset + 1;
      // Only a slow target or a pace needs to be looked at between pages.
      if ((options_.output.empty() || !pacer_.unpaced()))
        if (auto told = tell(); !told || tools::interrupted())
          return told ? failure{ec::shutting_down, "interrupted"}
                      : told.error();
    }
    return {};
  }

  result<void> wait_for(const tools::server_marks& marks) {
    auto due = std::chrono::nanoseconds{
      pacer_.next_due_ns(tools::parse_time_ms(marks.time))};
    // What was taken before must not wait for the next event's hour.
    if (steady::now() - start_ < due - sleep_slice)
      if (auto settled = target_->settle(); !settled)
        return settled;
    for (;;) {
      auto left = due - (steady::now() - start_);
      if (left.count() <= 0)
        return {};
      if (tools::interrupted())
        return failure{ec::shutting_down, "interrupted"};
      std::this_thread::sleep_for(
        std::min<std::chrono::nanoseconds>(left, sleep_slice));
      if (auto told = tell(); !told)
        return told;
    }
  }

  int64_t elapsed_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(steady::now()
                                                                 - start_)
      .count();
  }

  /// Progress for the user, and a token for the next start, when due.
  result<void> tell() {
    auto now_ms = elapsed_ms();
    if (clock_.due(now_ms)) {
      std::fputs(terminal_ ? "\r" : "", stderr);
      std::fputs(progress_line(progress(now_ms), terminal_).c_str(), stderr);
      std::fputs(terminal_ ? "\033[K" : "\n", stderr);
      drawn_ = terminal_;
    }
    if (options_.resume.empty() || now_ms < next_token_ms_)
      return {};
    next_token_ms_ = now_ms + token_interval_ms;
    if (auto settled = target_->settle(); !settled)
      return settled;
    return save();
  }

  progress_state progress(int64_t now_ms) const {
    auto& now = target_->done();
    return {taken_ - (now.failures - token_.done.failures),
            now.bytes - token_.done.bytes, now.failures - token_.done.failures,
            total_, now_ms};
  }

  result<void> save() {
    if (options_.resume.empty())
      return {};
    auto token = token_;
    token.next = next();
    token.done = target_->done();
    token.output_bytes = target_->output_bytes();
    return save_token(options_.resume, token);
  }

  void clear_line() {
    if (drawn_)
      std::fputs("\r\033[K", stderr);
  }

  exit_code conclude(const result<void>& outcome) {
    auto& all = target_->done();
    auto ms = elapsed_ms();
    auto rate = static_cast<double>(all.events - token_.done.events) * 1'000
                / static_cast<double>(std::max<int64_t>(ms, 1));
    std::cerr << "replayed " << all.events
              << (all.events == 1 ? " event, " : " events, ") << all.bytes
              << " bytes, " << all.failures << " failures in "
              << static_cast<double>(ms) / 1'000 << " s (" << short_number(rate)
              << " events/s)\n";
    if (!outcome) {
      std::cerr << "stopped before the end: "
                << tools::one_line(outcome.error()) << '\n'
                << how_to_resume() << '\n';
      return outcome.error() == ec::shutting_down
               ? exit_code::partial
               : tools::exit_code_of(outcome.error().code);
    }
    if (auto why = source_->incomplete()) {
      std::cerr << "not all was replayed: " << *why << '\n';
      return exit_code::partial;
    }
    if (all.failures > 0)
      return exit_code::partial;
    // Nothing is left to resume; a token would make the next run do nothing.
    if (!options_.resume.empty())
      std::remove(options_.resume.c_str());
    return exit_code::ok;
  }

  /// The first event that is not settled.
  uint64_t next() const { return target_->first_open().value_or(token_.next); }

  std::string how_to_resume() const {
    if (!options_.resume.empty())
      return "the same command goes on from " + options_.resume;
    auto at = std::to_string(next());
    return "go on with --from "
           + (token_.epoch.empty() ? at : token_.epoch + ":" + at);
  }

  options options_;
  pacer pacer_;
  bool terminal_;
  progress_clock clock_;
  resume_token token_; ///< `done` stays what it was at the start.
  std::unique_ptr<event_source> source_;
  std::unique_ptr<event_target> target_;
  std::string event_; ///< The event in hand, without marks.
  std::optional<uint64_t> total_;
  uint64_t taken_ = 0;
  int64_t next_token_ms_ = token_interval_ms;
  bool drawn_ = false;
  steady::time_point start_;
};

} // namespace

exit_code run(const options& what) {
  tools::catch_interrupts();
  return replay_run{what}.run();
}

} // namespace eventd::replay
