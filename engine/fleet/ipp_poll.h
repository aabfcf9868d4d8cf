/* SPDX-License-Identifier: Apache-2.0
 * IPP as the second source of a poll: when SNMP has said what it says, and that is poor (or
 * always, or instead of it, as the device's setting wants), the printer is asked once by IPP, and
 * the answer is merged into the poll's reading with its source named
 * (proto/reading/reading_merge.h). The poll keeps its slot meanwhile; if as many asks are under
 * way as there is room for, it waits for its turn.
 *
 * What does not work is remembered of the device: it is not asked again for LIMIT_IPP_REST_MS. A
 * group that IPP helped to fill and that now lacks it is called partial, so that what was known is
 * not taken for gone. */
#ifndef PLATEN_FLEET_IPP_POLL_H
#define PLATEN_FLEET_IPP_POLL_H

#include "proto/base/err.h"
#include "proto/base/list.h"
#include "proto/base/slab.h"
#include "engine/fleet/ipp_client.h"
#include "engine/loop/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device;
struct poll;

/* Told once for each ask that was not stopped, `platen poll` prints it; without it failures are
 * logged. `gained`: the groups that it filled (reading_merge). */
typedef void ipp_poll_on_result(
	void *owner, const struct device *dev, const struct ipp_response *answer, unsigned gained);

struct ipp_context {
	struct loop *loop;
	struct ipp_client asks;
	struct list waiting;         /* poll.node: for a place among the asks */
	struct slab blocks;          /* of the one answer that is being folded */
	bool is_stopping;            /* nobody is asked any more */
	ipp_poll_on_result *on_told; /* or NULL */
	void *told_owner;
};

/* Room for `most` asks at once. */
int ipp_context_open(struct ipp_context *room, struct loop *l, size_t most) MUST_USE;
/* When nothing is under way or waits. Idempotent, harmless on a zeroed one. */
void ipp_context_close(struct ipp_context *room);
size_t ipp_context_ceiling(const struct ipp_context *room);

/* Called by poll.c. True: the poll is asked by IPP, and poll_finish comes later. False: there is
 * nothing to ask for, or it cannot be asked. */
bool ipp_poll_begin(struct poll *v);

/* Whether it is asked by IPP, or waits for that. */
bool ipp_poll_is_at(const struct poll *v);

/* The poll ends with ERR_STOPPED: at once if it waits, else when its connection has gone. */
void ipp_poll_stop(struct poll *v);
/* All of them, and none from now on. */
void ipp_context_stop(struct ipp_context *room);

#endif
