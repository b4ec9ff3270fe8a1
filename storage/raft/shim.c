/* Copyright 2026 The eventd authors. */
/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>
#include <string.h>

#include "storage/raft/shim_core.h"

_Static_assert(RAFT_VERSION_NUMBER == 2201,
               "who owns which memory is pinned to libraft 0.22.1");
_Static_assert((int) RAFT_COMMAND == 1 && (int) RAFT_BARRIER == 2
                 && (int) RAFT_CHANGE == 3,
               "entry types");
_Static_assert((int) RAFT_UNAVAILABLE == 0 && (int) RAFT_FOLLOWER == 1
                 && (int) RAFT_CANDIDATE == 2
                 && (int) RAFT_LEADER == 3,
               "states");

shim_raft *shim_new(const struct shim_options *options) {
  shim_raft *r = calloc(1, sizeof(*r));
  if (r == NULL)
    return NULL;
  if (raft_init(&r->raft, NULL, NULL, options->id, options->address) != 0) {
    free(r);
    return NULL;
  }
  raft_seed(&r->raft, options->seed);
  raft_set_election_timeout(&r->raft, options->election_ms);
  raft_set_heartbeat_timeout(&r->raft, options->heartbeat_ms);
  raft_set_pre_vote(&r->raft, true);
  /* A snapshot is an offer here, cheap to repeat. The default of 30 s is how
   * long a follower would wait after one lost answer. */
  raft_set_install_snapshot_timeout(&r->raft, 2 * options->election_ms);
  raft_set_max_inflight_entries(&r->raft, options->inflight_entries_max);
  /* Set from the environment (LIBRAFT_TRACE) by raft_init. */
  r->raft.tracer = NULL;
  return r;
}

void shim_free(shim_raft *r) {
  if (r == NULL)
    return;
  raft_close(&r->raft, NULL);
  free(r);
}

int shim_step(shim_raft *r, struct raft_event *event,
              struct shim_update *update) {
  struct raft_update u;
  unsigned i;
  int rv;
  memset(&u, 0, sizeof(u));
  memset(update, 0, sizeof(*update));
  rv = raft_step(&r->raft, event, &u);
  if (rv != 0)
    return rv;
  update->hard_state
    = (u.flags & ((RAFT_UPDATE_CURRENT_TERM) | (RAFT_UPDATE_VOTED_FOR))) != 0;
  update->state = (u.flags & (RAFT_UPDATE_STATE)) != 0;
  if (u.flags & (RAFT_UPDATE_MESSAGES)) {
    update->n_messages = u.messages.n;
    r->messages = u.messages.batch;
  }
  if (u.flags & (RAFT_UPDATE_SNAPSHOT)) {
    update->installs = true;
    /* What was installed is in the driver's hands already. */
    raft_configuration_close(&u.snapshot.metadata.configuration);
    raft_free(u.snapshot.chunk.base);
  }
  if (u.flags & (RAFT_UPDATE_ENTRIES)) {
    update->first_index = u.entries.index;
    update->n_entries = u.entries.n;
    for (i = 0; i < u.entries.n && i < sizeof(update->entry_types); i++)
      update->entry_types[i] = (unsigned char) u.entries.batch[i].type;
    /* All entries of one update share one token (ours, or the core's barrier),
     * and it is ours to free. */
    if (u.entries.n > 0)
      raft_free(u.entries.batch[0].batch);
  }
  return 0;
}

struct raft_entry *shim_copy_entries(const struct shim_entry *entries,
                                     unsigned n, void *token) {
  struct raft_entry *copy = calloc(n > 0 ? n : 1, sizeof(*copy));
  unsigned i;
  if (copy == NULL)
    return NULL;
  for (i = 0; i < n; i++) {
    copy[i].term = entries[i].term;
    copy[i].type = (enum raft_entry_type) entries[i].type;
    copy[i].buf.base = (void *) entries[i].data;
    copy[i].buf.len = entries[i].size;
    copy[i].batch = token;
  }
  return copy;
}

int shim_decode_point(const struct shim_start_point *point,
                      struct raft_snapshot_metadata *metadata) {
  metadata->index = point->index;
  metadata->term = point->term;
  metadata->configuration_index = point->configuration_index;
  return shim_decode_configuration(
    point->configuration, point->configuration_size, &metadata->configuration);
}

int shim_start(shim_raft *r, uint64_t now_ms, uint64_t term, uint64_t voted_for,
               const struct shim_start_point *start,
               const struct shim_entry *entries, unsigned n_entries,
               struct shim_update *update) {
  struct raft_snapshot_metadata metadata;
  struct raft_event event;
  struct raft_entry *copy;
  int rv;
  memset(&metadata, 0, sizeof(metadata));
  memset(&event, 0, sizeof(event));
  event.time = now_ms;
  event.type = RAFT_START;
  event.start.term = term;
  event.start.voted_for = voted_for;
  event.start.start_index = start->index + 1;
  if (start->index > 0) {
    rv = shim_decode_point(start, &metadata);
    if (rv != 0)
      return rv;
    event.start.metadata = &metadata;
  }
  event.start.entries = shim_copy_entries(entries, n_entries, NULL);
  if (event.start.entries == NULL)
    return RAFT_NOMEM;
  event.start.n_entries = n_entries;
  copy = event.start.entries;
  rv = shim_step(r, &event, update);
  /* When it fails the core has freed the array already. */
  if (rv == 0)
    free(copy);
  return rv;
}

int shim_timeout(shim_raft *r, uint64_t now_ms, struct shim_update *update) {
  struct raft_event event;
  memset(&event, 0, sizeof(event));
  event.time = now_ms;
  event.type = RAFT_TIMEOUT;
  return shim_step(r, &event, update);
}

int shim_probe(shim_raft *r, uint64_t now_ms, struct shim_update *update) {
  unsigned heartbeat_ms = r->raft.heartbeat_timeout;
  int rv;
  raft_set_heartbeat_timeout(&r->raft, 0);
  rv = shim_timeout(r, now_ms, update);
  raft_set_heartbeat_timeout(&r->raft, heartbeat_ms);
  return rv;
}

int shim_submit(shim_raft *r, uint64_t now_ms, const struct shim_entry *entries,
                unsigned n_entries, struct shim_update *update) {
  struct raft_event event;
  void *token = raft_malloc(8);
  int rv;
  if (token == NULL)
    return RAFT_NOMEM;
  memset(&event, 0, sizeof(event));
  event.time = now_ms;
  event.type = RAFT_SUBMIT;
  event.submit.entries = shim_copy_entries(entries, n_entries, token);
  if (event.submit.entries == NULL) {
    raft_free(token);
    return RAFT_NOMEM;
  }
  event.submit.n = n_entries;
  rv = shim_step(r, &event, update);
  if (rv != 0)
    raft_free(token);
  free(event.submit.entries);
  return rv;
}

int shim_persisted(shim_raft *r, uint64_t now_ms, uint64_t index,
                   struct shim_update *update) {
  struct raft_event event;
  memset(&event, 0, sizeof(event));
  event.time = now_ms;
  event.type = RAFT_PERSISTED_ENTRIES;
  event.persisted_entries.index = index;
  return shim_step(r, &event, update);
}

int shim_move_start(shim_raft *r, uint64_t now_ms,
                    const struct shim_start_point *start,
                    struct shim_update *update) {
  struct raft_event event;
  int rv;
  memset(&event, 0, sizeof(event));
  event.time = now_ms;
  event.type = RAFT_SNAPSHOT;
  event.snapshot.trailing = 0;
  /* The configuration passes to the core. */
  rv = shim_decode_point(start, &event.snapshot.metadata);
  if (rv != 0)
    return rv;
  return shim_step(r, &event, update);
}

int shim_apply_configuration(shim_raft *r, uint64_t now_ms, uint64_t index,
                             const void *data, size_t size,
                             struct shim_update *update) {
  struct raft_event event;
  int rv;
  memset(&event, 0, sizeof(event));
  event.time = now_ms;
  event.type = RAFT_CONFIGURATION;
  event.configuration.index = index;
  rv = shim_decode_configuration(data, size, &event.configuration.conf);
  if (rv != 0)
    return rv;
  return shim_step(r, &event, update);
}

int shim_installed(shim_raft *r, uint64_t now_ms,
                   const struct shim_start_point *point,
                   struct shim_update *update) {
  struct raft_event event;
  int rv;
  memset(&event, 0, sizeof(event));
  event.time = now_ms;
  event.type = RAFT_PERSISTED_SNAPSHOT;
  event.persisted_snapshot.last = true;
  rv = shim_decode_point(point, &event.persisted_snapshot.metadata);
  if (rv != 0)
    return rv;
  return shim_step(r, &event, update);
}

int shim_transfer(shim_raft *r, uint64_t now_ms, uint64_t id,
                  struct shim_update *update) {
  struct raft_event event;
  memset(&event, 0, sizeof(event));
  event.time = now_ms;
  event.type = RAFT_TRANSFER;
  event.transfer.server_id = id;
  return shim_step(r, &event, update);
}

/* Several getters of libraft take what they only read as not const. */
static struct raft *writable(const shim_raft *r) {
  return (struct raft *) &r->raft;
}

bool shim_is_open_change(int code) { return code == RAFT_CANTCHANGE; }

uint64_t shim_leader(const shim_raft *r) {
  raft_id id = 0;
  const char *address = NULL;
  raft_leader(writable(r), &id, &address);
  return id;
}

uint64_t shim_transferee(const shim_raft *r) {
  return raft_state(writable(r)) == RAFT_LEADER ? raft_transferee(&r->raft) : 0;
}

uint64_t shim_match(const shim_raft *r, uint64_t id) {
  raft_index index = 0;
  if (raft_state(writable(r)) != RAFT_LEADER
      || raft_match_index(&r->raft, id, &index) != 0)
    return 0;
  return index;
}

uint64_t shim_term(const shim_raft *r) { return r->raft.current_term; }

uint64_t shim_voted_for(const shim_raft *r) { return r->raft.voted_for; }

uint64_t shim_commit_index(const shim_raft *r) {
  return raft_commit_index(&r->raft);
}

uint64_t shim_last_stored(const shim_raft *r) { return r->raft.last_stored; }

uint64_t shim_deadline_ms(const shim_raft *r) {
  return raft_timeout(&r->raft);
}

int shim_state(const shim_raft *r) {
  return (int) raft_state(writable(r));
}

const char *shim_error(const shim_raft *r, int code) {
  return r->raft.errmsg[0] != '\0' ? r->raft.errmsg : raft_strerror(code);
}

const char *shim_version(void) { return "0.22.1"; }
