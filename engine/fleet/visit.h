/* SPDX-License-Identifier: Apache-2.0
 * One conversation with one printer: question, answer, question ... one at a time, until the
 * reading is whole or the printer falls silent. What was read stays, with the status of each
 * group, whatever comes after. Nothing is allocated: a visit is an object of the fleet's slab.
 *
 * visit_start: a negative return means that on_end never comes; after 0 it comes exactly once,
 * never before visit_start has returned. From on_end on the visit belongs to whom it told, who
 * gives it back with visit_free. */
#ifndef PLATEN_FLEET_VISIT_H
#define PLATEN_FLEET_VISIT_H

#include "proto/base/err.h"
#include "proto/base/list.h"
#include "proto/base/slab.h"
#include "engine/fleet/gate.h"
#include "engine/fleet/ipp_visit.h"
#include "engine/fleet/roster.h"
#include "engine/loop/loop.h"
#include "engine/snmp/poller.h"
#include "engine/store/spool.h"
#include "proto/mib/mib.h"
#include "proto/reading/reading.h"

#include <stddef.h>
#include <stdint.h>

struct visit;

struct visit_end {
	int err; /* 0, ERR_SNMP_TIMEOUT, ERR_STOPPED ...: why it ended before everything was asked
		  */
	uint64_t took_ms;
	unsigned requests;
};

typedef void visit_on_end(void *owner, struct visit *visit, struct visit_end how);

/* Printed by `platen poll --trace`: each question and what came of it. */
typedef void visit_on_step(
	void *owner, const struct snmp_question *asked, const struct snmp_reply *reply);

/* What all visits share. */
struct visit_room {
	struct loop *loop;
	struct poller *poller;
	struct slab visits; /* of struct visit */
	struct slab blocks; /* of reading arenas */
	const struct models
		*models; /* device knowledge: the built-in set, unless the owner changes it */
	size_t promised; /* blocks that visits under way are expected to need */
	struct snmp_question question; /* the one being made: a visit needs it only while it asks */
	struct ipp_room *ipp;          /* the second source; NULL: none */
	bool is_identity;              /* visits ask only who it is (discovery) */
	struct gate *gate;             /* when a question may leave; NULL: at once */
	visit_on_step *on_step;        /* or NULL */
	void *step_owner;
};

struct visit {
	struct list node;     /* ipp_visit: waiting for its turn; harvest: for the spool */
	struct spool_put put; /* harvest: on its way to the disk */
	struct visit_room *room;
	struct device *device;
	visit_on_end *on_end;
	void *owner;
	uint64_t began_ms;
	uint64_t ended_wall_ms;
	unsigned requests;
	unsigned answers;
	uint64_t received_bytes;
	struct gate_turn turn;  /* while it waits to ask */
	uint64_t asked_digest;  /* of the open question */
	uint16_t request_bytes; /* of the open question */
	uint16_t promised;      /* blocks that it is expected to need */
	bool is_checking;       /* the open question is only whether it is still there */
	bool was_prompt;        /* when it was asked: it answers, and soon */
	bool has_fallen_silent; /* on a question: this visit's last word */
	int err;
	struct ipp_ask *ipp_ask; /* ipp_visit: under way */
	uint64_t ipp_asked_wall_ms;
	bool is_ipp_waiting;
	unsigned mask;                /* harvest: the groups that changed */
	uint64_t digest[GROUP_COUNT]; /* harvest: of what was read */
	/* SNMPv3: the context that is the device's own; while another one is asked, its peer.usm
	 * has that one. */
	const char *own_context;
	uint8_t own_context_len;
	/* The device's, with the community that names the context; used while it is asked there. */
	struct snmp_peer in_context;
	char context_community[LIMIT_COMMUNITY];
	struct mib_walk walk;
	struct reading reading;
};

/* Room for `visits` at once, with `blocks` arena blocks between them. */
int visit_room_open(struct visit_room *room, struct loop *l, struct poller *poller, size_t visits,
	size_t blocks) MUST_USE;
void visit_room_close(struct visit_room *room);
size_t visit_room_ceiling(const struct visit_room *room);

int visit_start(
	struct visit_room *room, struct device *dev, visit_on_end *on_end, void *owner) MUST_USE;

/* Whether the whole state of the device is due to be sent again (S35). */
bool visit_is_full_due(const struct device *dev, uint64_t now_ms);

/* on_end still comes, with ERR_STOPPED and what was read so far. */
void visit_stop(struct visit *visit);

/* The reading was packed: its blocks are free for others. Idempotent; visit_free does it too. */
void visit_drop_reading(struct visit *visit);

void visit_free(struct visit *visit);

/* Every visit under way is told so, wherever it waits. */
void visit_stop_all(struct visit_room *room);

/* For ipp_visit.c: everything was asked, by whatever way; on_end is told. */
void visit_finish(struct visit *visit);

#endif
