// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/beast/http/basic_parser.hpp>

#include "runtime/cloudevents/cloudevents.hpp"
#include "storage/model/limits.hpp"

namespace eventd::runtime {

namespace http = boost::beast::http;

/// One HTTP message as it came in. The header is a copy taken before the body:
/// what trails a chunked body can not change it. Reused from message to
/// message, so that a busy connection allocates nothing for headers.
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
    text_.clear();
    places_.clear();
    fields_.clear();
    body_.clear();
    if (body_.capacity() > limits::socket_read_bytes)
      body_.shrink_to_fit();
    method_ = target_ = {};
    status_ = 0;
  }

private:
  template <bool>
  friend class message_parser;

  struct place {
    size_t begin = 0;
    size_t size = 0;
  };

  std::string_view at(place x) const {
    return std::string_view{text_}.substr(x.begin, x.size);
  }

  template <class Text>
  place keep(const Text& text) {
    place x{text_.size(), text.size()};
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

/// Beast's grammar, filling a `message`. What it lets through and should not
/// is the framing guard's task.
template <bool IsRequest>
class message_parser : public http::basic_parser<IsRequest> {
public:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  /// @param body_bytes_max past it `put` fails with `http::error::body_limit`
  message_parser(message& out, size_t body_bytes_max)
    : out_(out), body_bytes_max_(body_bytes_max) {
    out.clear();
    // Beast would answer a known length beyond its limit with a bare error;
    // our own limits are checked with words.
    this->body_limit(boost::none);
    this->header_limit(limits::header_bytes_max);
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
    if (header_done_)
      return; // A trailer: never a part of the header.
    // One more than may pass, so that the guard sees that there are too many.
    if (out_.places_.size() > 2 * limits::header_fields_max)
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

  void on_chunk_header_impl(std::uint64_t, string_view,
                            error_code& ec) override {
    ec = {};
  }

  std::size_t on_chunk_body_impl(std::uint64_t, string_view body,
                                 error_code& ec) override {
    return take(body, ec);
  }

  void on_finish_impl(error_code& ec) override { ec = {}; }

private:
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
  bool header_done_ = false;
};

} // namespace eventd::runtime
