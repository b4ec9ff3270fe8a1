// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "storage/model/error.hpp"

#include <stdexcept>

namespace eventd {

void throw_exception_from_error(const failure& what,
                                const boost::source_location& at) {
  throw std::runtime_error(std::string{name_of(what.code)} + ": " + what.detail
                           + " (" + at.to_string() + ")");
}

} // namespace eventd
