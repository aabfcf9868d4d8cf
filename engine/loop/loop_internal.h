/* SPDX-License-Identifier: Apache-2.0
 * Shared by the modules of this layer: the uv_loop_t, and how errors of libuv pass
 * through (they are -errno already, but for a few of its own). Not for other floors. */
#ifndef PLATEN_LOOP_LOOP_INTERNAL_H
#define PLATEN_LOOP_LOOP_INTERNAL_H

#include "engine/loop/loop.h"

#include <uv.h>

uv_loop_t *loop_uv(struct loop *l);

/* Once a loop: libuv allocates by loop_realloc, behind which there is a reserve; the threads of its
 * pool can be made, else an error. */
int loop_memory_open(void) MUST_USE;
void *loop_realloc(void *old, size_t len);

/* -errno for what has one, ERR_NAME for the resolver's, ERR_CLOSED for UV_EOF. */
int loop_uv_err(int uv_err);

/* Where conn keeps what the connections of one loop share; NULL while there are none. */
struct net;
struct net **loop_net(struct loop *l);

#endif
