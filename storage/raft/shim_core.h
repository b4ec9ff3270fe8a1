/* Copyright 2026 The eventd authors. */
/* SPDX-License-Identifier: Apache-2.0 */

/* What the files of the shim share; nobody else includes it. */
#ifndef EVENTD_STORAGE_RAFT_SHIM_CORE_H
#define EVENTD_STORAGE_RAFT_SHIM_CORE_H

#include <raft.h>

#include "storage/raft/shim.h"

struct shim_raft {
  struct raft raft;
  const struct raft_message *messages; /* Of the last step; the core's. */
};

/* Gives an event to the core and says what came out of it. */
int shim_step(shim_raft *r, struct raft_event *event,
              struct shim_update *update);

/* A copy of the entries' heads; all share one token. free() ends it. */
struct raft_entry *shim_copy_entries(const struct shim_entry *entries,
                                     unsigned n, void *token);

/* The configuration becomes the metadata's own. */
int shim_decode_point(const struct shim_start_point *point,
                      struct raft_snapshot_metadata *metadata);

/* The same for a configuration alone. */
int shim_decode_configuration(const void *data, size_t size,
                              struct raft_configuration *out);

#endif
