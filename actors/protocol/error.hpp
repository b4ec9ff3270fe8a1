// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <caf/error.hpp>
#include <caf/make_message.hpp> // caf/result.hpp needs it and does not say so.
#include <caf/result.hpp>

#include "storage/model/error.hpp"

CAF_ERROR_CODE_ENUM(eventd::ec, "eventd")

namespace eventd {

/// Takes a failure, with its words, into a CAF error.
caf::error to_caf(const failure& x);

/// Takes a CAF error back. One that is not ours (an actor that died, a
/// request's own timeout) becomes the nearest of ours.
failure from_caf(const caf::error& x);

/// Takes a result into what a CAF handler answers.
template <class T>
caf::result<T> to_caf(result<T> x) {
  if (x)
    return std::move(*x);
  return to_caf(x.error());
}

} // namespace eventd
