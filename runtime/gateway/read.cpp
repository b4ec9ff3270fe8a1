// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <limits>

#include "runtime/gateway/event_text.hpp"
#include "runtime/gateway/http_session.hpp"
#include "runtime/gateway/owner.hpp"
#include "runtime/gateway/positions.hpp"
#include "runtime/gateway/read_query.hpp"
#include "runtime/gateway/response.hpp"
#include "runtime/gateway/status.hpp"
#include "runtime/gateway/worker.hpp"

/// GET …/events: reads as one page, as lines or as server-sent events. A
/// reader holds one piece of text in memory; while it is being sent, nothing
/// more is read for it.
namespace eventd::runtime {

namespace {

/// One read on its way.
class read_job {
public:
  read_job(http_session& session, read_format format, read_query query)
    : session_(session), routes_(session.worker().routes()),
      asks_(session.worker().asks()), format_(format), query_(std::move(query)),
      channel_(session.route().key()) {}

  task<> run();

private:
  task<result<void>> resolve();
  task<result<bool>> next_piece();
  task<result<void>> fill_page();
  task<result<bool>> wait_for_more(int64_t wait_ms);
  task<> answer_page();
  task<> stream();
  task<bool> stream_step();
  task<> fail(const failure& why);
  void add_headers(std::string& out);

  bool is_full() const { return left_ == 0 || next_ >= stop_; }

  http_session& session_;
  route_table& routes_;
  bridge& asks_;
  const read_format format_;
  const read_query query_;
  const std::string channel_; ///< "namespace/name".
  incarnation epoch_;
  log_offset earliest_;
  log_offset end_;
  log_offset next_; ///< First offset not yet answered.
  log_offset stop_{~uint64_t{0}};
  uint64_t left_ = ~uint64_t{0}; ///< Events that may still be answered.
  std::string text_;
  bool known_ = false; ///< Where the channel stands.
};

task<result<void>> read_job::resolve() {
  auto status = co_await ask_channel<actors::channel_status>(
    routes_, asks_, channel_, actors::atom::status_v);
  if (!status)
    co_return status.error();
  epoch_ = status->info.epoch;
  earliest_ = status->earliest;
  end_ = status->end;
  known_ = true;
  if (query_.epoch && *query_.epoch != epoch_.value)
    co_return failure{ec::epoch_mismatch,
                      "the channel was made anew: its epoch is "
                        + std::to_string(epoch_.value),
                      "epoch"};
  auto from
    = co_await find_offset(routes_, asks_, channel_, *status, query_.from);
  if (!from)
    co_return from.error();
  next_ = *from;
  if (next_ < earliest_)
    co_return failure{ec::offset_trimmed,
                      "the events before the earliest offset are gone",
                      earliest_.value};
  if (next_ > end_)
    co_return failure{ec::offset_out_of_range,
                      "the offset is beyond the end of the log", end_.value};
  if (query_.to) {
    auto to
      = co_await find_offset(routes_, asks_, channel_, *status, *query_.to);
    if (!to)
      co_return to.error();
    stop_ = *to;
  }
  if (query_.limit)
    left_ = *query_.limit;
  else if (format_ == read_format::batch)
    left_ = 1'000;
  co_return result<void>{};
}

/// Reads one piece more into `text_`; answers whether there was any.
task<result<bool>> read_job::next_piece() {
  if (is_full())
    co_return false;
  actors::read_request what;
  what.from = next_;
  what.events_max = static_cast<uint32_t>(
    std::min<uint64_t>({left_, stop_ - next_, limits::read_events_max}));
  what.bytes_max = limits::read_chunk_bytes_max;
  auto page = co_await ask_channel<actors::read_result>(
    routes_, asks_, channel_, actors::atom::read_v, what);
  if (!page) {
    // Retention went by between the look and the read: "earliest" moves on.
    if (page.error() == ec::offset_trimmed && page.error().offset
        && query_.from.what == position::kind::earliest && next_ == earliest_) {
      earliest_ = next_ = log_offset{*page.error().offset};
      co_return co_await next_piece();
    }
    co_return page.error();
  }
  if (page->epoch != epoch_)
    co_return failure{ec::epoch_mismatch, "the channel was made anew", "epoch"};
  for (const auto& batch : page->batches) {
    append_events(text_, format_, batch, epoch_);
    left_ -= std::min<uint64_t>(left_, batch.size());
  }
  auto moved = page->next > next_;
  next_ = page->next;
  earliest_ = page->earliest;
  end_ = page->end;
  co_return moved;
}

/// Reads until there is a page's worth, the end or the limit is reached.
task<result<void>> read_job::fill_page() {
  bool any = false;
  while (text_.size() < limits::read_bytes_max) {
    auto more = co_await next_piece();
    if (!more) {
      // What was read stands; the next request meets the error first.
      if (any)
        break;
      co_return more.error();
    }
    if (!*more)
      break;
    any = true;
  }
  co_return result<void>{};
}

/// @returns whether there is more now; false too when the node drains
task<result<bool>> read_job::wait_for_more(int64_t wait_ms) {
  auto timeout_s
    = static_cast<uint64_t>(wait_ms) / 1'000 + limits::ask_timeout_s;
  auto end = co_await wait_for_channel<log_offset>(
    routes_, asks_, channel_, timeout_s, actors::atom::await_v,
    actors::await_request{next_, wait_ms});
  if (!end)
    co_return end.error();
  end_ = *end;
  co_return end_ > next_;
}

void read_job::add_headers(std::string& out) {
  add_header(out, "Eventd-Epoch", epoch_.value);
  add_header(out, "Eventd-Earliest-Offset", earliest_.value);
  add_header(out, "Eventd-End-Offset", end_.value);
}

task<> read_job::fail(const failure& why) {
  // Retention went by between the look and the read.
  if (why == ec::offset_trimmed && why.offset)
    earliest_ = log_offset{*why.offset};
  std::string headers;
  if (known_)
    add_headers(headers);
  co_await session_.fail(why, 0, headers);
}

task<> read_job::answer_page() {
  if (format_ == read_format::batch)
    text_ += ']';
  auto& out = session_.begin(200);
  add_header(out, "Content-Type", media_type(format_));
  add_headers(out);
  add_header(out, "Eventd-Next-Offset", next_.value);
  co_await session_.finish(text_);
}

task<> read_job::run() {
  if (auto ok = co_await resolve(); !ok)
    co_return co_await fail(ok.error());
  if (format_ == read_format::batch)
    text_ = "[";
  auto begin = next_;
  if (auto ok = co_await fill_page(); !ok)
    co_return co_await fail(ok.error());
  bool waits = next_ == begin && query_.wait_ms > 0 && !is_full();
  if (format_ == read_format::batch) {
    if (waits) {
      auto more = co_await wait_for_more(query_.wait_ms);
      if (!more && more.error() != ec::shutting_down)
        co_return co_await fail(more.error());
      if (more && *more)
        if (auto ok = co_await fill_page(); !ok)
          co_return co_await fail(ok.error());
    }
    co_return co_await answer_page();
  }
  bool follows = format_ == read_format::sse || query_.wait_ms > 0;
  if (format_ == read_format::ndjson
      && (is_full() || (next_ >= end_ && !follows)))
    co_return co_await answer_page();
  co_await stream();
}

task<> read_job::stream() {
  auto& out = session_.begin(200);
  add_header(out, "Content-Type", media_type(format_));
  add_headers(out);
  if (format_ == read_format::sse)
    add_header(out, "Cache-Control", "no-cache");
  else if (session_.speaks_chunked())
    add_header(out, "Trailer", "Eventd-Next-Offset");
  if (!co_await session_.begin_stream())
    co_return;
  while (co_await stream_step()) {
    // One piece is sent before the next is read.
  }
}

/// Sends what is there, reads or waits for more.
/// @returns false when the stream has ended
task<bool> read_job::stream_step() {
  auto text = std::exchange(text_, {});
  if (!co_await session_.write(text))
    co_return false;
  std::string trailer;
  add_header(trailer, "Eventd-Next-Offset", next_.value);
  auto more = co_await next_piece();
  if (more && !*more && !is_full()) {
    auto sse = format_ == read_format::sse;
    if (auto wait_ms = sse ? limits::heartbeat_ms : query_.wait_ms;
        wait_ms > 0) {
      more = co_await wait_for_more(wait_ms);
      if (more && !*more && sse) {
        append_heartbeat(text_);
        co_return true;
      }
    }
  }
  if (more && *more)
    co_return true;
  if (more || more.error() == ec::shutting_down) {
    co_await session_.end_stream(trailer);
    co_return false;
  }
  if (format_ == read_format::sse) {
    std::string last;
    append_stream_error(last, more.error(), http_status(more.error().code));
    if (co_await session_.write(last))
      co_await session_.end_stream();
    co_return false;
  }
  // Lines have no place for an error: the answer stays without its end.
  session_.close();
  co_return false;
}

} // namespace

task<> handle_read(http_session& session) {
  auto format = negotiate_read(session.header("accept"));
  if (!format) {
    co_await session.fail(format.error(), 406);
    co_return;
  }
  auto query = parse_read_query(session.route().query);
  if (!query) {
    co_await session.fail(query.error());
    co_return;
  }
  auto last_id = session.header("last-event-id");
  if (*format == read_format::sse && !last_id.empty()) {
    auto id = parse_event_id(last_id);
    if (!id) {
      co_await session.fail({ec::invalid_request,
                             "Last-Event-ID must be epoch:offset",
                             "last-event-id"});
      co_return;
    }
    if (id->offset == std::numeric_limits<uint64_t>::max()) {
      co_await session.fail({ec::invalid_request,
                             "no offset follows that of Last-Event-ID",
                             "last-event-id"});
      co_return;
    }
    query->from = {position::kind::offset, id->offset + 1};
    query->epoch = id->epoch;
  }
  read_job job{session, *format, std::move(*query)};
  co_await job.run();
}

} // namespace eventd::runtime
