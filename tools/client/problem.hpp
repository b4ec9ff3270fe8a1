// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "storage/model/error.hpp"

/// A server's refusal as one line for a person. Pure; any thread.
namespace eventd::tools {

/// Turns an answer that is not 2xx into a failure: from problem+json (RFC
/// 9457) where `body` is one, or a Kubernetes `Status`, else from the status.
/// `{"type":"…/not_found","detail":"no channel x"}` with 404 is
/// `ec::not_found` with detail "no channel x".
failure failure_of(unsigned status, std::string_view body);

/// The failure as one line without line feeds:
/// "no channel default/x (not_found)".
std::string one_line(const failure& what);

} // namespace eventd::tools
