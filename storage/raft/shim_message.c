/* Copyright 2026 The eventd authors. */
/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>
#include <string.h>

#include "storage/raft/shim_core.h"

_Static_assert((int) RAFT_APPEND_ENTRIES == SHIM_APPEND
                 && (int) RAFT_APPEND_ENTRIES_RESULT == SHIM_APPEND_ANSWER
                 && (int) RAFT_REQUEST_VOTE == SHIM_VOTE
                 && (int) RAFT_REQUEST_VOTE_RESULT == SHIM_VOTE_ANSWER
                 && (int) RAFT_INSTALL_SNAPSHOT == SHIM_INSTALL
                 && (int) RAFT_TIMEOUT_NOW == SHIM_TIMEOUT_NOW,
               "messages");

static void read_append(const struct raft_append_entries *in,
                        struct shim_message *out) {
  out->version = in->version;
  out->term = in->term;
  out->index = in->prev_log_index;
  out->index_term = in->prev_log_term;
  out->commit = in->leader_commit;
  out->n_entries = in->n_entries;
}

static void read_append_answer(const struct raft_append_entries_result *in,
                               struct shim_message *out) {
  out->version = in->version;
  out->term = in->term;
  out->index = in->last_log_index;
  out->rejected = in->rejected;
  out->features = in->features;
  out->capacity = in->capacity;
}

static void read_vote(const struct raft_request_vote *in,
                      struct shim_message *out) {
  out->version = in->version;
  out->term = in->term;
  out->candidate = in->candidate_id;
  out->index = in->last_log_index;
  out->index_term = in->last_log_term;
  out->flag = in->disrupt_leader;
  out->pre_vote = in->pre_vote;
}

static void read_vote_answer(const struct raft_request_vote_result *in,
                             struct shim_message *out) {
  out->version = in->version;
  out->term = in->term;
  out->flag = in->vote_granted;
  out->pre_vote = in->pre_vote;
  out->features = in->features;
  out->capacity = in->capacity;
}

void shim_message_at(const shim_raft *r, unsigned i,
                     struct shim_message *out) {
  const struct raft_message *in = &r->messages[i];
  memset(out, 0, sizeof(*out));
  out->type = (int) in->type;
  out->peer = in->server_id;
  switch (in->type) {
  case RAFT_APPEND_ENTRIES:
    read_append(&in->append_entries, out);
    break;
  case RAFT_APPEND_ENTRIES_RESULT:
    read_append_answer(&in->append_entries_result, out);
    break;
  case RAFT_REQUEST_VOTE:
    read_vote(&in->request_vote, out);
    break;
  case RAFT_REQUEST_VOTE_RESULT:
    read_vote_answer(&in->request_vote_result, out);
    break;
  case RAFT_INSTALL_SNAPSHOT:
    out->version = in->install_snapshot.version;
    out->term = in->install_snapshot.term;
    out->index = in->install_snapshot.last_index;
    out->index_term = in->install_snapshot.last_term;
    out->configuration_index = in->install_snapshot.conf_index;
    break;
  case RAFT_TIMEOUT_NOW:
    out->version = in->timeout_now.version;
    out->term = in->timeout_now.term;
    out->index = in->timeout_now.last_log_index;
    out->index_term = in->timeout_now.last_log_term;
    break;
  }
}

static void write_append(const struct shim_message *in,
                         struct raft_entry *entries,
                         struct raft_append_entries *out) {
  out->version = in->version;
  out->term = in->term;
  out->prev_log_index = in->index;
  out->prev_log_term = in->index_term;
  out->leader_commit = in->commit;
  out->entries = entries;
  out->n_entries = in->n_entries;
}

static void write_append_answer(const struct shim_message *in,
                                struct raft_append_entries_result *out) {
  out->version = in->version;
  out->term = in->term;
  out->last_log_index = in->index;
  out->rejected = in->rejected;
  out->features = in->features;
  out->capacity = in->capacity;
}

static void write_vote(const struct shim_message *in,
                       struct raft_request_vote *out) {
  out->version = in->version;
  out->term = in->term;
  out->candidate_id = in->candidate;
  out->last_log_index = in->index;
  out->last_log_term = in->index_term;
  out->disrupt_leader = in->flag;
  out->pre_vote = in->pre_vote;
}

static void write_vote_answer(const struct shim_message *in,
                              struct raft_request_vote_result *out) {
  out->version = in->version;
  out->term = in->term;
  out->vote_granted = in->flag;
  out->pre_vote = in->pre_vote;
  out->features = in->features;
  out->capacity = in->capacity;
}

static int write_install(const struct shim_message *in,
                         struct raft_install_snapshot *out) {
  out->version = in->version;
  out->term = in->term;
  out->last_index = in->index;
  out->last_term = in->index_term;
  out->conf_index = in->configuration_index;
  return shim_decode_configuration(in->configuration, in->configuration_size,
                                   &out->conf);
}

static int write_message(const struct shim_message *in,
                         struct raft_entry *entries,
                         struct raft_message *out) {
  out->type = (enum raft_message_type) in->type;
  out->server_id = in->peer;
  /* The core copies it, and gives it back with its answers: nobody asks. */
  out->server_address = "";
  switch (out->type) {
  case RAFT_APPEND_ENTRIES:
    write_append(in, entries, &out->append_entries);
    return 0;
  case RAFT_APPEND_ENTRIES_RESULT:
    write_append_answer(in, &out->append_entries_result);
    return 0;
  case RAFT_REQUEST_VOTE:
    write_vote(in, &out->request_vote);
    return 0;
  case RAFT_REQUEST_VOTE_RESULT:
    write_vote_answer(in, &out->request_vote_result);
    return 0;
  case RAFT_INSTALL_SNAPSHOT:
    return write_install(in, &out->install_snapshot);
  case RAFT_TIMEOUT_NOW:
    out->timeout_now.version = in->version;
    out->timeout_now.term = in->term;
    out->timeout_now.last_log_index = in->index;
    out->timeout_now.last_log_term = in->index_term;
    return 0;
  }
  return RAFT_MALFORMED;
}

/* The core lets no server vote that is no voter by its own log, and has it
 * believe for ever in the leader that it heard last. In Raft the candidate's
 * configuration says who votes, and where a change that makes this server a
 * voter has reached the candidate only, no leader may come about without its
 * vote. So it is a voter for the length of this step.
 * Returns what is to be given its role back, or NULL. */
static struct raft_server *lend_vote(struct raft *raft, uint64_t now_ms) {
  unsigned i;
  if (raft->state != RAFT_FOLLOWER)
    return NULL;
  for (i = 0; i < raft->configuration.n; i++) {
    struct raft_server *server = &raft->configuration.servers[i];
    if (server->id != raft->id || server->role == RAFT_VOTER)
      continue;
    if (now_ms - raft->election_timer_start >= raft->election_timeout)
      raft->follower_state.current_leader.id = 0;
    return server;
  }
  return NULL;
}

static int step_vote(shim_raft *r, struct raft_event *event,
                     struct shim_update *update) {
  struct raft_server *lent = lend_vote(&r->raft, event->time);
  int role = lent != NULL ? lent->role : 0;
  int rv;
  if (lent != NULL)
    lent->role = RAFT_VOTER;
  rv = shim_step(r, event, update);
  if (lent != NULL)
    lent->role = role;
  return rv;
}

int shim_receive(shim_raft *r, uint64_t now_ms,
                 const struct shim_message *message,
                 const struct shim_entry *entries,
                 struct shim_update *update) {
  struct raft_message received;
  struct raft_event event;
  struct raft_entry *copy = NULL;
  int rv;
  memset(&received, 0, sizeof(received));
  memset(&event, 0, sizeof(event));
  if (message->type == SHIM_APPEND && message->n_entries > 0) {
    /* The core ends the token, or shim_step() does. */
    void *token = raft_malloc(8);
    if (token == NULL)
      return RAFT_NOMEM;
    copy = shim_copy_entries(entries, message->n_entries, token);
    if (copy == NULL) {
      raft_free(token);
      return RAFT_NOMEM;
    }
  }
  rv = write_message(message, copy, &received);
  if (rv == 0) {
    event.time = now_ms;
    event.type = RAFT_RECEIVE;
    event.receive.message = &received;
    rv = message->type == SHIM_VOTE ? step_vote(r, &event, update)
                                    : shim_step(r, &event, update);
  }
  free(copy);
  return rv;
}
