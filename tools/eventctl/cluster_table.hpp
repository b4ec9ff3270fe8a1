// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "tools/eventctl/table.hpp"

/// What `GET /v1/cluster` answers, as rows for a person. Pure; any thread.
/// What is missing in the answer is an empty cell.
namespace eventd::eventctl {

/// Header and one row a node: ID ADDRESS STATE LEADS VERSION. STATE is "self",
/// "connected" or "away"; "outside" of a node that is not in the cluster.
std::vector<table_row> node_rows(const boost::json::value& cluster);

/// Header and one row a shard: SHARD LEADER TERM COMMIT REPLICAS LAG. LEADER is
/// "none" where none is known; REPLICAS are node ids, with the role where it is
/// not a voter's, "1,2,4(spare)"; LAG is that of the replica furthest behind.
std::vector<table_row> shard_rows(const boost::json::value& cluster);

} // namespace eventd::eventctl
