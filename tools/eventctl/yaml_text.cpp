// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "tools/eventctl/yaml_text.hpp"

#include <boost/json/serialize.hpp>
#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>
#include <yaml-cpp/node/convert.h>
#include <yaml-cpp/node/impl.h>
#include <yaml-cpp/node/node.h>

namespace eventd::eventctl {

namespace {

namespace json = boost::json;

/// Whether a plain scalar of this text would be read back as the same string.
bool is_plain_string(const std::string& x) {
  if (x.empty() || x == "~"
      || x.find_first_of(":#{}[],&*!|>'\"%@`\\\n\t") != x.npos
      || x.front() == ' ' || x.back() == ' ' || x.front() == '-'
      || x.front() == '?' || x.front() == '.' || x.front() == '+'
      || (x.front() >= '0' && x.front() <= '9'))
    return false;
  YAML::Node node{x};
  bool truth;
  return !YAML::convert<bool>::decode(node, truth) && x != "null" && x != "Null"
         && x != "NULL";
}

void emit(YAML::Emitter& out, const json::value& x) {
  if (auto object = x.if_object()) {
    out << (object->empty() ? YAML::Flow : YAML::Block) << YAML::BeginMap;
    for (auto& member : *object) {
      out << YAML::Key << std::string{std::string_view{member.key()}}
          << YAML::Value;
      emit(out, member.value());
    }
    out << YAML::EndMap;
  } else if (auto array = x.if_array()) {
    out << (array->empty() ? YAML::Flow : YAML::Block) << YAML::BeginSeq;
    for (auto& item : *array)
      emit(out, item);
    out << YAML::EndSeq;
  } else if (auto text = x.if_string()) {
    std::string plain{std::string_view{*text}};
    if (!is_plain_string(plain))
      out << YAML::DoubleQuoted;
    out << plain;
  } else if (x.is_null()) {
    out << YAML::Null;
  } else {
    out << json::serialize(x);
  }
}

void indent(std::string& out, const json::value& x, size_t depth) {
  auto line = [&out](size_t n) { out += "\n" + std::string(2 * n, ' '); };
  auto separator = "";
  if (auto object = x.if_object(); object && !object->empty()) {
    out += "{";
    for (auto& member : *object) {
      out += separator;
      separator = ",";
      line(depth + 1);
      out += json::serialize(member.key()) + ": ";
      indent(out, member.value(), depth + 1);
    }
    line(depth);
    out += "}";
  } else if (auto array = x.if_array(); array && !array->empty()) {
    out += "[";
    for (auto& item : *array) {
      out += separator;
      separator = ",";
      line(depth + 1);
      indent(out, item, depth + 1);
    }
    line(depth);
    out += "]";
  } else {
    out += json::serialize(x);
  }
}

} // namespace

std::string to_yaml(const json::value& x) {
  YAML::Emitter out;
  out.SetIndent(2);
  out.SetNullFormat(YAML::LowerNull);
  emit(out, x);
  return std::string{out.c_str()} + "\n";
}

std::string to_pretty_json(const json::value& x) {
  std::string out;
  indent(out, x, 0);
  return out + "\n";
}

} // namespace eventd::eventctl
