/* Copyright 2026 The eventd authors. */
/* SPDX-License-Identifier: Apache-2.0 */

#include <stdlib.h>
#include <string.h>

#include "storage/raft/shim_core.h"

_Static_assert((int) RAFT_STANDBY == 0 && (int) RAFT_VOTER == 1
                 && (int) RAFT_SPARE == 2,
               "roles of servers");

struct shim_configuration {
  struct raft_configuration all;
};

shim_configuration *shim_configuration_new(void) {
  shim_configuration *x = calloc(1, sizeof(*x));
  if (x != NULL)
    raft_configuration_init(&x->all);
  return x;
}

/* libraft's decoder trusts the lengths it finds. Bytes: version 1, u64 number,
 * then u64 id, address and its zero, role, for each. */
static bool is_well_formed(const unsigned char *at, size_t left) {
  uint64_t n = 0;
  unsigned i;
  if (left < 9 || at[0] != 1)
    return false;
  for (i = 0; i < 8; i++)
    n |= (uint64_t) at[1 + i] << (8 * i);
  at += 9;
  left -= 9;
  for (; n > 0; n--) {
    const unsigned char *end = left > 8 ? memchr(at + 8, 0, left - 8) : NULL;
    size_t used;
    if (end == NULL)
      return false;
    used = (size_t) (end - at) + 2;
    if (used > left)
      return false;
    at += used;
    left -= used;
  }
  return true;
}

int shim_decode_configuration(const void *data, size_t size,
                              struct raft_configuration *out) {
  struct raft_buffer buffer;
  raft_configuration_init(out);
  if (!is_well_formed(data, size))
    return RAFT_MALFORMED;
  buffer.base = (void *) data;
  buffer.len = size;
  return raft_configuration_decode(&buffer, out);
}

shim_configuration *shim_configuration_decode(const void *data, size_t size) {
  shim_configuration *x = shim_configuration_new();
  if (x != NULL && shim_decode_configuration(data, size, &x->all) != 0) {
    free(x);
    return NULL;
  }
  return x;
}

void shim_configuration_free(shim_configuration *x) {
  if (x == NULL)
    return;
  raft_configuration_close(&x->all);
  free(x);
}

int shim_configuration_add(shim_configuration *x, uint64_t id,
                           const char *address, int role) {
  return id == 0 ? RAFT_BADID
                 : raft_configuration_add(&x->all, id, address, role);
}

int shim_configuration_encode(const shim_configuration *x, void **data,
                              size_t *size) {
  struct raft_buffer buffer;
  int rv = raft_configuration_encode(&x->all, &buffer);
  if (rv != 0)
    return rv;
  *data = buffer.base;
  *size = buffer.len;
  return 0;
}

bool shim_configuration_at(const shim_configuration *x, unsigned i,
                           struct shim_server *out) {
  if (i >= x->all.n)
    return false;
  out->id = x->all.servers[i].id;
  out->address = x->all.servers[i].address;
  out->role = x->all.servers[i].role;
  return true;
}

void shim_free_bytes(void *data) { raft_free(data); }
