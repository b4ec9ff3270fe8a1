// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

/// Resources as rows for a person. Pure; any thread.
namespace eventd::eventctl {

using table_row = std::vector<std::string>;

/// Lines with columns of equal width, three spaces between, as kubectl does.
/// With `colors`, cells "True" are green and "False" red.
std::string to_text(const std::vector<table_row>& rows, bool colors);

/// Header and rows of some resources of one kind ("Channel": NAME URL AGE
/// READY REASON; "Subscription": NAME AGE LAG READY REASON; else NAME AGE READY
/// REASON), with NAMESPACE first where `with_namespace`.
std::vector<table_row> rows_of(const std::string& kind,
                               const std::vector<boost::json::value>& items,
                               bool with_namespace, int64_t now_ms);

/// Text at a path of member names, "" where there is none. Numbers and
/// booleans as JSON writes them.
std::string text_at(const boost::json::value& from,
                    std::initializer_list<const char*> path);

/// The value at a path, or null.
const boost::json::value* find_at(const boost::json::value& from,
                                  std::initializer_list<const char*> path);

/// 90 s as "90s", 3 h as "3h", as kubectl shows ages.
std::string short_age(int64_t ms);

/// Age since metadata.creationTimestamp, or "<unknown>".
std::string age_of(const boost::json::value& resource, int64_t now_ms);

} // namespace eventd::eventctl
