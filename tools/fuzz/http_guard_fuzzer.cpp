// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/cloudevents/json_reader.hpp"
#include "runtime/cloudevents/text.hpp"
#include "runtime/config/gateway_limits.hpp"
#include "runtime/gateway/framing_guard.hpp"
#include "runtime/gateway/message_parser.hpp"
#include "runtime/gateway/problem.hpp"
#include "runtime/gateway/response.hpp"
#include "runtime/gateway/router.hpp"
#include "storage/model/limits.hpp"

using namespace eventd;
using namespace eventd::runtime;

namespace {

using error_code = message_parser<true>::error_code;

constexpr auto npos = std::string_view::npos;

/// Small, so that inputs of some hundred bytes meet them.
constexpr header_bounds bounds{1'024, 32};
constexpr size_t body_bytes_max = 256;

/// A longer one is slow byte by byte, and finds nothing more.
constexpr size_t input_bytes_max = 8'192;

void require(bool x) {
  if (!x)
    std::abort();
}

/// No character that ends a line, or that a terminal or server obeys.
bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > 0x20 && c < 0x7f; });
}

size_t count(std::string_view text, char c) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), c));
}

// -- what passed the guard ----------------------------------------------------

void check_header(std::string_view raw, const message& request,
                  const framing& passed) {
  auto fields = request.fields();
  require(raw.size() <= bounds.bytes_max);
  require(fields.size() <= bounds.fields_max);
  // A line for the request, for each field, and the empty one; no line ends in
  // another way, and none was left out.
  require(raw.ends_with("\r\n\r\n"));
  require(raw.find("\r\n\r\n") == raw.size() - 4);
  require(count(raw, '\n') == fields.size() + 2);
  require(count(raw, '\r') == fields.size() + 2);
  require(is_token(request.method()) && is_visible(request.target()));
  for (const auto& field : fields)
    require(is_token(field.name) && is_one_line(field.value));
  require(is_visible(passed.target) && is_visible(passed.host));
  require(passed.target == "*" || passed.target.starts_with('/'));
}

/// The guard and the parser must frame a body alike, and in one way only.
void check_framing(const message& request, const message_parser<true>& parser,
                   const framing& passed) {
  auto fields = request.fields();
  auto n = std::count_if(fields.begin(), fields.end(), [](const auto& x) {
    return iequals(x.name, "content-length")
           || iequals(x.name, "transfer-encoding");
  });
  require(n == (passed.kind == body_framing::none ? 0 : 1));
  require(parser.chunked() == (passed.kind == body_framing::chunked));
  auto length = parser.content_length();
  require(length.has_value() == (passed.kind == body_framing::length));
  require(!length || *length == passed.content_length);
}

void check_route(std::string_view method, const framing& passed,
                 const routed& to) {
  require(to.name.empty() || passed.target.find(to.name) != npos);
  require(passed.target.ends_with(to.query));
  require(to.allow.empty() == (to.kind != route_kind::wrong_method));
  auto allowed = ", " + std::string{to.allow} + ",";
  require(allowed.find(", " + std::string{method} + ",") == std::string::npos);
  switch (to.kind) {
  case route_kind::publish:
  case route_kind::handshake:
  case route_kind::read:
  case route_kind::subscription_pause:
  case route_kind::subscription_resume:
  case route_kind::subscription_seek:
    require(count(to.key(), '/') == 1 && !to.key().starts_with('/')
            && !to.key().ends_with('/'));
    break;
  default:
    break;
  }
}

/// What a chunked body holds, read by RFC 9112 section 7.1 a second time; none
/// where it does not end with `text`, or two servers could end a line of it in
/// different places.
std::optional<std::string> unchunked(std::string_view text) {
  std::string out;
  for (;;) {
    auto eol = text.find("\r\n");
    if (eol == npos || !is_one_line(text.substr(0, eol))
        || cloudevents::hex_value(text[0]) < 0)
      return {};
    size_t size = 0;
    for (size_t i = 0; cloudevents::hex_value(text[i]) >= 0; ++i)
      size = size * 16 + static_cast<size_t>(cloudevents::hex_value(text[i]));
    text.remove_prefix(eol + 2);
    if (size == 0)
      break;
    if (size > text.size() || !text.substr(size).starts_with("\r\n"))
      return {};
    out += text.substr(0, size);
    text.remove_prefix(size + 2);
  }
  while (!text.starts_with("\r\n")) {
    auto eol = text.find("\r\n");
    if (eol == npos || !is_one_line(text.substr(0, eol)))
      return {};
    text.remove_prefix(eol + 2);
  }
  return text.size() == 2 ? std::optional{out} : std::nullopt;
}

// -- what is answered ---------------------------------------------------------

/// Any bytes as a field of an answer: one line that says them, or nothing.
void check_field(std::string_view name, std::string_view value) {
  std::string out = "before";
  auto before = out;
  if (!add_header(out, name, value)) {
    require(out == before);
    return;
  }
  require(out
          == before + std::string{name} + ": " + std::string{value} + "\r\n");
  require(is_one_line(name) && name.find(':') == npos);
  require(is_one_line(value));
}

/// Answers a problem as `http_session::fail` does, with what handlers echo, and
/// reads it as a client would.
void check_answer(const failure& why, std::string_view origin,
                  std::string_view allow) {
  size_t n_fields = 3;
  std::string out;
  begin_response(out, 400, "Sat, 28 Nov 2026 09:10:11 GMT");
  if (!origin.empty()) {
    require(add_header(out, "WebHook-Allowed-Origin", origin));
    ++n_fields;
  }
  if (!allow.empty()) {
    require(add_header(out, "Allow", allow));
    ++n_fields;
  }
  auto body = problem_json(why, 400);
  require(is_one_line(body) && cloudevents::is_json_text(body, 1));
  end_response(out, body, false);
  message heard;
  message_parser<false> parser{heard, body.size()};
  parser.eager(true);
  error_code failed;
  auto used = parser.put({out.data(), out.size()}, failed);
  require(!failed && parser.is_done() && used == out.size());
  require(heard.status() == 400 && heard.body() == body);
  require(heard.fields().size() == n_fields);
}

// -- a connection -------------------------------------------------------------

/// Reads a client's bytes with the calls of `http_session`, without its socket.
class connection {
public:
  /// @param next_piece how many bytes come next, at least 1
  connection(std::string_view bytes, std::function<size_t()> next_piece)
    : bytes_(bytes), next_piece_(std::move(next_piece)) {}

  /// Answers what was understood of the requests that were read to their end.
  /// Why there is no other is not told: where a header is wrong and also ends
  /// too early or is too large, the pieces decide which is seen first.
  std::string run() {
    while (read_header() && serve()) {
    }
    return std::move(told_);
  }

private:
  bool receive() {
    if (end_ == bytes_.size())
      return false;
    end_ += std::min(next_piece_(), bytes_.size() - end_);
    return true;
  }

  /// The parser gets a copy, so that a byte read behind it, or later, is found.
  size_t put(error_code& failed) {
    auto unread = bytes_.substr(begin_, end_ - begin_);
    std::vector<char> copy(unread.begin(), unread.end());
    auto used = parser_->put({copy.data(), copy.size()}, failed);
    require(used <= copy.size());
    begin_ += used;
    return used;
  }

  bool read_header() {
    parser_.emplace(request_, body_bytes_max, bounds);
    header_ = begin_;
    for (;;) {
      if (begin_ < end_) {
        error_code failed;
        put(failed);
        if (parser_->is_header_done() && !failed)
          return true;
        if (failed && failed != http::error::need_more)
          return false;
        if (end_ - header_ > bounds.bytes_max)
          return false;
      }
      if (!receive())
        return false;
    }
  }

  bool serve() {
    auto raw = bytes_.substr(header_, begin_ - header_);
    auto folded = raw.find("\n ") != npos || raw.find("\n\t") != npos;
    auto passed
      = framing_guard({request_.method(), request_.target(), request_.version(),
                       request_.fields(), raw.size(), folded},
                      bounds);
    if (!passed) {
      check_answer(passed.error(), {}, {});
      if (passed.error() != ec::payload_too_large)
        told_ += "refused: " + passed.error().detail;
      return false;
    }
    check_header(raw, request_, *passed);
    check_framing(request_, *parser_, *passed);
    auto to = route(request_.method(), passed->target, passed->host);
    check_route(request_.method(), *passed, to);
    check_answer({ec::not_found, std::string{passed->target}},
                 find_field(request_.fields(), "webhook-request-origin"),
                 to.allow);
    auto header = shown();
    if (!read_body(*passed))
      return false;
    require(shown() == header); // A trailer changes nothing.
    told_ += header + std::string{passed->target} + '\n'
             + std::string{passed->host} + '\n' + std::string{to.key()} + '\n'
             + std::to_string(static_cast<int>(to.kind)) + ' '
             + std::to_string(begin_) + '\n' + request_.body() + '\n';
    return !passed->close;
  }

  std::string shown() const {
    auto out = std::string{request_.method()} + ' '
               + std::string{request_.target()} + ' '
               + std::to_string(request_.version()) + '\n';
    for (const auto& [name, value] : request_.fields())
      out.append(name).append(": ").append(value).append("\n");
    return out;
  }

  bool read_body(const framing& passed) {
    if (passed.kind == body_framing::chunked)
      return read_chunked();
    if (passed.content_length > body_bytes_max)
      return false;
    while (end_ - begin_ < passed.content_length)
      if (!receive())
        return false;
    request_.body() = bytes_.substr(begin_, passed.content_length);
    begin_ += passed.content_length;
    return true;
  }

  /// The session's own bounds on lines and framing are left out: they only
  /// refuse more, and some of them depend on the pieces.
  bool read_chunked() {
    auto body = begin_;
    for (;;) {
      error_code failed = http::error::need_more;
      while (begin_ < end_ && !parser_->is_done()) {
        auto used = put(failed);
        if (failed || used == 0)
          break;
      }
      require(request_.body().size() <= body_bytes_max);
      if (parser_->is_done()) {
        require(unchunked(bytes_.substr(body, begin_ - body))
                == request_.body());
        return true;
      }
      if ((failed && failed != http::error::need_more) || !receive())
        return false;
    }
  }

  std::string_view bytes_;
  std::function<size_t()> next_piece_;
  size_t header_ = 0; ///< Where the header begins.
  size_t begin_ = 0;  ///< Received and not yet used: [begin_, end_).
  size_t end_ = 0;
  message request_;
  std::optional<message_parser<true>> parser_;
  std::string told_;
};

} // namespace

/// Called by libFuzzer with each input, the bytes of a client: what passes the
/// guard can be framed in one way only and holds no second line, and where the
/// pieces are cut changes nothing.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (bytes.size() > input_bytes_max)
    return 0;
  auto hash = std::hash<std::string_view>{}(bytes);
  std::minstd_rand dice{static_cast<std::minstd_rand::result_type>(hash)};
  auto whole = connection{bytes, [] { return limits::socket_read_bytes; }};
  auto cut = connection{bytes, [&] { return 1 + dice() % 40; }};
  auto single = connection{bytes, [] { return size_t{1}; }};
  auto told = whole.run();
  require(cut.run() == told);
  require(single.run() == told);
  auto at = bytes.empty() ? 0 : hash % bytes.size();
  check_field(bytes.substr(0, at), bytes.substr(at));
  check_field("X-Field", bytes);
  check_field(bytes, "value");
  return 0;
}
