// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <caf/atom.hpp>
#include <caf/type_id.hpp>

/// The verbs of our messages; at most ten characters each.
CAF_ADD_ATOM(eventd, eventd::actors::atom, append, "append")
CAF_ADD_ATOM(eventd, eventd::actors::atom, read, "read")
CAF_ADD_ATOM(eventd, eventd::actors::atom, locate, "locate")
CAF_ADD_ATOM(eventd, eventd::actors::atom, retain, "retain")
CAF_ADD_ATOM(eventd, eventd::actors::atom, await, "await")
CAF_ADD_ATOM(eventd, eventd::actors::atom, status, "status")
CAF_ADD_ATOM(eventd, eventd::actors::atom, configure, "configure")
CAF_ADD_ATOM(eventd, eventd::actors::atom, propose, "propose")
CAF_ADD_ATOM(eventd, eventd::actors::atom, commit, "commit")
CAF_ADD_ATOM(eventd, eventd::actors::atom, cursor, "cursor")
CAF_ADD_ATOM(eventd, eventd::actors::atom, deliver, "deliver")
CAF_ADD_ATOM(eventd, eventd::actors::atom, seek, "seek")
CAF_ADD_ATOM(eventd, eventd::actors::atom, route, "route")
CAF_ADD_ATOM(eventd, eventd::actors::atom, unroute, "unroute")
CAF_ADD_ATOM(eventd, eventd::actors::atom, lookup, "lookup")
CAF_ADD_ATOM(eventd, eventd::actors::atom, watch, "watch")
CAF_ADD_ATOM(eventd, eventd::actors::atom, resource, "resource")
CAF_ADD_ATOM(eventd, eventd::actors::atom, pause, "pause")
CAF_ADD_ATOM(eventd, eventd::actors::atom, open, "open")
CAF_ADD_ATOM(eventd, eventd::actors::atom, shut, "shut")
CAF_ADD_ATOM(eventd, eventd::actors::atom, follow, "follow")
CAF_ADD_ATOM(eventd, eventd::actors::atom, unfollow, "unfollow")
CAF_ADD_ATOM(eventd, eventd::actors::atom, report, "report")
CAF_ADD_ATOM(eventd, eventd::actors::atom, subs, "subs")
CAF_ADD_ATOM(eventd, eventd::actors::atom, chans, "chans")
CAF_ADD_ATOM(eventd, eventd::actors::atom, tick, "tick")
CAF_ADD_ATOM(eventd, eventd::actors::atom, write, "write")
CAF_ADD_ATOM(eventd, eventd::actors::atom, written, "written")
CAF_ADD_ATOM(eventd, eventd::actors::atom, flush, "flush")
CAF_ADD_ATOM(eventd, eventd::actors::atom, reclaim, "reclaim")
CAF_ADD_ATOM(eventd, eventd::actors::atom, place, "place")
CAF_ADD_ATOM(eventd, eventd::actors::atom, stop, "stop")
