// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "storage/raft/configuration.hpp"

namespace eventd::actors {

/// Until when a leader surely has no successor, so that it may answer reads
/// without asking the others (Raft, Ongaro's thesis, 6.4.1). An append carries
/// the leader's clock, and its answer carries that back: who answered has heard
/// from the leader since then, and votes for nobody else for an election
/// timeout. A value: no clock, no actor. Times are the leader's steady clock in
/// microseconds.
///
/// With an election timeout of 400 ms and voters 1 (self), 2 and 3, of which 2
/// has answered what was sent at 1 000 ms and 3 what was sent at 900 ms, the
/// lease ends at 1 360 ms: a majority is 1 and 2, and a tenth of the timeout is
/// kept back for clocks that do not run alike.
class read_lease {
public:
  explicit read_lease(int64_t election_ms = 400)
    : length_us_(election_ms * (1'000 - margin_permille)) {}

  /// A new term begins: nobody has answered yet.
  void restart();

  /// A server has answered what was sent at this time.
  void heard(uint64_t server, int64_t sent_us);

  /// The server was asked to take over, whatever the others have promised: no
  /// lease until it, and each other that was asked, answers something that was
  /// sent later.
  void asked_to_lead(uint64_t server, int64_t now_us);

  /// Whether it was asked to take over and has not answered since.
  bool waits_for(uint64_t server) const { return heirs_.contains(server); }

  /// When the last of those that are waited for was asked; 0: there is none.
  int64_t asked_us() const;

  /// The first moment that is not covered; 0: none is.
  int64_t end_us(const std::vector<storage::raft_server>& servers,
                 uint64_t self) const;

private:
  static constexpr int64_t margin_permille = 100;

  int64_t length_us_;
  std::map<uint64_t, int64_t> heard_us_; ///< By server.
  std::map<uint64_t, int64_t> heirs_;    ///< When each was asked to lead.
};

} // namespace eventd::actors
