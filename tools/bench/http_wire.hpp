// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tools/bench/wire.hpp"

namespace eventd::bench {

/// A connection that publishes as eventd takes it, to where the events say.
std::unique_ptr<wire> make_http_wire(boost::asio::io_context& context,
                                     request_maker& events);

} // namespace eventd::bench
