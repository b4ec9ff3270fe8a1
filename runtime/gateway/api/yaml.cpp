// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "runtime/gateway/api/yaml.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "runtime/cloudevents/text.hpp"
#include "runtime/gateway/api/json_check.hpp"
#include "runtime/gateway/api/yaml_scalar.hpp"
#include "storage/model/limits.hpp"

namespace eventd::runtime {

namespace {

namespace json = boost::json;

failure at(const YAML::Mark& mark, const std::string& what) {
  auto line = std::to_string(mark.line + 1);
  auto column = std::to_string(mark.column + 1);
  return {ec::invalid_request,
          "line " + line + ", column " + column + ": " + what,
          line + ':' + column};
}

/// Builds JSON from the events of yaml-cpp's parser. After the first failure
/// it ignores what follows, because a handler can not stop the parser.
class builder final : public YAML::EventHandler {
public:
  std::vector<json::value> documents;
  std::optional<failure> problem;

  void OnDocumentStart(const YAML::Mark&) override {
    stack_.clear();
    anchors_.clear();
    root_.reset();
  }

  void OnDocumentEnd() override {
    if (!problem && root_ && !root_->is_null())
      documents.push_back(std::move(*root_));
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, nullptr, anchor, 0);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (problem)
      return;
    if (++aliases_ > limits::yaml_aliases_max) {
      refuse(mark, "more than " + std::to_string(limits::yaml_aliases_max)
                     + " aliases");
      return;
    }
    auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      refuse(mark, "an alias stands inside of what it names");
      return;
    }
    const auto& named = found->second;
    if (waits_for_key())
      refuse(mark, "a key must be a string");
    else if (stack_.size() + named.height > limits::json_depth_max)
      refuse(mark, too_deep());
    // Counted before the copy, so that no document can make us copy more.
    else if (count(mark, named.size) && count_copy(mark, named.size))
      place(named.value, named.height);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor, const std::string& text) override {
    if (problem)
      return;
    if (waits_for_key()) {
      take_key(mark, tag, text);
      return;
    }
    auto x = yaml_scalar(tag, text);
    if (!x)
      refuse(mark,
             "'" + text + "' with tag '" + tag + "' has no value in JSON");
    else
      add(mark, std::move(*x), anchor, text.size());
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, "tag:yaml.org,2002:seq", json::array{}, anchor);
  }

  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(mark, tag, "tag:yaml.org,2002:map", json::object{}, anchor);
  }

  void OnMapEnd() override { close(); }

private:
  /// Of a value with all that is in it.
  struct extent {
    size_t values = 0;
    size_t text_bytes = 0; ///< Of its scalars and keys.
  };

  struct level {
    json::value value;
    std::optional<std::string> key; ///< Of the member that comes next.
    YAML::anchor_t anchor = 0;
    size_t height = 1; ///< Levels that it has, with itself.
    extent before;     ///< What there was when it began.
    YAML::Mark mark;   ///< Where it began.
  };

  struct anchored {
    json::value value;
    extent size;
    size_t height = 0;
  };

  static std::string too_deep() {
    return "nested deeper than " + std::to_string(limits::json_depth_max);
  }

  void refuse(const YAML::Mark& mark, const std::string& what) {
    if (!problem)
      problem = at(mark, what);
  }

  bool count(const YAML::Mark& mark, const extent& more) {
    all_.values += more.values;
    all_.text_bytes += more.text_bytes;
    if (all_.values <= limits::manifest_values_max)
      return true;
    refuse(mark, "more than " + std::to_string(limits::manifest_values_max)
                   + " values");
    return false;
  }

  bool count_copy(const YAML::Mark& mark, const extent& x) {
    copied_bytes_ += x.text_bytes + x.values * sizeof(json::value);
    if (copied_bytes_ <= limits::yaml_copied_bytes_max)
      return true;
    refuse(mark, "anchors and aliases copy more than "
                   + std::to_string(limits::yaml_copied_bytes_max) + " bytes");
    return false;
  }

  bool waits_for_key() const {
    return !stack_.empty() && stack_.back().value.is_object()
           && !stack_.back().key;
  }

  void take_key(const YAML::Mark& mark, const std::string& tag,
                const std::string& text) {
    auto& top = stack_.back();
    if (text == "<<" && tag != "!")
      refuse(mark, "merge keys are not supported; write the fields out");
    else if (text.empty() && tag != "!")
      refuse(mark, "a key is missing");
    else if (top.value.get_object().contains(text))
      refuse(mark, "the key '" + text + "' stands here twice");
    else if (count(mark, {0, text.size()}))
      top.key = text;
  }

  /// Puts a complete value where it belongs.
  void add(const YAML::Mark& mark, json::value x, YAML::anchor_t anchor,
           size_t text_bytes) {
    if (problem)
      return;
    if (waits_for_key()) {
      refuse(mark, "a key must be a string");
      return;
    }
    extent size{1, text_bytes};
    if (!count(mark, size))
      return;
    if (anchor != 0) {
      if (!count_copy(mark, size))
        return;
      anchors_[anchor] = {x, size, 0};
    }
    place(std::move(x), 0);
  }

  void place(json::value x, size_t height) {
    if (stack_.empty()) {
      root_ = std::move(x);
      return;
    }
    auto& top = stack_.back();
    top.height = std::max(top.height, height + 1);
    if (top.value.is_array()) {
      top.value.get_array().push_back(std::move(x));
      return;
    }
    top.value.get_object().emplace(*top.key, std::move(x));
    top.key.reset();
  }

  void open(const YAML::Mark& mark, const std::string& tag,
            std::string_view wanted, json::value empty, YAML::anchor_t anchor) {
    if (problem)
      return;
    if (!tag.empty() && tag != "?" && tag != "!" && tag != wanted)
      refuse(mark, "the tag '" + tag + "' is not of the core schema");
    else if (waits_for_key())
      refuse(mark, "a key must be a string");
    else if (stack_.size() >= limits::json_depth_max)
      refuse(mark,
             "nested deeper than " + std::to_string(limits::json_depth_max));
    else if (auto before = all_; count(mark, {1, 0}))
      stack_.push_back({std::move(empty), {}, anchor, 1, before, mark});
  }

  void close() {
    if (problem || stack_.empty())
      return;
    auto done = std::move(stack_.back());
    stack_.pop_back();
    if (done.anchor != 0) {
      extent size{all_.values - done.before.values,
                  all_.text_bytes - done.before.text_bytes};
      if (!count_copy(done.mark, size))
        return;
      anchors_[done.anchor] = {done.value, size, done.height};
    }
    place(std::move(done.value), done.height);
  }

  std::vector<level> stack_;
  std::map<YAML::anchor_t, anchored> anchors_;
  std::optional<json::value> root_;
  size_t aliases_ = 0;
  size_t copied_bytes_ = 0;
  extent all_; ///< Of all documents so far.
};

constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n'
         && c != '\r';
}

/// Refuses what the parser would pass on or misread: bytes that are not UTF-8,
/// NULs by which it guesses UTF-16 or UTF-32, and the control character that it
/// takes for the end. YAML allows none but tabs and line ends (YAML 1.2, 5.1).
result<void> check_characters(std::string_view text) {
  if (!cloudevents::is_utf8(text)) {
    size_t i = 0;
    while (auto n = cloudevents::character_bytes(text.substr(i)))
      i += n;
    return failure_at(text, i, "the text is not UTF-8");
  }
  auto control = std::find_if(text.begin(), text.end(), is_control);
  if (control != text.end())
    return failure_at(text, static_cast<size_t>(control - text.begin()),
                      "a control character stands in the text");
  return {};
}

result<std::vector<json::value>> parse_yaml(std::string_view text) {
  if (auto ok = check_characters(text); !ok)
    return ok.error();
  std::istringstream in{std::string{text}};
  builder made;
  try {
    YAML::Parser parser{in};
    while (!made.problem && parser.HandleNextDocument(made)) {
    }
  } catch (const YAML::Exception& error) {
    if (!made.problem)
      made.problem = at(error.mark, error.msg);
  }
  if (made.problem)
    return std::move(*made.problem);
  return std::move(made.documents);
}

} // namespace

result<std::vector<json::value>> parse_manifests(std::string_view text,
                                                 manifest_format format) {
  if (text.size() > limits::manifest_bytes_max)
    return failure{ec::payload_too_large,
                   "the text is longer than "
                     + std::to_string(limits::manifest_bytes_max) + " bytes"};
  auto first = text.find_first_not_of(" \t\r\n");
  bool braced
    = first != text.npos && (text[first] == '{' || text[first] == '[');
  if (format == manifest_format::yaml
      || (format == manifest_format::guess && !braced))
    return parse_yaml(text);
  auto one = parse_json(text);
  if (!one)
    return one.error();
  std::vector<json::value> all;
  all.push_back(std::move(*one));
  return all;
}

} // namespace eventd::runtime
