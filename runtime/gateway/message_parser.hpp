// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "runtime/cloudevents/cloudevents.hpp"
#include "runtime/config/gateway_limits.hpp"
#include "runtime/gateway/response.hpp"

namespace eventd::runtime {

namespace http = boost::beast::http;

/// One HTTP message as it came in. The header is a copy taken before the body:
/// what trails a chunked body can not change it. Reused from message to
/// message, so that a busy connection allocates nothing for usual headers.
class message {
public:
  std::string_view method() const { return at(method_); }
  std::string_view target() const { return at(target_); }
  unsigned status() const { return status_; }
  unsigned version() const { return version_; }

  /// The fields in the order they came in. Views until `clear`.
  std::span<const cloudevents::field> fields() const { return fields_; }

  /// The body without its framing, as far as it came in by the parser.
  std::string& body() { return body_; }

  void clear() {
    empty(text_);
    empty(places_);
    empty(fields_);
    empty(body_);
    method_ = target_ = {};
    status_ = 0;
  }

private:
  template <bool>
  friend class message_parser;

  /// What each part keeps for the next message, which may be long in coming.
  static constexpr size_t kept_bytes_max = 2'048;

  /// A long header's text grows by these: by doubling it would take up to
  /// twice its size.
  static constexpr size_t step_bytes = 1'024;

  struct place {
    uint32_t begin = 0;
    uint32_t size = 0;
  };

  template <class T>
  static void empty(T& part) {
    part.clear();
    if (part.capacity() * sizeof(typename T::value_type) > kept_bytes_max)
      part.shrink_to_fit();
  }

  std::string_view at(place x) const {
    return std::string_view{text_}.substr(x.begin, x.size);
  }

  template <class Text>
  place keep(const Text& text) {
    place x{static_cast<uint32_t>(text_.size()),
            static_cast<uint32_t>(text.size())};
    auto size = text_.size() + text.size();
    if (size > text_.capacity() && size > step_bytes) {
      std::string larger;
      larger.reserve((size / step_bytes + 1) * step_bytes);
      larger = text_;
      text_.swap(larger);
    }
    text_.append(text.data(), text.size());
    return x;
  }

  /// `text_` does not grow any more: views into it can be made.
  void end_header() {
    for (size_t i = 0; i + 1 < places_.size(); i += 2)
      fields_.push_back({at(places_[i]), at(places_[i + 1])});
  }

  std::string text_;
  std::vector<place> places_; ///< Name, value, name, value…
  std::vector<cloudevents::field> fields_;
  std::string body_;
  place method_;
  place target_;
  unsigned status_ = 0;
  unsigned version_ = 11;
};

/// The shortest end of a chunked body: `0` CR LF CR LF.
inline constexpr size_t chunked_end_bytes = 5;

/// Beast's grammar, filling a `message`. What it lets through and should not
/// is the framing guard's task, but for chunk extensions and trailers, which
/// come after it: a request may have as much of them as of a header.
template <bool IsRequest>
class message_parser : public http::basic_parser<IsRequest> {
public:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  /// @param body_bytes_max past it `put` fails with `http::error::body_limit`
  message_parser(message& out, size_t body_bytes_max,
                 const header_bounds& header = {})
    : out_(out), body_bytes_max_(body_bytes_max), header_(header) {
    out.clear();
    // Beast would answer a known length beyond its limit with a bare error;
    // our own limits are checked with words.
    this->body_limit(boost::none);
    this->header_limit(static_cast<uint32_t>(header.bytes_max));
  }

  /// Gives Beast what came, but for the end of a chunked body: once it saw `0`
  /// CR LF it asserts that five bytes come together (its pull request 2861).
  /// Wherever it stops in such a body at least `0` CR LF CR LF is still to
  /// come, so that fewer bytes only wait for those behind them.
  std::size_t put(boost::asio::const_buffer bytes, error_code& ec) {
    if (this->is_header_done() && this->chunked() && !this->is_done()
        && bytes.size() < chunked_end_bytes) {
      ec = http::error::need_more;
      return 0;
    }
    return http::basic_parser<IsRequest>::put(bytes, ec);
  }

protected:
  void on_request_impl(http::verb, string_view method, string_view target,
                       int version, error_code& ec) override {
    out_.method_ = out_.keep(method);
    out_.target_ = out_.keep(target);
    out_.version_ = static_cast<unsigned>(version);
    ec = {};
  }

  void on_response_impl(int code, string_view, int version,
                        error_code& ec) override {
    out_.status_ = static_cast<unsigned>(code);
    out_.version_ = static_cast<unsigned>(version);
    ec = {};
  }

  void on_field_impl(http::field, string_view name, string_view value,
                     error_code& ec) override {
    ec = {};
    if (header_done_) {
      // A trailer: never a part of the header.
      ++n_trailers_;
      count_beside(name.size() + value.size() + 4, ec); // ": " and CR LF
      return;
    }
    // One more than may pass, so that the guard sees that there are too many.
    if (out_.places_.size() > 2 * header_.fields_max)
      return;
    out_.places_.push_back(out_.keep(name));
    out_.places_.push_back(out_.keep(value));
  }

  void on_header_impl(error_code& ec) override {
    header_done_ = true;
    out_.end_header();
    ec = {};
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&,
                         error_code& ec) override {
    ec = {};
  }

  std::size_t on_body_impl(string_view body, error_code& ec) override {
    return take(body, ec);
  }

  void on_chunk_header_impl(std::uint64_t, string_view extension,
                            error_code& ec) override {
    ec = {};
    // Beast takes any byte between quotes, a line feed too.
    if (!is_safe_value({extension.data(), extension.size()}))
      ec = http::error::bad_chunk_extension;
    else
      count_beside(extension.size(), ec);
  }

  std::size_t on_chunk_body_impl(std::uint64_t, string_view body,
                                 error_code& ec) override {
    return take(body, ec);
  }

  void on_finish_impl(error_code& ec) override { ec = {}; }

private:
  void count_beside(size_t bytes, error_code& ec) {
    beside_bytes_ += bytes;
    // The client bounds an answer as a whole.
    if (IsRequest
        && (beside_bytes_ > header_.bytes_max
            || n_trailers_ > header_.fields_max))
      ec = http::error::header_limit;
  }

  std::size_t take(string_view body, error_code& ec) {
    if (body.size() > body_bytes_max_ - out_.body_.size()) {
      ec = http::error::body_limit;
      return 0;
    }
    out_.body_.append(body.data(), body.size());
    ec = {};
    return body.size();
  }

  message& out_;
  size_t body_bytes_max_;
  header_bounds header_;
  size_t beside_bytes_ = 0; ///< Of chunk extensions and trailers.
  size_t n_trailers_ = 0;
  bool header_done_ = false;
};

} // namespace eventd::runtime
