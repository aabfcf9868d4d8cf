/* SPDX-License-Identifier: Apache-2.0
 * One conversation with one printer: question, answer, question ... one at a time, until the
 * reading is whole or the printer falls silent. What was read stays, with the status of each
 * group, whatever comes after. Nothing is allocated: a poll is an object of the fleet's slab.
 *
 * poll_start: a negative return means that on_end never comes; after 0 it comes exactly once,
 * never before poll_start has returned. From on_end on the poll belongs to whom it told, who
 * gives it back with poll_free. */
#ifndef PLATEN_FLEET_POLL_H
#define PLATEN_FLEET_POLL_H

#include "proto/base/err.h"
#include "proto/base/list.h"
#include "proto/base/slab.h"
#include "engine/fleet/rate_limit.h"
#include "engine/fleet/ipp_poll.h"
#include "engine/fleet/roster.h"
#include "engine/loop/loop.h"
#include "engine/snmp/snmp_client.h"
#include "engine/store/spool.h"
#include "proto/mib/mib.h"
#include "proto/reading/reading.h"

#include <stddef.h>
#include <stdint.h>

struct poll;

struct poll_end {
	int err; /* 0, ERR_SNMP_TIMEOUT, ERR_STOPPED ...: why it ended before everything was asked
		  */
	uint64_t took_ms;
	unsigned requests;
};

typedef void poll_on_end(void *owner, struct poll *poll, struct poll_end how);

/* Printed by `platen poll --trace`: each question and what came of it. */
typedef void poll_on_step(
	void *owner, const struct snmp_request *asked, const struct snmp_response *reply);

/* What all polls share. */
struct poll_context {
	struct loop *loop;
	struct snmp_client *client;
	struct slab polls;  /* of struct poll */
	struct slab blocks; /* of reading arenas */
	const struct models
		*models; /* device knowledge: the built-in set, unless the owner changes it */
	size_t promised; /* blocks that polls under way are expected to need */
	struct snmp_request question;  /* the one being made: a poll needs it only while it asks */
	struct ipp_context *ipp;       /* the second source; NULL: none */
	bool is_identity;              /* polls ask only who it is (discovery) */
	struct rate_limit *rate_limit; /* when a question may leave; NULL: at once */
	poll_on_step *on_step;         /* or NULL */
	void *step_owner;
};

struct poll {
	struct list node;     /* ipp_poll: waiting for its turn; harvest: for the spool */
	struct spool_put put; /* harvest: on its way to the disk */
	struct poll_context *room;
	struct device *device;
	poll_on_end *on_end;
	void *owner;
	uint64_t began_ms;
	uint64_t ended_wall_ms;
	unsigned requests;
	unsigned answers;
	uint64_t received_bytes;
	struct rate_wait turn;       /* while it waits to ask */
	uint64_t asked_digest;       /* of the open question */
	uint16_t request_bytes;      /* of the open question */
	uint16_t promised;           /* blocks that it is expected to need */
	bool is_checking;            /* the open question is only whether it is still there */
	bool was_prompt;             /* when it was asked: it answers, and soon */
	bool has_stopped_responding; /* on a question: this poll's last word */
	int err;
	struct ipp_query *ipp_query; /* ipp_poll: under way */
	uint64_t ipp_sent_wall_ms;
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
	struct mib_plan walk;
	struct reading reading;
};

/* Room for `polls` at once, with `blocks` arena blocks between them. */
int poll_context_open(struct poll_context *room, struct loop *l, struct snmp_client *client,
	size_t polls, size_t blocks) MUST_USE;
void poll_context_close(struct poll_context *room);
size_t poll_context_ceiling(const struct poll_context *room);

int poll_start(
	struct poll_context *room, struct device *dev, poll_on_end *on_end, void *owner) MUST_USE;

/* Whether the whole state of the device is due to be sent again (S35). */
bool poll_is_full_due(const struct device *dev, uint64_t now_ms);

/* on_end still comes, with ERR_STOPPED and what was read so far. */
void poll_stop(struct poll *poll);

/* The reading was packed: its blocks are free for others. Idempotent; poll_free does it too. */
void poll_drop_reading(struct poll *poll);

void poll_free(struct poll *poll);

/* Every poll under way is told so, wherever it waits. */
void poll_stop_all(struct poll_context *room);

/* For ipp_poll.c: everything was asked, by whatever way; on_end is told. */
void poll_finish(struct poll *poll);

#endif
