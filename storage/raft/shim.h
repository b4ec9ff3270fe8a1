/* Copyright 2026 The eventd authors. */
/* SPDX-License-Identifier: Apache-2.0 */

/* The only door to libraft. raft.h of 0.22.1 is not valid C++ (it defines types
 * inside sizeof), and Debian's library has its asserts compiled out; behind
 * this header nobody sees either. */
#ifndef EVENTD_STORAGE_RAFT_SHIM_H
#define EVENTD_STORAGE_RAFT_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct shim_raft shim_raft;

/* Values of raft_entry_type and raft_state, asserted in shim.c. */
enum { SHIM_COMMAND = 1, SHIM_BARRIER = 2, SHIM_CHANGE = 3 };
enum {
  SHIM_UNAVAILABLE = 0,
  SHIM_FOLLOWER = 1,
  SHIM_CANDIDATE = 2,
  SHIM_LEADER = 3
};

struct shim_options {
  uint64_t id;
  const char *address;
  unsigned seed;
  unsigned election_ms;
  unsigned heartbeat_ms;
  unsigned inflight_entries_max; /* To one follower without its answer. */
};

/* An entry as the core needs it: only a change needs its bytes. */
struct shim_entry {
  uint64_t term;
  unsigned char type;
  const void *data;
  size_t size;
};

/* Where the Raft log begins; index 0: at its very beginning. */
struct shim_start_point {
  uint64_t index;
  uint64_t term;
  uint64_t configuration_index;
  const void *configuration;
  size_t configuration_size;
};

/* What a step asks for. */
struct shim_update {
  bool hard_state;      /* Persist term and vote before any message. */
  uint64_t first_index; /* Not 0: persist entries from here on. */
  unsigned n_entries;
  unsigned char entry_types[64]; /* Of the first 64 of them. */
  bool state;       /* Follower, candidate, leader changed. */
  bool installs;    /* The snapshot just received must be made durable. */
  unsigned n_messages; /* To other servers: shim_message_at(). */
};

/* Values of raft_message_type, asserted in shim.c. */
enum {
  SHIM_APPEND = 1,
  SHIM_APPEND_ANSWER = 2,
  SHIM_VOTE = 3,
  SHIM_VOTE_ANSWER = 4,
  SHIM_INSTALL = 5,
  SHIM_TIMEOUT_NOW = 6
};

/* All messages in one shape; message.hpp says which field means what. */
struct shim_message {
  int type;
  unsigned char version;
  uint64_t peer;
  uint64_t term;
  uint64_t index;
  uint64_t index_term;
  uint64_t commit;
  uint64_t rejected;
  uint64_t candidate;
  uint64_t configuration_index;
  const void *configuration; /* Install, received only. */
  size_t configuration_size;
  bool pre_vote;
  bool flag;
  uint16_t features;
  uint16_t capacity;
  unsigned n_entries;
};

struct shim_server {
  uint64_t id;
  const char *address; /* The configuration's own. */
  int role;
};

/* Returns NULL when out of memory. */
shim_raft *shim_new(const struct shim_options *options);
void shim_free(shim_raft *r);

/* All steps: 0, or a code for shim_error(); `now_ms` is monotonic. */
int shim_start(shim_raft *r, uint64_t now_ms, uint64_t term, uint64_t voted_for,
               const struct shim_start_point *start,
               const struct shim_entry *entries, unsigned n_entries,
               struct shim_update *update);
int shim_timeout(shim_raft *r, uint64_t now_ms, struct shim_update *update);
/* As shim_timeout, and the heartbeat to each follower is due. */
int shim_probe(shim_raft *r, uint64_t now_ms, struct shim_update *update);
int shim_submit(shim_raft *r, uint64_t now_ms, const struct shim_entry *entries,
                unsigned n_entries, struct shim_update *update);
int shim_persisted(shim_raft *r, uint64_t now_ms, uint64_t index,
                   struct shim_update *update);
int shim_move_start(shim_raft *r, uint64_t now_ms,
                    const struct shim_start_point *start,
                    struct shim_update *update);
int shim_apply_configuration(shim_raft *r, uint64_t now_ms, uint64_t index,
                             const void *data, size_t size,
                             struct shim_update *update);

/* `entries` are the message's; those that are news come back in the update. */
int shim_receive(shim_raft *r, uint64_t now_ms,
                 const struct shim_message *message,
                 const struct shim_entry *entries, struct shim_update *update);
int shim_installed(shim_raft *r, uint64_t now_ms,
                   const struct shim_start_point *point,
                   struct shim_update *update);
int shim_transfer(shim_raft *r, uint64_t now_ms, uint64_t id,
                  struct shim_update *update);

/* A message of the last step; valid until the next. */
void shim_message_at(const shim_raft *r, unsigned i, struct shim_message *out);

/* A change was refused because another is not over; nothing was taken. */
bool shim_is_open_change(int code);

uint64_t shim_leader(const shim_raft *r);
/* Not 0: leadership is on its way to this server. */
uint64_t shim_transferee(const shim_raft *r);
/* What a follower surely has; 0 where this is not the leader or the server is
 * not known. */
uint64_t shim_match(const shim_raft *r, uint64_t id);
/* Whether this server is a voter in its own newest configuration. */
bool shim_votes(const shim_raft *r);

uint64_t shim_term(const shim_raft *r);
uint64_t shim_voted_for(const shim_raft *r);
uint64_t shim_commit_index(const shim_raft *r);
uint64_t shim_last_stored(const shim_raft *r);
uint64_t shim_deadline_ms(const shim_raft *r);
int shim_state(const shim_raft *r);
const char *shim_error(const shim_raft *r, int code);

typedef struct shim_configuration shim_configuration;

/* NULL when out of memory, or when the bytes are no configuration. */
shim_configuration *shim_configuration_new(void);
shim_configuration *shim_configuration_decode(const void *data, size_t size);
void shim_configuration_free(shim_configuration *x);
int shim_configuration_add(shim_configuration *x, uint64_t id,
                           const char *address, int role);
/* The caller frees `data` with shim_free_bytes(). */
int shim_configuration_encode(const shim_configuration *x, void **data,
                              size_t *size);
/* False beyond the last. */
bool shim_configuration_at(const shim_configuration *x, unsigned i,
                           struct shim_server *out);
void shim_free_bytes(void *data);

/* "0.22.1" */
const char *shim_version(void);

#ifdef __cplusplus
}
#endif

#endif
